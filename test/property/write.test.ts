import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DecodedBody, decodeBody } from '../../src/core/decode.ts'
import { rootItem } from '../../src/core/path.ts'
import { readValue } from '../../src/core/value.ts'
import type { Value } from '../../src/core/value-definition.ts'
import type { Decoder } from '../../src/core/webhook-definition.ts'
import { applyWrites, writeValue } from '../../src/core/write-value.ts'

const formType = ['content-type', 'application/x-www-form-urlencoded']
const wellFormed = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(text => !/\p{Cs}/u.test(text))
const word = fc.string({ unit: fc.constantFrom(...'abcXYZ0189_'), minLength: 1, maxLength: 12 })
/** What may be written: any text, a number, what looks like JSON or like a form. */
const text = fc.oneof(
  wellFormed,
  word,
  fc.integer().map(String),
  fc.constantFrom('"', '\\', '&=+%', 'null', '{}', '007', ' '),
)

/** Every form of value that can be written, all of which read the member `a`, with the texts that it can say. */
const forms: fc.Arbitrary<{ value: Value; before: string; text: string }> = fc.oneof(
  fc.record({ value: fc.constant<Value>('$.a'), before: wellFormed, text }),
  fc.record({ value: fc.constant<Value>({ first: ['$.none', '$.a', '$.b'] }), before: wellFormed, text }),
  fc.record({ value: fc.constant<Value>({ join: ['$.none', '$.a'], by: '-' }), before: wellFormed, text }),
  fc
    .tuple(fc.array(word, { minLength: 3, maxLength: 5 }), fc.constantFrom('.', '/', '::'), fc.nat({ max: 2 }))
    .chain(([pieces, by, from]) =>
      word.map(text => ({
        value: { part: { of: '$.a', by, from, to: from + 1 } } as Value,
        before: pieces.join(by),
        text,
      })),
    ),
  fc.tuple(word, word, word).map(([before, lead, text]) => ({
    value: { capture: { of: '$.a', pattern: '/(\\w+)[?]' } } as Value,
    before: `${lead}/${before}?x`,
    text,
  })),
  word.map(before => ({
    value: { map: { of: '$.a', words: { C: 'created', D: 'deleted' } } } as Value,
    before: `C${before}`,
    text: before.length % 2 ? 'deleted' : `other ${before}`,
  })),
  fc.tuple(wellFormed, text, fc.constantFrom('base64', 'base64url')).map(([before, text, how]) => ({
    value: { base64Json: { of: '$.a', at: '$.x.y' } } as Value,
    before: Buffer.from(JSON.stringify({ x: { y: before }, z: 1 })).toString(how as 'base64'),
    text,
  })),
)

/** The message that holds `a` and more, written in every way in which a body is read. */
const carriers: Record<string, { decoder: Decoder; write: (a: string) => string }> = {
  json: { decoder: 'json', write: a => `{ "b" : [1.50], "a" :${JSON.stringify(a)}, "c":{"a":"x"} }` },
  form: { decoder: 'form', write: a => `b%5Bx%5D=1&a=${encodeURIComponent(a)}&c=%20+&a[=2` },
  field: {
    decoder: { jsonField: 'p' },
    write: a => `x=1&p=${encodeURIComponent(JSON.stringify({ b: 1, a }))}&y=%20`,
  },
}

function read(decoder: Decoder, body: Buffer) {
  const decoded = decodeBody([decoder], { headers: decoder === 'json' ? [] : formType, body }) as DecodedBody
  expect(decoded).toHaveProperty('doc')
  return { decoded, context: { doc: decoded.doc, item: rootItem, headers: [], query: new URLSearchParams() } }
}

