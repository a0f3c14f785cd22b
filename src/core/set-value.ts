import type { Buffer } from 'node:buffer'
import { addEdit, applyEdits, type Edit, setScalar } from './cut.ts'
import type { ProviderDefinition } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import { type JsonDoc, kinds, scanJson } from './json-scan.ts'
import { compilePath, type PlainStep, stepInto } from './path.ts'
import { splitItems } from './split.ts'

/** One `--set path=value`, such as `intuitentityid=7`, `data.note=hello` or `$.total=12`. */
export interface SetValue {
  path: string
  value: string
}

/**
 * Writes values into a body as byte edits, one after the other. A path without `$` or `@` begins at the item, and every
 * item gets the value. A text stays a text and a number a number; elsewhere what is JSON is written as JSON, anything
 * else as a text. A last key that is missing is added.
 * @throws WhsError `bad-set` (exit 2) for a path that leads nowhere, or leads through an array (`[*]`).
 */
export function setValues(definition: ProviderDefinition, body: Buffer, values: SetValue[]): Buffer {
  return values.reduce((bytes, one) => setOne(definition, bytes, one), body)
}

function setOne(definition: ProviderDefinition, body: Buffer, { path, value }: SetValue): Buffer {
  const { root, steps } = stepsOf(path)
  const doc = scanJson(body)
  if ('fault' in doc) throw badSet(path, `the body is not JSON: ${doc.fault}`)
  const items = splitItems(doc, definition.webhook.split) ?? []
  const from = root === '$' ? [0] : items.map(item => item.node)
  return applyEdits(
    body,
    from.map(node => editAt(doc, node, steps, path, value)),
  )
}

function stepsOf(path: string): { root: '$' | '@'; steps: PlainStep[] } {
  const whole = /^[$@]/.test(path) ? path : path.startsWith('[') ? `@${path}` : `@.${path}`
  let compiled: ReturnType<typeof compilePath>
  try {
    compiled = compilePath(whole)
  } catch (error) {
    throw badSet(path, (error as Error).message)
  }
  const steps = compiled.steps.filter(step => step !== 'every' && !('keys' in step)) as PlainStep[]
  if (steps.length === 0 || steps.length < compiled.steps.length) throw badSet(path, 'it must name one value')
  return { root: compiled.root, steps }
}

function editAt(doc: JsonDoc, from: number, steps: PlainStep[], path: string, value: string): Edit {
  let node = from
  for (const [index, step] of steps.entries()) {
    const below = stepInto(doc, node, step)
    if (below >= 0) {
      node = below
      continue
    }
    if (index < steps.length - 1 || !('key' in step) || doc.kind[node] !== kinds.object) {
      throw badSet(path, `there is no ${'key' in step ? step.key : `element ${step.index}`} in it`)
    }
    return addEdit(doc, node, `${JSON.stringify(step.key)}:${jsonOf(value)}`)
  }
  const kind = doc.kind[node]
  if (kind === kinds.string || kind === kinds.escaped) return setScalar(doc, node, value)
  return { from: doc.start[node] as number, to: doc.end[node] as number, text: jsonOf(value) }
}

function jsonOf(value: string): string {
  try {
    JSON.parse(value)
    return value
  } catch {
    return JSON.stringify(value)
  }
}

/** That a value cannot be written at a path, and why. */
export function badSet(
  path: string,
  why: string,
  next = 'paths look like data.total, $.time or lines[0].amount',
): WhsError {
  return new WhsError({ code: 'bad-set', exit: exits.usage, what: `--set ${path} cannot be written`, why, next })
}
