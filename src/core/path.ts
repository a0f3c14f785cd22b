import { Buffer } from 'node:buffer'
import type { Path } from './definition.ts'
import { elements, type JsonDoc, kinds, member } from './json-scan.ts'

/** One step of a path: a key, an index, or every element. */
export type Step = { key: string; bytes: Buffer } | { index: number } | 'every'

export interface CompiledPath {
  /** `$`: from the body; `@`: from the item. */
  root: '$' | '@'
  steps: Step[]
}

/** A node found, with the JSON pointer (RFC 6901) to it. */
export interface Found {
  node: number
  pointer: string
}

/** An item of a split: also the element that was taken at each `[*]` of the split path. */
export interface SplitItem extends Found {
  stars: Found[]
}

const compiled = new Map<Path, CompiledPath>()
const stepPattern = /\.([A-Za-z_][A-Za-z0-9_-]*)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]|\[(\*)\]/y

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
  stepPattern.lastIndex = 1
  while (stepPattern.lastIndex < path.length) {
    const from = stepPattern.lastIndex
    const match = stepPattern.exec(path)
    if (!match) throw new Error(`path "${path}" is not understood from "${path.slice(from)}"`)
    const key = match[1] ?? match[2]?.replace(/\\(.)/g, '$1')
    if (key !== undefined) steps.push({ key, bytes: Buffer.from(key) })
    else steps.push(match[4] ? 'every' : { index: Number(match[3]) })
  }
  const result: CompiledPath = { root, steps }
  compiled.set(path, result)
  return result
}

/** One step down from a node: its number, or -1. */
export function stepInto(doc: JsonDoc, node: number, step: Exclude<Step, 'every'>): number {
  if ('bytes' in step) return member(doc, node, step.bytes)
  if (doc.kind[node] !== kinds.array) return -1
  return elements(doc, node)[step.index] ?? -1
}

/** The text of a step in a JSON pointer. */
export function pointerStep(step: Exclude<Step, 'every'>): string {
  const text = 'bytes' in step ? step.key : String(step.index)
  return `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * Follows a path to one value. A `[*]` of a path from the body takes the element that `item` has there, so that it can
 * name an ancestor of the item (the definition validator holds both paths to the same beginning).
 * Undefined where the path does not exist.
 */
export function find(doc: JsonDoc, path: Path, item: SplitItem): Found | undefined {
  const { root, steps } = compilePath(path)
  let found: Found = root === '$' ? { node: 0, pointer: '' } : item
  let stars = 0
  for (const step of steps) {
    if (step === 'every') {
      const star = item.stars[stars++]
      if (!star) return undefined
      found = star
      continue
    }
    const node = stepInto(doc, found.node, step)
    if (node < 0) return undefined
    found = { node, pointer: found.pointer + pointerStep(step) }
  }
  return found
}