test.each(Object.keys(carriers))('what is written into %s reads back, and nothing else is changed', name => {
  const { decoder, write } = carriers[name] as (typeof carriers)['json']
  fc.assert(
    fc.property(forms, ({ value, before, text }) => {
      const body = Buffer.from(write(before))
      const { decoded, context } = read(decoder, body)
      const made = applyWrites({ headers: formType, body }, decoded, [writeValue(context, value, text)])
      const after = read(decoder, made.body)
      expect(readValue(after.context, value)?.text).toBe(text)
      const rest = (of: DecodedBody) => ({ ...(JSON.parse(of.doc.bytes.toString()) as object), a: 0 })
      expect(rest(after.decoded)).toEqual(rest(decoded))
      expect(made.headers).toBe(formType)
      const again = applyWrites(made, after.decoded, [writeValue(after.context, value, text)])
      expect(again.body.equals(made.body)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('what is written into a header reads back, beside all others', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'B', 'x-id', 'X-ID'), word), { maxLength: 4 }),
      word,
      (pairs, text) => {
        const headers = pairs.flat()
        const { decoded, context } = read('json', Buffer.from('{}'))
        const made = applyWrites({ headers, body: decoded.doc.bytes }, decoded, [
          writeValue(context, { header: 'X-Id' }, text),
        ])
        expect(readValue({ ...context, headers: made.headers }, { header: 'x-id' })?.text).toBe(text)
        const others = (all: string[]) =>
          all.filter((_, index) => (all[index - (index % 2)] as string).toLowerCase() !== 'x-id')
        expect(others(made.headers)).toEqual(others(headers))
      },
    ),
  )
})

const letters = fc.string({ unit: fc.constantFrom(...'ab[]%=&+ é😀_'), maxLength: 8 })
const name = fc.oneof(
  letters,
  fc
    .array(fc.constantFrom('a', 'b', '', '__proto__', 'constructor'), { minLength: 1, maxLength: 4 })
    .map(([first = '', ...rest]) => first + rest.map(one => `[${one}]`).join('')),
)
const fields = fc.array(fc.tuple(name, fc.oneof(letters, text)), { maxLength: 8 })

/** Every text of a decoded form with the name that it would have as a field. */
function leaves(at: unknown, lead = ''): [string, string][] {
  if (typeof at === 'string') return [[lead, at]]
  return Object.entries(at as object).flatMap(([key, below]) => leaves(below, lead === '' ? key : `${lead}[${key}]`))
}

test('a form says what URLSearchParams says: every text under its own name, of doubled ones the last', () => {
  fc.assert(
    fc.property(fields, fc.boolean(), (pairs, isEncoded) => {
      const params = new URLSearchParams(pairs)
      const body = isEncoded ? params.toString() : pairs.map(([key, value]) => `${key}=${value}`).join('&')
      const given = new URLSearchParams(body)
      const { decoded } = read('form', Buffer.from(body))
      const found = leaves(JSON.parse(decoded.doc.bytes.toString()))
      for (const [key, value] of found) expect(given.getAll(key).at(-1), key).toBe(value)
      const names = found.map(([key]) => key)
      expect(new Set(names).size).toBe(names.length)
      // A field is gone only where a later one stands in its place: an object for its text, or a text for its object.
      for (const key of given.keys()) {
        const stands = names.some(one => one === key || one.startsWith(`${key}[`) || key.startsWith(`${one}[`))
        const replaced = names.some(one => one.split('[')[0] === key.split('[')[0])
        expect(stands || replaced, key).toBe(true)
      }
      expect(({} as Record<string, unknown>).a).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})

test('without brackets a form is the object of its last values', () => {
  const plain = fc.array(fc.tuple(fc.string({ unit: fc.constantFrom(...'ab+%é &='), maxLength: 4 }), wellFormed), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(plain, pairs => {
      const { decoded } = read('form', Buffer.from(new URLSearchParams(pairs).toString()))
      expect(JSON.parse(decoded.doc.bytes.toString())).toEqual(Object.fromEntries(pairs))
    }),
  )
})

test('whatever a body is, it is a document or a fault, and never an error', () => {
  const decoders: Decoder[] = ['empty', { jsonField: 'p' }, 'form', 'json']
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        letters.map(one => Buffer.from(one)),
      ),
      fc.subarray(decoders, { minLength: 1 }),
      fc.constantFrom([], formType, ['content-type', ' APPLICATION/x-www-form-urlencoded;']),
      (bytes, some, headers) => {
        const decoded = decodeBody(some, { headers, body: Buffer.from(bytes) })
        if ('fault' in decoded) expect(decoded.fault).not.toBe('')
        else expect(some).toContainEqual(decoded.by)
      },
    ),
    { numRuns: 1000 },
  )
})
