import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { type DecodedBody, decodeBody } from '../../../src/core/decode.ts'
import type { RawHeaders } from '../../../src/core/headers.ts'
import { rootItem } from '../../../src/core/path.ts'
import { type ItemContext, readValue } from '../../../src/core/value.ts'
import type { Value } from '../../../src/core/value-definition.ts'
import type { Decoder } from '../../../src/core/webhook-definition.ts'
import { applyWrites, writeValue } from '../../../src/core/write-value.ts'

const formType = ['content-type', 'application/x-www-form-urlencoded']
const base64 = (value: unknown, how: 'base64' | 'base64url' = 'base64') =>
  Buffer.from(JSON.stringify(value)).toString(how)

interface Message {
  headers: RawHeaders
  body: Buffer
}

function contextOf(message: Message, decoder: Decoder): { context: ItemContext; decoded: DecodedBody } {
  const decoded = decodeBody([decoder], message) as DecodedBody
  const query = new URLSearchParams('q=1')
  return { decoded, context: { doc: decoded.doc, item: rootItem, headers: message.headers, query } }
}

/** Writes a text through a value, and says what the message then is and how the value then reads. */
function written(value: Value, text: string, body: string, headers: RawHeaders = [], decoder: Decoder = 'json') {
  const message = { headers, body: Buffer.from(body) }
  const { context, decoded } = contextOf(message, decoder)
  const made = applyWrites(message, decoded, [writeValue(context, value, text)])
  return { ...made, text: made.body.toString(), reads: readValue(contextOf(made, decoder).context, value)?.text }
}

describe('JSON', () => {
  test.each<[Value, string, string, string]>([
    ['$.a', 'new', '{ "a" : "old", "b": 1.50 }', '{ "a" : "new", "b": 1.50 }'],
    ['$.a', '7', '{"a":12}', '{"a":7}'],
    ['$.a', 'seven', '{"a":12}', '{"a":"seven"}'],
    ['$.a', 'no', '{"a":true}', '{"a":"no"}'],
    ['$.a', '9341453900000001234567', '{"a":1}', '{"a":9341453900000001234567}'],
    ['$.a', '007', '{"a":1}', '{"a":"007"}'],
    ['$.a', '"\\é\n😀', '{"a":"old"}', '{"a":"\\"\\\\é\\n😀"}'],
    ['$.a', 'new', '{"a":"one","a":"two"}', '{"a":"one","a":"new"}'],
    ['$.l[1].x', 'new', '{"l":[{"x":"a"},{"x":"b"}]}', '{"l":[{"x":"a"},{"x":"new"}]}'],
    [{ first: ['$.none', '$.a', '$.b'] }, 'new', '{"b":"x","a":"y"}', '{"b":"x","a":"new"}'],
    [{ join: ['$.none', '$.a'], by: '/' }, 'new', '{"a":"y"}', '{"a":"new"}'],
    [{ part: { of: '$.a', by: '.', from: 1, to: 2 } }, 'new', '{"a":"x.y.z"}', '{"a":"x.new.z"}'],
    [{ part: { of: '$.a', by: '/', from: 3 } }, '77', '{"a":"gid://shop/1"}', '{"a":"gid://shop/77"}'],
    [{ part: { of: '$.a', by: '.', from: -1 } }, 'new', '{"a":"x.y.z"}', '{"a":"x.y.new"}'],
    [{ part: { of: '$.a', by: '.', from: 0, to: -1 } }, 'new', '{"a":"x.y.z"}', '{"a":"new.z"}'],
    [{ capture: { of: '$.a', pattern: '/users/([^/]+)/' } }, 'new', '{"a":"/users/u1/x"}', '{"a":"/users/new/x"}'],
    [{ map: { of: '$.a', words: { C: 'created', D: 'deleted' } } }, 'deleted', '{"a":"C"}', '{"a":"D"}'],
    [{ map: { of: '$.a', words: { C: 'created' } } }, 'other', '{"a":"C"}', '{"a":"other"}'],
    [
      { part: { of: { capture: { of: '$.a', pattern: '<(.*)>' } }, by: ':', from: 1 } },
      'n',
      '{"a":"<x:y>"}',
      '{"a":"<x:n>"}',
    ],
  ])('%j as %j', (value, text, before, after) => {
    expect(written(value, text, before)).toMatchObject({ text: after, reads: text })
  })

  test.each<[string, Value, string]>([
    ['nothing stands there', '$.none', 'x'],
    ['null', '$.nil', 'x'],
    ['an object', '$.o', 'x'],
    ['no alternative', { first: ['$.none'] }, 'x'],
    ['a fixed text', { text: 'a' }, 'x'],
    ['a query, which is the URL’s', { query: 'q' }, 'x'],
    ['a template', { template: '{$.a}-{$.b}' }, 'x'],
    ['two that are joined', { join: ['$.a', '$.b'], by: '-' }, 'x'],
    ['a pattern that does not fit', { capture: { of: '$.a', pattern: '(\\d)' } }, 'x'],
    ['a word that would be read as another', { map: { of: '$.a', words: { C: 'created' } } }, 'C'],
    ['no base64', { base64Json: { of: '$.a', at: '$.x' } }, 'x'],
    ['base64 without the place', { base64Json: { of: '$.data', at: '$.none' } }, 'x'],
  ])('not where there is %s', (_, value, text) => {
    const body = JSON.stringify({ a: 'one', b: 'two', nil: null, o: {}, data: base64({ y: 1 }) })
    expect(() => written(value, text, body)).toThrow()
  })

  test('a fixed or composed value that says it already is left alone', () => {
    expect(written({ text: 'a' }, 'a', '{"a":1}')).toMatchObject({ text: '{"a":1}', headers: [] })
    expect(written({ template: '{$.a}!' }, 'x!', '{"a":"x"}')).toMatchObject({ text: '{"a":"x"}' })
    expect(written({ query: 'q' }, '1', '{}').headers).toEqual([])
  })

  test('several writes into one document, of which the last to a place counts', () => {
    const message = { headers: ['X-A', 'old'], body: Buffer.from('{"a":1, "b":"two"}') }
    const { context, decoded } = contextOf(message, 'json')
    const writes = [
      writeValue(context, '$.b', 'bee'),
      writeValue(context, '$.a', '2'),
      writeValue(context, '$.a', '3'),
      writeValue(context, { header: 'x-a' }, 'new'),
    ]
    const made = applyWrites(message, decoded, writes)
    expect([made.body.toString(), made.headers]).toEqual(['{"a":3, "b":"bee"}', ['X-A', 'new']])
    expect(applyWrites(message, decoded, [])).toEqual(message)
  })
})

