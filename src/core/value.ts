import { Buffer } from 'node:buffer'
import { type RawHeaders, wholeHeader } from './headers.ts'
import { type JsonDoc, scalarAt, scanJson } from './json-scan.ts'
import { find, rootItem, type SplitItem } from './path.ts'
import type { Value } from './value-definition.ts'

/** What values are read from: one item of a decoded delivery (or an API's answer), its headers and its URL's query. */
export interface ItemContext {
  doc: JsonDoc
  item: SplitItem
  headers: RawHeaders
  query: URLSearchParams
}

/** A value with the place it was read from: a JSON pointer into the body, `header:<name>`, `query:<name>` or `fixed`. */
export interface Read {
  text: string
  place: string
}

const captureLimit = 512
const nothing = new URLSearchParams()

/** The context of an API's JSON answer, whole; undefined where it is no JSON. */
export function answerContext(bytes: Buffer): ItemContext | undefined {
  const doc = scanJson(bytes)
  return 'fault' in doc ? undefined : { doc, item: rootItem, headers: [], query: nothing }
}

/** Reads a value; undefined where nothing (or nothing but an empty text) stands there. Pieces join their places by `+`. */
export function readValue(context: ItemContext, value: Value): Read | undefined {
  if (typeof value === 'string') return readPath(context, value)
  if ('header' in value) return readNamed(wholeHeader(context.headers, value.header), `header:${value.header}`)
  if ('query' in value) return readNamed(context.query.get(value.query), `query:${value.query}`)
  if ('text' in value) return { text: value.text, place: 'fixed' }
  if ('first' in value) return readFirst(context, value.first)
  if ('join' in value) {
    const reads = value.join.flatMap(one => readValue(context, one) ?? [])
    if (reads.length === 0) return undefined
    return { text: reads.map(({ text }) => text).join(value.by), place: reads.map(({ place }) => place).join('+') }
  }
  if ('template' in value) return readTemplate(context, value.template)
  if ('step' in value) return readNamed(stepOf(context, value.step), 'its place')
  if ('base64Json' in value) return readBase64(context, value.base64Json)
  return readChanged(context, value)
}

function readNamed(text: string | null | undefined, place: string): Read | undefined {
  return text ? { text, place } : undefined
}

function readPath(context: ItemContext, path: string): Read | undefined {
  const found = find(context.doc, path, context.item)
  return found && readNamed(scalarAt(context.doc, found.node), found.pointer)
}

function readFirst(context: ItemContext, values: Value[]): Read | undefined {
  for (const one of values) {
    const read = readValue(context, one)
    if (read) return read
  }
  return undefined
}

/** A value made of another one: some of its pieces, a captured group, another word. */
function readChanged(
  context: ItemContext,
  value: Extract<Value, { part: unknown } | { capture: unknown } | { map: unknown }>,
): Read | undefined {
  const { of } = 'part' in value ? value.part : 'capture' in value ? value.capture : value.map
  const whole = readValue(context, of)
  if (!whole) return undefined
  const { place } = whole
  if ('part' in value) {
    const { by, from, to } = value.part
    return readNamed(whole.text.split(by).slice(from, to).join(by), place)
  }
  if ('map' in value) {
    const { words } = value.map
    return { text: Object.hasOwn(words, whole.text) ? (words[whole.text] as string) : whole.text, place }
  }
  return readNamed(captured(whole.text, value.capture.pattern)?.text, place)
}

/** The first group of a pattern in a text, and where it stands. Nothing is looked for in more than 512 characters. */
export function captured(text: string, pattern: string): { text: string; from: number; to: number } | undefined {
  const match = new RegExp(pattern, 'd').exec(text.slice(0, captureLimit))
  const range = match?.indices?.[1]
  return range && { text: match?.[1] as string, from: range[0], to: range[1] }
}

/** A step of the item's own JSON pointer, counted back from its last (RFC 6901 section 4). */
function stepOf({ item }: ItemContext, back: number): string | undefined {
  return item.pointer
    .split('/')
    .slice(1)
    .at(-1 - back)
    ?.replaceAll('~1', '/')
    .replaceAll('~0', '~')
}

function readTemplate(context: ItemContext, template: string): Read | undefined {
  const places: string[] = []
  let complete = true
  const text = template.replace(/\{([^{}]+)\}/g, (_, path: string) => {
    const read = readPath(context, path)
    if (!read) complete = false
    else places.push(read.place)
    return read?.text ?? ''
  })
  return complete ? { text, place: places.join('+') } : undefined
}

function readBase64(context: ItemContext, { of, at }: { of: Value; at: string }): Read | undefined {
  const outer = readValue(context, of)
  const inner = outer && answerContext(Buffer.from(outer.text, 'base64'))
  const read = inner && readPath(inner, at)
  return read && outer && { text: read.text, place: `${outer.place}|base64|${read.place}` }
}

/** The headers that a value may be read from. */
export function headersIn(value: Value): string[] {
  if (typeof value === 'string') return []
  if ('header' in value) return [value.header]
  if ('first' in value) return value.first.flatMap(headersIn)
  if ('join' in value) return value.join.flatMap(headersIn)
  if ('part' in value) return headersIn(value.part.of)
  if ('capture' in value) return headersIn(value.capture.of)
  if ('map' in value) return headersIn(value.map.of)
  return 'base64Json' in value ? headersIn(value.base64Json.of) : []
}
