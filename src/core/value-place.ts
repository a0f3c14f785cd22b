import { Buffer } from 'node:buffer'
import { decodeBody, formKeys } from './decode.ts'
import type { RawHeaders } from './headers.ts'
import { elements, type JsonDoc, kinds, member, scanJson } from './json-scan.ts'
import type { Decoder } from './webhook-definition.ts'

/** Bytes of a body; `to` is exclusive. */
export interface ByteRange {
  from: number
  to: number
}

/**
 * Where a value stands in the exact bytes of a body, by the place that `readValue` gave it (a JSON pointer; of a value that
 * was put together the first piece of it that stands in the body). Strings without their quotes. Null where it stands
 * nowhere in it, such as in a header.
 */
export function valuePlace(
  decoders: Decoder[],
  { headers, body }: { headers: RawHeaders; body: Buffer },
  place: string,
): ByteRange | null {
  const pieces = [place, ...place.split('+')].map(piece => piece.split('|')[0] as string)
  const decoded = decodeBody(decoders, { headers, body })
  if ('fault' in decoded) return null
  for (const pointer of pieces) {
    if (!pointer.startsWith('/')) continue
    const steps = pointer.split('/').slice(1).map(unescaped)
    const found =
      decoded.by === 'form'
        ? fieldPlace(body, keys => keys.join('\0') === steps.join('\0'))
        : typeof decoded.by === 'object'
          ? placeInField(body, decoded.by.jsonField, steps)
          : nodePlace(decoded.doc, steps)
    if (found) return found
  }
  return null
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The bytes of what a JSON pointer's steps lead to. */
function nodePlace(doc: JsonDoc, steps: string[]): ByteRange | null {
  let node = 0
  for (const step of steps) {
    const isArray = doc.kind[node] === kinds.array
    const below = isArray ? elements(doc, node)[Number(step)] : member(doc, node, Buffer.from(step))
    if (below === undefined || below < 0) return null
    node = below
  }
  const [from, to] = [doc.start[node] as number, doc.end[node] as number]
  const isString = doc.kind[node] === kinds.string || doc.kind[node] === kinds.escaped
  return isString ? { from: from + 1, to: to - 1 } : { from, to }
}

/** The value of the last field of a form whose name fits, as it is written there. */
function fieldPlace(body: Buffer, fits: (keys: string[]) => boolean): ByteRange | null {
  let found: ByteRange | null = null
  for (let at = 0; at <= body.length; ) {
    const and = body.indexOf('&', at)
    const end = and < 0 ? body.length : and
    const [pair] = new URLSearchParams(body.toString('utf8', at, end))
    const equals = body.subarray(at, end).indexOf('=')
    if (pair && fits(formKeys(pair[0]))) found = { from: equals < 0 ? end : at + equals + 1, to: end }
    at = end + 1
  }
  return found
}

/** A value of the JSON in a form's field, as far as it is written there. */
function placeInField(body: Buffer, field: string, steps: string[]): ByteRange | null {
  const outer = fieldPlace(body, keys => keys.length === 1 && keys[0] === field)
  if (!outer) return null
  const { bytes, places } = formDecoded(body, outer)
  const doc = scanJson(bytes)
  const inner = 'fault' in doc ? null : nodePlace(doc, steps)
  return inner && { from: places[inner.from] as number, to: places[inner.to] ?? outer.to }
}

/** The bytes that a form's text means, each with the place where it is written (URL standard, urlencoded parsing). */
function formDecoded(body: Buffer, { from, to }: ByteRange): { bytes: Buffer; places: number[] } {
  const bytes: number[] = []
  const places: number[] = []
  for (let at = from; at < to; at++) {
    const hex = body[at] === 0x25 ? /^[0-9a-f]{2}$/i.exec(body.toString('latin1', at + 1, Math.min(at + 3, to))) : null
    bytes.push(hex ? Number.parseInt(hex[0], 16) : body[at] === 0x2b ? 0x20 : (body[at] as number))
    places.push(at)
    if (hex) at += 2
  }
  return { bytes: Buffer.from(bytes), places }
}
