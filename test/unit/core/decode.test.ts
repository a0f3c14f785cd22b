import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { decodeBody, isFormType } from '../../../src/core/decode.ts'
import { rawAt } from '../../../src/core/json-scan.ts'
import type { Decoder } from '../../../src/core/webhook-definition.ts'

const formType = ['Content-Type', 'application/x-www-form-urlencoded']
const all: Decoder[] = ['empty', { jsonField: 'payload' }, 'form', 'json']

/** What a body is read as: `fault`, or the JSON text with the decoder that made it. */
function read(decoders: Decoder[], body: string | Buffer, headers: string[] = []): string {
  const decoded = decodeBody(decoders, { headers, body: Buffer.from(body) })
  if ('fault' in decoded) return `fault: ${decoded.fault}`
  const by = typeof decoded.by === 'string' ? decoded.by : 'field'
  expect(decoded.exact).toBe(by === 'json')
  return `${by}: ${rawAt(decoded.doc, 0)}`
}
const form = (body: string | Buffer): unknown => {
  const text = read(['form'], body, formType)
  return text.startsWith('form: ') ? JSON.parse(text.slice(6)) : text
}

describe('which decoder is taken', () => {
  test.each<[string, Decoder[], string, string[], string]>([
    ['JSON', ['json'], '{"a":1}', [], 'json: {"a":1}'],
    ['JSON of any content type', ['json'], '{"a":1}', ['content-type', 'text/plain'], 'json: {"a":1}'],
    ['JSON with a byte order mark', ['json'], '\ufeff[1]', [], 'json: [1]'],
    ['a form', all, 'a=1', formType, 'form: {"a":"1"}'],
    [
      'a form that says its characters',
      all,
      'a=1',
      [formType[0] as string, `${formType[1]}; charset=utf-8`],
      'form: {"a":"1"}',
    ],
    ['JSON in a field', all, 'x=2&payload=%7B%22a%22%3A1%7D', formType, 'field: {"a":1}'],
    ['a form without that field', all, 'x=2', formType, 'form: {"x":"2"}'],
    ['nothing', all, '', [], 'empty: {}'],
    ['nothing, said to be a form', all, '', formType, 'empty: {}'],
    ['nothing, where a form is read', ['form'], '', formType, 'form: {}'],
    ['text that is identity-encoded', ['json'], '[]', ['Content-Encoding', 'Identity'], 'json: []'],
  ])('%s', (_, decoders, body, headers, wanted) => {
    expect(read(decoders, body, headers)).toBe(wanted)
  })

  test.each<[string, Decoder[], string, string[], string]>([
    ['a form where JSON is read', ['json'], 'a=1', formType, 'a form that cannot be read'],
    ['JSON that says it is a form', ['json'], '{"a":1}', formType, 'a form that cannot be read'],
    ['a form that does not say so', ['form'], 'a=1', [], 'nothing is known'],
    ['something where nothing is read', ['empty'], '{}', [], 'nothing is known'],
    ['a form without the field', [{ jsonField: 'payload' }], 'x=1', formType, 'a form that cannot be read'],
    ['a field that is no JSON', all, 'payload=hello', formType, 'not JSON'],
    ['a field that is empty', all, 'payload=', formType, 'not JSON'],
    ['no JSON', ['json'], 'hello', [], 'not JSON'],
    ['nothing where JSON is read', ['json'], '', [], 'not JSON'],
    ['compressed', ['json'], '{}', ['Content-Encoding', 'gzip'], 'gzip-encoded'],
  ])('not %s', (_, decoders, body, headers, fault) => {
    expect(read(decoders, body, headers)).toContain(`fault: `)
    expect(read(decoders, body, headers)).toContain(fault)
  })

  test('a form that is not UTF-8 is not read', () => {
    expect(form(Buffer.from('a=\xff\xfe', 'latin1'))).toContain('a form that cannot be read')
  })

  test('of a doubled field the last is read, as of every other', () => {
    expect(read(all, 'payload=%5B1%5D&payload=%5B2%5D', formType)).toBe('field: [2]')
  })
})

test.each<[string | undefined, boolean]>([
  ['application/x-www-form-urlencoded', true],
  ['Application/X-WWW-Form-Urlencoded ; charset=x', true],
  ['application/x-www-form-urlencoded,application/json', false],
  ['multipart/form-data', false],
  ['application/json; a=application/x-www-form-urlencoded', false],
  ['', false],
  [undefined, false],
])('%j is a form: %s', (type, wanted) => {
  expect(isFormType(type)).toBe(wanted)
})

describe('fields of a form', () => {
  test.each<[string, string, unknown]>([
    ['blanks and percent signs', 'a+b=c+d%2Be&%C3%A9=%F0%9F%98%80', { 'a b': 'c d+e', é: '😀' }],
    ['brackets', 'data[merges][FNAME]=A&data[id]=1&x=2', { data: { merges: { FNAME: 'A' }, id: '1' }, x: '2' }],
    ['brackets that are encoded', 'data%5Bid%5D=1', { data: { id: '1' } }],
    ['empty brackets: the last counts', 'a[]=1&a[]=2', { a: { '': '2' } }],
    ['doubled names: the last counts', 'a=1&a=2', { a: '2' }],
    ['a text, then an object', 'a=1&a[b]=2', { a: { b: '2' } }],
    ['an object, then a text', 'a[b]=2&a=1', { a: '1' }],
    ['an object, a text, an object', 'a[b]=1&a=2&a[c]=3', { a: { c: '3' } }],
    ['a bracket that does not end', 'a[b=1', { 'a[b': '1' }],
    ['a bracket that does not begin', 'a]=1', { 'a]': '1' }],
    ['brackets in brackets', 'a[b[c]]=1', { 'a[b[c]]': '1' }],
    ['something behind brackets', 'a[b]c=1', { 'a[b]c': '1' }],
    ['brackets without a name', '[a]=1', { '[a]': '1' }],
    [
      'names that objects have',
      'constructor=1&a[constructor]=2&toString[x]=3',
      {
        constructor: '1',
        a: { constructor: '2' },
        toString: { x: '3' },
      },
    ],
    ['no name and no value', '=1&b&=', { '': '', b: '' }],
    ['a semicolon, which divides nothing', 'a=1;b=2', { a: '1;b=2' }],
    ['percent signs that are none', 'a=%zz%', { a: '%zz%' }],
    ['quotes and control characters', 'a=%22%5C%00', { a: '"\\\0' }],
  ])('%s', (_, body, wanted) => {
    expect(form(body)).toEqual(wanted)
  })

  test('__proto__ is a name like any other, and changes nothing', () => {
    const read = form('__proto__[admin]=1&a[__proto__][admin]=2&__proto__=3&a[b]=4') as object
    expect(Object.keys(read).sort()).toEqual(['__proto__', 'a'])
    expect(Object.getOwnPropertyDescriptor(read, '__proto__')?.value).toBe('3')
    expect(({} as { admin?: string }).admin).toBeUndefined()
  })

  test('nesting is bounded: what goes deeper keeps its whole name', () => {
    const name = (depth: number): string => `a${'[b]'.repeat(depth)}`
    expect(form(`${name(19)}=1`)).not.toHaveProperty([name(19)])
    expect(form(`${name(20)}=1`)).toEqual({ [name(20)]: '1' })
    expect(form(`${name(10_000)}=1`)).toEqual({ [name(10_000)]: '1' })
  })

  test('the number of fields is bounded', () => {
    expect(Object.keys(form('a=1&'.repeat(10_000)) as object)).toEqual(['a'])
    expect(form('a=1&'.repeat(10_001))).toContain('more than 10000 fields')
  })
})
