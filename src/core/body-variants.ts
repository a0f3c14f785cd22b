import { Buffer, isUtf8 } from 'node:buffer'
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { isFormType } from './decode.ts'
import { firstOfEach } from './first-of-each.ts'
import { header, type RawHeaders } from './headers.ts'
import { type JsonEscapes, type JsonLayout, layJson } from './json-layout.ts'

/** What may have become of a body on its way. */
export type BodyDamage =
  | 'line-ends'
  | 'trailing-newline'
  | 'byte-order-mark'
  | 'blanks-around'
  | 'json-layout'
  | 'json-escapes'
  | 'form-escapes'
  | 'compression'
  | 'transfer-encoding'
  | 'text-encoding'

/** The bytes that may have been signed, and how they differ from those that came. */
export interface BodyVariant {
  kind: BodyDamage
  /** Completes "what was signed is …". */
  text: string
  bytes: Buffer
}

const mark = Buffer.from([0xef, 0xbb, 0xbf])
const mostInflated = 4_194_304

/**
 * What may have been signed in place of a body that came, likeliest first and each only once: what transport, editors and
 * serialisers do to a body, undone. Never the body itself.
 */
export function bodyVariants(body: Buffer, headers: RawHeaders): BodyVariant[] {
  const all = [...plainVariants(body), ...jsonVariants(body), ...formVariants(body, headers), ...packedVariants(body)]
  return firstOfEach(all, ({ bytes }) => bytes.toString('latin1'), ['', body.toString('latin1')])
}

function plainVariants(body: Buffer): BodyVariant[] {
  const all = body.toString('latin1')
  const make = (kind: BodyDamage, text: string, changed: string): BodyVariant => ({
    kind,
    text,
    bytes: Buffer.from(changed, 'latin1'),
  })
  const isMarked = body.subarray(0, 3).equals(mark)
  return [
    make('trailing-newline', 'the body without the line end behind it', all.replace(/\r?\n$/, '')),
    make('trailing-newline', 'the body with a line end (LF) behind it', `${all}\n`),
    make('trailing-newline', 'the body with a line end (CRLF) behind it', `${all}\r\n`),
    make('line-ends', 'the body with line ends LF, not CRLF', all.replaceAll('\r\n', '\n')),
    make('line-ends', 'the body with line ends CRLF, not LF', all.replace(/\r?\n/g, '\r\n')),
    make('line-ends', 'the body without any line ends', all.replace(/[\r\n]/g, '')),
    isMarked
      ? { kind: 'byte-order-mark', text: 'the body without its byte order mark', bytes: body.subarray(3) }
      : { kind: 'byte-order-mark', text: 'the body with a byte order mark', bytes: Buffer.concat([mark, body]) },
    make('blanks-around', 'the body without the blanks around it', all.replace(/^[ \t\r\n]+|[ \t\r\n\0]+$/g, '')),
  ]
}

const layouts: [text: string, layout: JsonLayout][] = [
  ['compact', { comma: ',', colon: ':' }],
  ['indented by 2 blanks', { comma: ',', colon: ': ', indent: '  ' }],
  ['indented by 4 blanks', { comma: ',', colon: ': ', indent: '    ' }],
  ['indented by tabs', { comma: ',', colon: ': ', indent: '\t' }],
  ['with a blank behind each comma and colon', { comma: ', ', colon: ': ' }],
  ['with a blank behind each colon', { comma: ',', colon: ': ' }],
]
const escapings: [escapes: JsonEscapes, text: string][] = [
  ['keep', ''],
  ['raw', 'nothing escaped without need'],
  ['ascii', 'letters beyond ASCII as \\uxxxx'],
  ['slashes', '/ as \\/'],
  ['ascii-slashes', 'letters beyond ASCII as \\uxxxx and / as \\/'],
  ['html', '<, > and & as \\uxxxx'],
  ['ascii-upper', 'letters beyond ASCII as \\uXXXX'],
  ['ascii-html', 'letters beyond ASCII, <, >, & and quotes as \\uXXXX'],
]

