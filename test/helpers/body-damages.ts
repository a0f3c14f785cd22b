import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import type { Cause } from '../../src/core/diagnosis.ts'
import { type JsonEscapes, type JsonLayout, layJson } from '../../src/core/json-layout.ts'
import { coversBody } from '../../src/core/sign.ts'
import { changed, type Damage, signingOf } from './damage.ts'

/** The body is another one than was signed: `before` makes that one, `after` what of it came. */
function bodyDamage(
  name: string,
  causes: Cause[],
  before: (body: Buffer) => Buffer | undefined,
  after: (body: Buffer) => Buffer | undefined,
): Damage {
  return {
    name,
    make(definition, sample) {
      const scheme = signingOf(definition)
      if (!scheme || !coversBody(scheme)) return null
      const signed = before(sample.body)
      if (!signed || (name.includes('packed') && typeof scheme.time?.at === 'string')) return null
      return changed(definition, { ...sample, body: signed }, causes, ({ body }) => {
        const came = after(name.includes('packed') ? sample.body : body)
        return came && !came.equals(body) ? { body: came } : null
      })
    },
  }
}

const compact: JsonLayout = { comma: ',', colon: ':' }
const indented: JsonLayout = { comma: ',', colon: ': ', indent: '  ' }
const wide: JsonLayout = { comma: ',', colon: ': ', indent: '    ' }
const python: JsonLayout = { comma: ', ', colon: ': ' }

/** JSON with letters that serialisers write in different ways. */
function withLetters(body: Buffer): Buffer | undefined {
  const plain = layJson(body, compact, 'raw')
  if (!plain || plain.length < 4) return undefined
  return Buffer.from(plain.toString().replace('{', '{"note":"é / <日> &",').replace(',}', '}'))
}

function laid(layout: JsonLayout, escapes: JsonEscapes): (body: Buffer) => Buffer | undefined {
  return body => {
    const lettered = withLetters(body)
    return lettered && layJson(lettered, layout, escapes)
  }
}

const again =
  (layout: JsonLayout | null, escapes: JsonEscapes) =>
  (body: Buffer): Buffer | undefined =>
    layJson(body, layout, escapes)
const same = (body: Buffer): Buffer => body
const text = (change: (text: string) => string) => (body: Buffer) => Buffer.from(change(body.toString()))
const bare = text(body => body.trim())

export const bodyDamages: Damage[] = [
  bodyDamage(
    'line end cut off',
    ['trailing-newline'],
    text(body => `${body.trim()}\n`),
    bare,
  ),
  bodyDamage(
    'line end added',
    ['trailing-newline'],
    bare,
    text(body => `${body}\n`),
  ),
  bodyDamage(
    'CRLF end added',
    ['trailing-newline'],
    bare,
    text(body => `${body}\r\n`),
  ),
  bodyDamage(
    'LF made CRLF',
    ['line-ends'],
    laid(indented, 'raw'),
    text(body => body.replaceAll('\n', '\r\n')),
  ),
  bodyDamage(
    'CRLF made LF',
    ['line-ends'],
    body => again(null, 'keep')(Buffer.from((laid(indented, 'raw')(body) ?? '').toString().replaceAll('\n', '\r\n'))),
    text(body => body.replaceAll('\r\n', '\n')),
  ),
  bodyDamage(
    'byte order mark added',
    ['byte-order-mark'],
    bare,
    text(body => `\ufeff${body}`),
  ),
  bodyDamage(
    'byte order mark cut off',
    ['byte-order-mark'],
    text(body => `\ufeff${body.trim()}`),
    body => body.subarray(3),
  ),
  bodyDamage(
    'blanks around',
    ['blanks-around'],
    bare,
    text(body => `  ${body}\t\n`),
  ),
  bodyDamage('compact made pretty', ['json-layout'], laid(compact, 'raw'), again(indented, 'keep')),
  bodyDamage('pretty made compact', ['json-layout'], laid(indented, 'raw'), again(compact, 'keep')),
  bodyDamage('four blanks made compact', ['json-layout'], laid(wide, 'raw'), again(compact, 'keep')),
  bodyDamage('blanks behind colons lost', ['json-layout'], laid(python, 'raw'), again(compact, 'keep')),
  bodyDamage(
    'pretty with its line end made compact',
    ['json-layout'],
    body => Buffer.from(`${laid(indented, 'raw')(body)}\n`),
    again(compact, 'keep'),
  ),
  bodyDamage('letters unescaped', ['json-escapes', 'json-layout'], laid(compact, 'ascii'), again(null, 'raw')),
  bodyDamage('letters escaped', ['json-escapes'], laid(compact, 'raw'), again(null, 'ascii')),
  bodyDamage('slashes unescaped', ['json-escapes'], laid(compact, 'slashes'), again(null, 'raw')),
  bodyDamage('PHP made plain and pretty', ['json-layout'], laid(compact, 'ascii-slashes'), again(indented, 'raw')),
  bodyDamage('Go made plain', ['json-escapes'], laid(compact, 'html'), again(null, 'raw')),
  bodyDamage('unpacked on its way (packed)', ['compression'], body => gzipSync(body), same),
  bodyDamage('packed on its way', ['compression'], same, body => gzipSync(body)),
  bodyDamage('base64 on its way', ['transfer-encoding'], same, body => Buffer.from(body.toString('base64'))),
  bodyDamage(
    'one JSON string',
    ['transfer-encoding'],
    same,
    text(body => JSON.stringify(body)),
  ),
  bodyDamage(
    'letters read as Latin-1',
    ['text-encoding'],
    body => laid(compact, 'raw')(Buffer.from(body.toString().replace(/[\u0100-\uffff]/g, ''))),
    body => Buffer.from(body.toString('latin1')),
  ),
]
