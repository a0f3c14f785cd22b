import type { Buffer } from 'node:buffer'
import { elements, isKey, type JsonDoc, kinds, member } from './json-scan.ts'
import { compilePath, type PlainStep, pointerStep, type SplitItem, type Step, stepInto } from './path.ts'
import type { Path } from './value-definition.ts'

export const maxItems = 10_000

/** An item of a delivery. `whole` is false where the split path ended early and this is the deepest that exists. */
export interface Item extends SplitItem {
  whole: boolean
}

/**
 * Splits a body into items, in their order. Every path whose first step fits the root is walked; an item of a later path
 * counts where none of an earlier path lies inside it or around it. Where a step is missing below and no path reaches, the
 * deepest that exists is an item itself (not whole), so that nothing of a delivery disappears.
 * Undefined where there are more than 10,000 items.
 */
export function splitItems(doc: JsonDoc, paths: Path[]): Item[] | undefined {
  const fitting = paths.filter(path => fits(doc, path))
  if (fitting.length === 0) return [{ node: 0, pointer: '', stars: [], whole: false }]
  let whole: Item[] = []
  let early: Item[] = []
  for (const path of fitting) {
    const walked = walk(doc, path)
    if (!walked) return undefined
    if (whole.length === 0) whole = walked.whole
    else whole = inOrder([...whole, ...walked.whole.filter(item => !touches(doc, item, whole))])
    early = early.concat(walked.early)
    if (whole.length + early.length > maxItems * paths.length) return undefined
  }
  const left = early.length === 0 || fitting.length === 1 ? early : deepestOnly(doc, early, whole)
  const items = left.length === 0 ? whole : inOrder([...whole, ...left])
  return items.length > maxItems ? undefined : items
}

/**
 * The first key on the way of paths that its object has twice. What stands under the copy that is passed over is in no
 * item, so that it could neither be given to anybody nor be cut out: such a body must not be split.
 */
export function doubledKey(doc: JsonDoc, paths: Path[]): string | undefined {
  for (const path of paths) {
    let level = [0]
    for (const step of compilePath(path).steps) {
      const steps: PlainStep[] = step === 'every' ? [] : 'keys' in step ? step.keys : [step]
      for (const one of steps) {
        if ('bytes' in one && level.some(node => isDoubled(doc, node, one.bytes))) return one.key
      }
      level = level.flatMap(node =>
        step === 'every' ? elements(doc, node) : steps.map(one => stepInto(doc, node, one)).filter(below => below >= 0),
      )
    }
  }
  return undefined
}

function inOrder(items: Item[]): Item[] {
  return items.sort((left, right) => left.node - right.node)
}

/** Whether one of the sorted items lies inside an item, or around it. */
function touches(doc: JsonDoc, item: Item, sorted: Item[]): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as Item).node < item.node) low = middle + 1
    else high = middle
  }
  const behind = sorted[low]
  if (behind && behind.node < (doc.next[item.node] as number)) return true
  const before = sorted[low - 1]
  return before !== undefined && item.node < (doc.next[before.node] as number)
}

/** Of what several paths left unread: what no item touches, once, and not what holds another one. */
function deepestOnly(doc: JsonDoc, early: Item[], whole: Item[]): Item[] {
  const kept: Item[] = []
  for (const item of inOrder(early).reverse()) {
    const behind = kept.at(-1)
    const holdsIt = behind !== undefined && behind.node < (doc.next[item.node] as number)
    if (holdsIt || touches(doc, item, whole)) continue
    kept.push(item)
  }
  return kept
}

function fits(doc: JsonDoc, path: Path): boolean {
  const first = compilePath(path).steps[0]
  if (first === undefined) return true
  if (first === 'every') return doc.kind[0] === kinds.array
  const steps: PlainStep[] = 'keys' in first ? first.keys : [first]
  return steps.some(step => stepInto(doc, 0, step) >= 0)
}

function walk(doc: JsonDoc, path: Path): { whole: Item[]; early: Item[] } | undefined {
  let level: Item[] = [{ node: 0, pointer: '', stars: [], whole: true }]
  const early: Item[] = []
  const { steps, leads } = compilePath(path)
  for (const step of steps) {
    const below: Item[] = []
    for (const item of level) {
      const found = descend(doc, item, step, leads)
      if (!found) return undefined
      if (found.length === 0) early.push({ ...item, whole: false })
      else for (const one of found) below.push(one)
      if (below.length + early.length > maxItems) return undefined
    }
    level = below
  }
  return { whole: inOrder(level), early }
}

/** One step down from an item; undefined where that leads to more than there may be. */
function descend(doc: JsonDoc, item: Item, step: Step, leads: string[]): Item[] | undefined {
  if (step === 'every') {
    const all = elements(doc, item.node)
    if (all.length > maxItems) return undefined
    const lead = leads[item.stars.length] as string
    return all.map((node, index) => {
      const pointer = `${item.pointer}/${index}`
      return { node, pointer, stars: [...item.stars, { node, pointer, lead }], whole: true }
    })
  }
  const steps: PlainStep[] = 'keys' in step ? step.keys : [step]
  return steps.flatMap(one => {
    const node = stepInto(doc, item.node, one)
    return node < 0 ? [] : [{ node, pointer: item.pointer + pointerStep(one), stars: item.stars, whole: true }]
  })
}

/** Whether an object has a key more than once. */
function isDoubled(doc: JsonDoc, object: number, key: Buffer): boolean {
  const last = member(doc, object, key) - 1
  for (let node = object + 1; node < last; node = doc.next[node + 1] as number) {
    if (isKey(doc, node, key)) return true
  }
  return false
}
