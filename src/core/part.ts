import type { Buffer } from 'node:buffer'
import { applyEdits, cutEdits, type Edit, emptyEdit } from './cut.ts'
import type { ProviderDefinition } from './definition.ts'
import { type JsonDoc, scanJson } from './json-scan.ts'
import { find, rootItem } from './path.ts'
import { doubledKey, splitItems } from './split.ts'

/**
 * The bytes of a delivery with only some of its items, given by where they start. `null` where every item is kept (the
 * original bytes then go out untouched), also where the delivery was kept whole because it could not be read.
 * In a cut part what stands `alongside` is emptied.
 * @throws Error when the body does not split into items that start there: the caller must then send nothing.
 */
export function cutPart(definition: ProviderDefinition, body: Buffer, starts: number[]): Buffer | null {
  const doc = scanJson(body)
  if ('fault' in doc) {
    if (starts.length === 1 && starts[0] === 0) return null
    throw new Error(`the body cannot be cut: ${doc.fault}`)
  }
  const { split, alongside = [] } = definition.webhook
  const items = doubledKey(doc, [...split, ...alongside]) === undefined ? (splitItems(doc, split) ?? []) : []
  const wanted = new Set(starts)
  const keep = items.filter(item => wanted.has(doc.start[item.node] as number)).map(item => item.node)
  if (keep.length === 0 && starts.length === 1 && starts[0] === 0) return null
  if (keep.length !== wanted.size) throw new Error('the body does not split as it did when it arrived')
  if (keep.length === items.length) return null
  const kept = new Set(keep)
  const drop = items.map(item => item.node).filter(node => !kept.has(node))
  return applyEdits(body, outermost([...cutEdits(doc, keep, drop), ...alongsideEdits(definition, doc, keep)]))
}

/** What stands beside the items and may speak of others is emptied, unless an item of the part lies in it or around it. */
function alongsideEdits(definition: ProviderDefinition, doc: JsonDoc, keep: number[]): Edit[] {
  const next = (node: number): number => doc.next[node] as number
  return (definition.webhook.alongside ?? []).flatMap(path => {
    const node = find(doc, path, rootItem)?.node
    if (node === undefined || keep.some(one => one < next(node) && node < next(one))) return []
    return emptyEdit(doc, node) ?? []
  })
}

/** The edits that lie in no other one. */
function outermost(edits: Edit[]): Edit[] {
  const sorted = edits.sort((left, right) => left.from - right.from || right.to - left.to)
  let end = -1
  return sorted.filter(({ from, to }) => {
    if (from < end && to <= end) return false
    end = Math.max(end, to)
    return true
  })
}
