import type { Value } from './definition.ts'
import { header, type RawHeaders } from './headers.ts'
import { type JsonDoc, scalarAt } from './json-scan.ts'
import { find, type SplitItem } from './path.ts'

/** What values are read from: one item of a decoded delivery and the delivery's headers. */
export interface ItemContext {
  doc: JsonDoc
  item: SplitItem
  headers: RawHeaders
}

/** A value with the place it was read from: a JSON pointer into the body, or `header:<name>`. */
export interface Read {
  text: string
  place: string
}

/** Reads a value; undefined where nothing (or nothing but an empty text) stands there. Pieces join their places by `+`. */
export function readValue(context: ItemContext, value: Value): Read | undefined {
  if (typeof value === 'string') return readPath(context, value)
  if ('header' in value) {
    const text = header(context.headers, value.header)
    return text ? { text, place: `header:${value.header}` } : undefined
  }
  if ('first' in value) {
    for (const one of value.first) {
      const read = readValue(context, one)
      if (read) return read
    }
    return undefined
  }
  if ('part' in value) {
    const whole = readValue(context, value.part.of)
    if (!whole) return undefined
    const { by, from, to } = value.part
    const text = whole.text.split(by).slice(from, to).join(by)
    return text ? { text, place: whole.place } : undefined
  }
  return readTemplate(context, value.template)
}

function readPath(context: ItemContext, path: string): Read | undefined {
  const found = find(context.doc, path, context.item)
  if (!found) return undefined
  const text = scalarAt(context.doc, found.node)
  return text ? { text, place: found.pointer } : undefined
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