test('headers', () => {
  expect(written({ header: 'x-shop' }, 'new', '{}', ['X-Shop', 'old', 'A', '1']).headers).toEqual([
    'X-Shop',
    'new',
    'A',
    '1',
  ])
  expect(written({ header: 'x-shop' }, 'new', '{}', []).headers).toEqual(['x-shop', 'new'])
  const part: Value = { part: { of: { header: 'x-topic' }, by: '/', from: 1 } }
  expect(written(part, 'paid', '{}', ['x-topic', 'orders/create']).headers).toEqual(['x-topic', 'orders/paid'])
})

describe('base64', () => {
  const value: Value = { base64Json: { of: '$.data', at: '$.mail' } }
  test.each([
    ['standard', base64({ mail: 'a@b.example', n: 1 })],
    ['of URLs', base64({ mail: 'ÿÿÿ>>>???', n: 1 }, 'base64url')],
    ['without padding', base64({ mail: 'ab', n: 1 }).replace(/=+$/, '')],
  ])('%s', (_, data) => {
    const made = written(value, 'ünïque+new@example.com', JSON.stringify({ data, z: 1 }))
    expect(made.reads).toBe('ünïque+new@example.com')
    const again = JSON.parse(made.text) as { data: string; z: number }
    expect(again.z).toBe(1)
    expect(JSON.parse(Buffer.from(again.data, 'base64').toString())).toEqual({ mail: 'ünïque+new@example.com', n: 1 })
    expect(/[-_]/.test(again.data) && /[+/=]/.test(again.data)).toBe(false)
  })
})

describe('forms', () => {
  test.each<[Value, string, string, string]>([
    ['$.a', 'c d&=é', 'z=%20&a=1&b=2', 'z=%20&a=c+d%26%3D%C3%A9&b=2'],
    ['$.data.merges.FNAME', 'new', 'x=1&data[merges][FNAME]=old', 'x=1&data[merges][FNAME]=new'],
    ['$.data.id', 'new', 'data%5Bid%5D=old&y=2', 'data%5Bid%5D=new&y=2'],
    ['$.a', 'new', 'a=1&a=2', 'a=1&a=new'],
    ["$['a[b']", 'new', 'a[b=1&a[b]=2', 'a[b=new&a[b]=2'],
    ["$['a b'].c", 'new', 'a+b[c]=1', 'a+b[c]=new'],
    ["$['']", 'new', '=1', '=new'],
    ['$.b', 'new', 'a=1&b', 'a=1&b'],
    [{ part: { of: '$.type', by: '.', from: 1 } }, 'new', 'type=x.y', 'type=x.new'],
  ])('%j as %j in %s', (value, text, before, after) => {
    if (before.endsWith('&b')) {
      expect(written(value, text, before, formType, 'form').text).toBe('a=1&b=new')
      return
    }
    expect(written(value, text, before, formType, 'form')).toMatchObject({ text: after, reads: text })
  })

  test('JSON inside a field: the last of doubled ones, as it is read', () => {
    const field: Decoder = { jsonField: 'payload' }
    const body = 'a=1&payload=%7B%7D&payload=%7B%22team%22%3A%22T1%22%7D&b=2'
    const made = written('$.team', 'T2 é', body, formType, field)
    expect(made.reads).toBe('T2 é')
    expect([...new URLSearchParams(made.text)]).toEqual([
      ['a', '1'],
      ['payload', '{}'],
      ['payload', '{"team":"T2 é"}'],
      ['b', '2'],
    ])
  })

  test('what has no body gets its values in headers alone', () => {
    const made = written({ header: 'x-id' }, 'new', '', ['x-id', 'old'], 'empty')
    expect(made).toMatchObject({ text: '', headers: ['x-id', 'new'], reads: 'new' })
    expect(() => written('$.a', 'new', '', [], 'empty')).toThrow('nothing stands')
  })
})
