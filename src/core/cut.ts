import { Buffer } from 'node:buffer'
import { elements, type JsonDoc, kinds } from './json-scan.ts'

/** Bytes to be replaced by others; an empty text removes them. Offsets are into the original. */
export interface Edit {
  from: number
  to: number
  text: string
}

/** The bytes with the edits made. Edits must not overlap; their order does not matter. */
export function applyEdits(bytes: Buffer, edits: Edit[]): Buffer {
  const pieces: Buffer[] = []
  let at = 0
  for (const edit of [...edits].sort((left, right) => left.from - right.from)) {
    if (edit.from < at) throw new Error('edits overlap')
    pieces.push(bytes.subarray(at, edit.from), Buffer.from(edit.text))
    at = edit.to
  }
  pieces.push(bytes.subarray(at))
  return Buffer.concat(pieces)
}

/**
 * The edits that leave only some items in a body: of everything else, the highest array element that holds nothing
 * kept is removed with one comma. All other bytes stay as they are.
 * `keep` and `drop` are item nodes of the same split.
 */
export function cutEdits(doc: JsonDoc, keep: number[], drop: number[]): Edit[] {
  const kept = [...keep].sort((left, right) => left - right)
  const dropped = [...drop].sort((left, right) => left - right)
  const edits: Edit[] = []
  visit(0)
  return edits

  function visit(node: number): void {
    const end = doc.next[node] as number
    if (!anyWithin(dropped, node, end)) return
    if (doc.kind[node] === kinds.array) {
      const all = elements(doc, node)
      const gone = all.map(one => holdsOnlyDropped(one))
      removeElements(all, gone)
      for (const [index, one] of all.entries()) if (!gone[index]) visit(one)
      return
    }
    for (let child = node + 1; child < end; child = doc.next[child] as number) visit(child)
  }

  function holdsOnlyDropped(node: number): boolean {
    const end = doc.next[node] as number
    return anyWithin(dropped, node, end) && !anyWithin(kept, node, end)
  }

  /** A run of removed elements takes the comma before it, or, at the front, the one behind it. */
  function removeElements(all: number[], gone: boolean[]): void {
    let first = 0
    while (first < all.length) {
      if (!gone[first]) {
        first++
        continue
      }
      let last = first
      while (gone[last + 1]) last++
      const before = all[first - 1]
      const behind = all[last + 1]
      const from = before === undefined ? (doc.start[all[first] as number] as number) : (doc.end[before] as number)
      const alone = before === undefined && behind !== undefined
      const to = alone ? (doc.start[behind] as number) : (doc.end[all[last] as number] as number)
      edits.push({ from, to, text: '' })
      first = last + 1
    }
  }
}

/** The edit that leaves an array or object without anything in it; undefined for what has nothing. */
export function emptyEdit(doc: JsonDoc, node: number): Edit | undefined {
  const isHolder = doc.kind[node] === kinds.array || doc.kind[node] === kinds.object
  if (!isHolder || doc.next[node] === node + 1) return undefined
  return { from: (doc.start[node] as number) + 1, to: (doc.end[node] as number) - 1, text: '' }
}

/** The edit that puts a member (`"key":value`) or an element behind what an object or array holds. */
export function addEdit(doc: JsonDoc, holder: number, raw: string): Edit {
  const at = (doc.end[holder] as number) - 1
  const isEmpty = doc.next[holder] === holder + 1
  return { from: at, to: at, text: isEmpty ? raw : `,${raw}` }
}

/** Whether a sorted list has a number in [from, to). */
function anyWithin(sorted: number[], from: number, to: number): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < from) low = middle + 1
    else high = middle
  }
  return low < sorted.length && (sorted[low] as number) < to
}

/** The edit that gives a scalar another value, keeping its kind: a string stays a string, a number a number. */
export function setScalar(doc: JsonDoc, node: number, value: string): Edit {
  const isNumber = doc.kind[node] === kinds.number && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)
  const from = doc.start[node] as number
  return { from, to: doc.end[node] as number, text: isNumber ? value : JSON.stringify(value) }
}
