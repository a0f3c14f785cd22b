import { Buffer } from 'node:buffer'
import { applyEdits, type Edit, setScalar } from './cut.ts'
import type { DecodedBody } from './decode.ts'
import { type RawHeaders, setHeader } from './headers.ts'
import { type JsonDoc, scalarAt, scanJson } from './json-scan.ts'
import { find, rootItem } from './path.ts'
import { captured, type ItemContext, readValue } from './value.ts'
import type { Value } from './value-definition.ts'

/** What must be written so that a value reads as a text: into the document, or into a header. */
export type Write = { node: number; text: string } | { header: string; text: string }

/**
 * What must be written for a value to read as `text`, through the same paths through which it is read.
 * @throws Error where nothing stands there, or the value cannot be written (a fixed or composed one)
 */
export function writeValue(context: ItemContext, value: Value, text: string): Write {
  if (typeof value === 'string') {
    const found = find(context.doc, value, context.item)
    if (found && scalarAt(context.doc, found.node) !== undefined) return { node: found.node, text }
    throw new Error(`nothing stands at ${value}`)
  }
  if ('header' in value) return { header: value.header, text }
  if ('first' in value || 'join' in value) {
    const there = ('first' in value ? value.first : value.join).filter(one => readValue(context, one) !== undefined)
    const [first] = there
    if (first === undefined) throw new Error('none of the alternatives of a value stands in it')
    if ('first' in value || there.length === 1) return writeValue(context, first, text)
  }
  if ('part' in value) {
    const { of, by, from, to } = value.part
    const pieces = readValue(context, of)?.text.split(by) ?? []
    const behind = to === undefined ? [] : pieces.slice(to)
    return writeValue(context, of, [...pieces.slice(0, from), text, ...behind].join(by))
  }
  if ('capture' in value) {
    const { of, pattern } = value.capture
    const whole = readValue(context, of)?.text ?? ''
    const group = captured(whole, pattern)
    if (!group) throw new Error(`nothing fits ${pattern}`)
    return writeValue(context, of, whole.slice(0, group.from) + text + whole.slice(group.to))
  }
  if ('map' in value) {
    const { of, words } = value.map
    const word = Object.entries(words).find(([, said]) => said === text)?.[0]
    if (word === undefined && Object.hasOwn(words, text)) throw new Error(`${text} would be read as another word`)
    return writeValue(context, of, word ?? text)
  }
  if ('base64Json' in value) return writeBase64(context, value.base64Json, text)
  if (readValue(context, value)?.text === text) return { header: '', text }
  throw new Error('a fixed or composed value cannot be written')
}

function writeBase64(context: ItemContext, { of, at }: { of: Value; at: string }, text: string): Write {
  const outer = readValue(context, of)?.text ?? ''
  const inner = scanJson(Buffer.from(outer, 'base64'))
  const found = 'fault' in inner ? undefined : find(inner, at, rootItem)
  if ('fault' in inner || !found) throw new Error(`nothing stands at ${at} behind base64`)
  const changed = applyEdits(inner.bytes, [setScalar(inner, found.node, text)])
  const url = /[-_]/.test(outer) || (!outer.includes('=') && outer.length % 4 !== 0)
  return writeValue(context, of, changed.toString(url ? 'base64url' : 'base64'))
}

/** A message with writes made, all of them into the one document that its body was decoded into. */
export function applyWrites(
  { headers, body }: { headers: RawHeaders; body: Buffer },
  decoded: DecodedBody,
  writes: Write[],
): { headers: RawHeaders; body: Buffer } {
  const { doc, by } = decoded
  const edits = new Map<number, { node: number; text: string }>()
  let changed = headers
  for (const write of writes) {
    if ('node' in write) edits.set(write.node, write)
    else if (write.header !== '') changed = setHeader(changed, write.header, write.text)
  }
  if (edits.size === 0) return { headers: changed, body }
  const list = [...edits.values()]
  if (by === 'form') return { headers: changed, body: writeFields(body, doc, list) }
  const whole = applyEdits(
    doc.bytes,
    list.map(({ node, text }): Edit => setScalar(doc, node, text)),
  )
  if (typeof by === 'object') return { headers: changed, body: writeField(body, by.jsonField, whole.toString()) }
  return { headers: changed, body: by === 'json' ? whole : body }
}

/** Fields of a form whose values are nodes of its document. */
function writeFields(body: Buffer, doc: JsonDoc, writes: { node: number; text: string }[]): Buffer {
  const names = fieldNames(doc)
  return writes.reduce((form, { node, text }) => writeField(form, names.get(node) ?? '', text), body)
}

/** Node of a value → the name of its field: `data[merges][FNAME]`. */
function fieldNames(doc: JsonDoc): Map<number, string> {
  const names = new Map<number, string>()
  const walk = (object: number, lead: string): void => {
    const end = doc.next[object] as number
    for (let key = object + 1; key < end; key = doc.next[key + 1] as number) {
      const name = scalarAt(doc, key) as string
      const full = lead === '' ? name : `${lead}[${name}]`
      if (scalarAt(doc, key + 1) === undefined) walk(key + 1, full)
      else names.set(key + 1, full)
    }
  }
  walk(0, '')
  return names
}

/** Replaces the value of one field in place, everything else of the form stays as it is written. @throws Error without it */
function writeField(form: Buffer, name: string, value: string): Buffer {
  if (fieldAt(form, name) < 0) throw new Error(`there is no field ${name}`)
  return setField(form, name, value)
}

/** A form with one field set, in place; one that is missing is added at its end. Everything else stays as it is written. */
export function setField(form: Buffer, name: string, value: string): Buffer {
  const pairs = form.length === 0 ? [] : pairsOf(form)
  const index = fieldAt(form, name)
  const raw = pairs[index]?.split('=')[0] ?? encodeText(name)
  pairs[index < 0 ? pairs.length : index] = `${raw}=${encodeText(value)}`
  return Buffer.from(pairs.join('&'), 'latin1')
}

/** Of doubled names the last counts. */
function fieldAt(form: Buffer, name: string): number {
  return pairsOf(form).findLastIndex(pair => decodeName(pair.split('=')[0] as string) === name)
}

function pairsOf(form: Buffer): string[] {
  return form.toString('latin1').split('&')
}

function encodeText(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+')
}

function decodeName(raw: string): string {
  return [...new URLSearchParams(`${raw}=`).keys()][0] ?? raw
}
