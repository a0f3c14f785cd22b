import { Buffer } from 'node:buffer'
import { elements, type JsonDoc, kinds, member } from './json-scan.ts'
import type { Path } from './value-definition.ts'

interface KeyStep {
  key: string
  bytes: Buffer
  /** As a step of a JSON pointer (RFC 6901). */
  pointer: string
}
/** One step down: a key or an index. */
export type PlainStep = KeyStep | { index: number }
/** One step of a path; in a split also every element, or each of several keys that exists. */
export type Step = PlainStep | { keys: KeyStep[] } | 'every'

export interface CompiledPath {
  /** `$`: from the body; `@`: from the item. */
  root: '$' | '@'
  steps: Step[]
  /** The path's own beginnings, up to each of its `[*]`. */
  leads: string[]
  /** The steps behind the last `[*]`; all of them where there is none. */
  tail: Exclude<Step, 'every'>[]
}

/** A node found, with the JSON pointer (RFC 6901) to it. */
export interface Found {
  node: number
  pointer: string
}

/** An item of a split: also the element that was taken at each `[*]` of the split path, which is `lead` up to there. */
export interface SplitItem extends Found {
  stars: Star[]
}
export interface Star extends Found {
  lead: string
}

const compiled = new Map<Path, CompiledPath>()
const quoted = "'(?:[^'\\\\]|\\\\.)*'"
const stepPattern = new RegExp(
  `\\.([A-Za-z_][A-Za-z0-9_-]*)|\\[(${quoted}(?:,${quoted})*)\\]|\\[(\\d+)\\]|\\[(\\*)\\]`,
  'y',
)

/**
 * Reads a path of the subset of JSONPath (RFC 9535) that definitions use. The result is kept.
 * @throws Error for text that is no such path; the definition validator turns it into a message.
 */
export function compilePath(path: Path): CompiledPath {
  const known = compiled.get(path)
  if (known) return known
  const root = path[0]
  if (root !== '$' && root !== '@') throw new Error(`path "${path}" must begin with $ or @`)
  const steps: Step[] = []
  const leads: string[] = []
  let tail: CompiledPath['tail'] = []
  stepPattern.lastIndex = 1
  while (stepPattern.lastIndex < path.length) {
    const from = stepPattern.lastIndex
    const match = stepPattern.exec(path)
    if (!match) throw new Error(`path "${path}" is not understood from "${path.slice(from)}"`)
    const step = stepOf(match)
    steps.push(step)
    if (step === 'every') {
      leads.push(path.slice(0, stepPattern.lastIndex))
      tail = []
    } else tail.push(step)
  }
  const result: CompiledPath = { root, steps, leads, tail }
  compiled.set(path, result)
  return result
}

function stepOf([, name, names, index]: RegExpExecArray): Step {
  if (name !== undefined) return keyStep(name)
  if (index !== undefined) return { index: Number(index) }
  if (names === undefined) return 'every'
  const keys = (names.match(new RegExp(quoted, 'g')) ?? []).map(text =>
    keyStep(text.slice(1, -1).replace(/\\(.)/g, '$1')),
  )
  return keys.length === 1 ? (keys[0] as KeyStep) : { keys }
}

function keyStep(key: string): KeyStep {
  return { key, bytes: Buffer.from(key), pointer: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }
}

/** One step down from a node: its number, or -1. */
export function stepInto(doc: JsonDoc, node: number, step: PlainStep): number {
  if ('bytes' in step) return member(doc, node, step.bytes)
  if (doc.kind[node] !== kinds.array) return -1
  return elements(doc, node)[step.index] ?? -1
}

/** The text of a step in a JSON pointer. */
export function pointerStep(step: PlainStep): string {
  return 'bytes' in step ? step.pointer : `/${step.index}`
}

/**
 * Follows a path to one value. A `[*]` of a path from the body takes the element that `item` has there, so that it can
 * name an ancestor of the item (the definition validator holds both paths to the same beginning).
 * Undefined where the path does not exist.
 */
export function find(doc: JsonDoc, path: Path, item: SplitItem): Found | undefined {
  const { root, leads, tail } = compilePath(path)
  let found: Found = root === '$' ? { node: 0, pointer: '' } : item
  if (leads.length > 0) {
    const star = item.stars[leads.length - 1]
    if (!star || star.lead !== leads.at(-1)) return undefined
    found = star
  }
  // What stands before the last `[*]` is not walked again for every item: a delivery may have 10,000.
  for (const step of tail) {
    if ('keys' in step) return undefined
    const node = stepInto(doc, found.node, step)
    if (node < 0) return undefined
    found = { node, pointer: found.pointer + pointerStep(step) }
  }
  return found
}

/** The root of a document as an item: what an API's answer is read from. */
export const rootItem: SplitItem = { node: 0, pointer: '', stars: [] }
