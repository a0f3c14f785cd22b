import type { Path } from './definition.ts'
import { elements, type JsonDoc, kinds } from './json-scan.ts'
import { compilePath, pointerStep, type SplitItem, type Step, stepInto } from './path.ts'

export const maxItems = 10_000

/** An item of a delivery. `whole` is false where the split path ended early and this is the deepest that exists. */
export interface Item extends SplitItem {
  whole: boolean
}

/**
 * Splits a body into items: the first alternative whose first step fits the root is walked, and where a step is
 * missing below, the deepest that exists is an item itself (not whole), so that nothing of a delivery disappears.
 * Undefined where there are more than 10,000 items.
 */
export function splitItems(doc: JsonDoc, alternatives: Path[]): Item[] | undefined {
  const fitting = alternatives.find(path => fits(doc, path))
  const root: Item = { node: 0, pointer: '', stars: [], whole: false }
  if (fitting === undefined) return [root]
  const { steps } = compilePath(fitting)
  let level: Item[] = [{ ...root, whole: true }]
  const early: Item[] = []
  for (const step of steps) {
    const below: Item[] = []
    for (const item of level) {
      const found = descend(doc, item, step)
      if (found.length === 0) early.push({ ...item, whole: false })
      else for (const one of found) below.push(one)
      if (below.length + early.length > maxItems) return undefined
    }
    level = below
  }
  return early.length === 0 ? level : [...level, ...early].sort((left, right) => left.node - right.node)
}

function fits(doc: JsonDoc, path: Path): boolean {
  const first = compilePath(path).steps[0]
  if (first === undefined) return true
  if (first === 'every') return doc.kind[0] === kinds.array
  return stepInto(doc, 0, first) >= 0
}

function descend(doc: JsonDoc, item: Item, step: Step): Item[] {
  if (step === 'every') {
    return elements(doc, item.node).map((node, index) => {
      const found = { node, pointer: `${item.pointer}/${index}` }
      return { ...found, stars: [...item.stars, found], whole: true }
    })
  }
  const node = stepInto(doc, item.node, step)
  return node < 0 ? [] : [{ node, pointer: item.pointer + pointerStep(step), stars: item.stars, whole: true }]
}