/** The same JSON as another serialiser writes it. */
function jsonVariants(body: Buffer): BodyVariant[] {
  const made: BodyVariant[] = []
  const add = (kind: BodyDamage, said: string[], bytes: Buffer | undefined): void => {
    if (!bytes) return
    const text = said.filter(one => one !== '').join(', ')
    made.push({ kind, text: `the same JSON ${text}`, bytes })
    made.push({ kind, text: `the same JSON ${text}, a line end behind it`, bytes: Buffer.concat([bytes, newline]) })
  }
  const bare = body.toString('latin1').replace(/\s+$/, '')
  const trimmed = Buffer.from(bare, 'latin1')
  for (const [escapes, said] of escapings) {
    if (escapes !== 'keep') add('json-escapes', ['with', said], layJson(trimmed, null, escapes))
  }
  for (const [escapes, said] of escapings) {
    for (const [shape, layout] of layouts) add('json-layout', [shape, said], layJson(trimmed, layout, escapes))
  }
  return made
}

const newline = Buffer.from('\n')

/** The same form as others encode it (a blank as `+` or `%20`, capital or small hex digits). */
function formVariants(body: Buffer, headers: RawHeaders): BodyVariant[] {
  if (!isFormType(header(headers, 'content-type')) || !isUtf8(body)) return []
  const pairs = [...new URLSearchParams(body.toString())]
  const spell = (encode: (text: string) => string): Buffer =>
    Buffer.from(pairs.map(pair => pair.map(encode).join('=')).join('&'))
  const strict = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
  const plus = (text: string): string => strict(text).replaceAll('%20', '+')
  const small = (text: string): string => text.replace(/%[0-9A-F]{2}/g, one => one.toLowerCase())
  const make = (text: string, bytes: Buffer): BodyVariant => ({
    kind: 'form-escapes',
    text: `the same form ${text}`,
    bytes,
  })
  return [
    make('with + for a blank', Buffer.from(new URLSearchParams(pairs).toString())),
    make('with + for a blank, ~ as it is', spell(plus)),
    make('with %20 for a blank', spell(strict)),
    make('as browsers’ encodeURIComponent writes it', spell(encodeURIComponent)),
    make(
      'with small hex digits',
      spell(text => small(plus(text))),
    ),
    make(
      'with small hex digits and %20 for a blank',
      spell(text => small(strict(text))),
    ),
  ]
}

/** What was packed on the way, or is not unpacked yet. */
function packedVariants(body: Buffer): BodyVariant[] {
  const made: BodyVariant[] = []
  const attempt = (kind: BodyDamage, text: string, unpack: () => Buffer | undefined): void => {
    try {
      const bytes = unpack()
      if (bytes) made.push({ kind, text, bytes })
    } catch {
      // What cannot be unpacked was not packed so.
    }
  }
  const limit = { maxOutputLength: mostInflated }
  if (body[0] === 0x1f && body[1] === 0x8b)
    attempt('compression', 'the body unpacked (gzip)', () => gunzipSync(body, limit))
  if (body[0] === 0x78) attempt('compression', 'the body unpacked (deflate)', () => inflateSync(body, limit))
  for (const system of [3, 255, 0, 19]) {
    for (const level of [6, 9, 1]) {
      attempt('compression', 'the body packed (gzip): it was unpacked on its way', () => {
        const packed = gzipSync(body, { level })
        packed[9] = system
        return packed
      })
    }
  }
  const text = body.toString('latin1').trim()
  if (/^[A-Za-z0-9+/\r\n]+={0,2}$/.test(text)) {
    attempt('transfer-encoding', 'what the body holds as base64', () => Buffer.from(text, 'base64'))
  }
  if (text.startsWith('"')) {
    attempt('transfer-encoding', 'the text that the body holds as one JSON string', () => {
      const inside = JSON.parse(body.toString()) as unknown
      return typeof inside === 'string' ? Buffer.from(inside) : undefined
    })
  }
  if (!isUtf8(body)) {
    made.push({
      kind: 'text-encoding',
      text: 'the body in UTF-8, not in Latin-1',
      bytes: Buffer.from(body.toString('latin1')),
    })
  } else if (/[\u0080-\uffff]/.test(body.toString())) {
    const all = body.toString()
    if (!/[\u0100-\uffff]/.test(all)) {
      made.push({ kind: 'text-encoding', text: 'the body read as Latin-1', bytes: Buffer.from(all, 'latin1') })
    }
    made.push({
      kind: 'text-encoding',
      text: 'the body with composed letters (NFC)',
      bytes: Buffer.from(all.normalize('NFC')),
    })
    made.push({
      kind: 'text-encoding',
      text: 'the body with letters taken apart (NFD)',
      bytes: Buffer.from(all.normalize('NFD')),
    })
  }
  return made
}
