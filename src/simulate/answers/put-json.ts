import type { Buffer } from 'node:buffer'
import { addEdit, applyEdits, type Edit } from '../../core/cut.ts'
import { type JsonDoc, kinds, scanJson } from '../../core/json-scan.ts'
import { compilePath, type PlainStep, rootItem, type SplitItem, stepInto } from '../../core/path.ts'

type JsonValue = string | number | boolean | []

/** @throws Error for bytes that are no JSON: a fixture is wrong. */
export function scanned(bytes: Buffer): JsonDoc {
  const doc = scanJson(bytes)
  if ('fault' in doc) throw new Error(`a fixture is no JSON: ${doc.fault}, at byte ${doc.at}`)
  return doc
}

/**
 * The bytes with a value at a path, as a byte edit: what stands there keeps its kind (a string stays one, a number too),
 * and what is missing on the way is made. A `[*]` is the element that the item has there, else the first.
 */
export function putJson(bytes: Buffer, path: string, value: JsonValue, item?: SplitItem): Buffer {
  const doc = scanned(bytes)
  const { root, steps } = compilePath(path)
  let node = root === '$' ? rootItem.node : (item ?? rootItem).node
  let stars = 0
  for (const [index, step] of steps.entries()) {
    const plain = step === 'every' ? { index: 0 } : 'keys' in step ? (step.keys[0] as PlainStep) : step
    const star = step === 'every' ? item?.stars[stars++] : undefined
    const below = star ? star.node : stepInto(doc, node, plain)
    if (below < 0) {
      const rest = steps.slice(index + 1).map(one => (typeof one === 'object' && 'key' in one ? one.key : null))
      return applyEdits(bytes, [inserted(doc, node, plain, nested(rest, value))])
    }
    node = below
  }
  return applyEdits(bytes, [replaced(doc, node, rawOf(doc, node, value))])
}

function nested(keys: (string | null)[], value: JsonValue): string {
  return keys.reduceRight<string>(
    (raw, key) => (key === null ? `[${raw}]` : `{${JSON.stringify(key)}:${raw}}`),
    JSON.stringify(value),
  )
}

function inserted(doc: JsonDoc, node: number, step: PlainStep, raw: string): Edit {
  const isKey = 'key' in step
  const member = isKey ? `${JSON.stringify(step.key)}:${raw}` : raw
  if (doc.kind[node] !== (isKey ? kinds.object : kinds.array)) {
    return replaced(doc, node, isKey ? `{${member}}` : `[${member}]`)
  }
  return addEdit(doc, node, member)
}

function replaced(doc: JsonDoc, node: number, text: string): Edit {
  return { from: doc.start[node] as number, to: doc.end[node] as number, text }
}

function rawOf(doc: JsonDoc, node: number, value: JsonValue): string {
  const kind = doc.kind[node]
  if (kind === kinds.string || kind === kinds.escaped) return JSON.stringify(String(value))
  if (kind === kinds.number && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(String(value))) return String(value)
  return JSON.stringify(value)
}

/** The bytes with an element of an array repeated, so that it stands there `times` in a row. */
export function repeated(bytes: Buffer, element: number, times: number): Buffer {
  const doc = scanned(bytes)
  const at = doc.end[element] as number
  const raw = bytes.toString('utf8', doc.start[element], at)
  return applyEdits(bytes, [{ from: at, to: at, text: `,${raw}`.repeat(times - 1) }])
}
