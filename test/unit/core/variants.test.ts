import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bodyVariants } from '../../../src/core/body-variants.ts'
import { layJson } from '../../../src/core/json-layout.ts'
import { publicKeyBytes, secretTexts, secretVariants } from '../../../src/core/secret-variants.ts'
import { urlVariants } from '../../../src/core/url-variants.ts'

const compact = { comma: ',', colon: ':' }
const indented = { comma: ',', colon: ': ', indent: '  ' }

test('JSON is laid out as JSON.stringify does, and numbers, order and doubled keys stay', () => {
  const value = { b: [1, { c: [] }, {}], a: 'é "x" \\ \n', n: null, t: [true, false] }
  for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, '\t')]) {
    expect(layJson(Buffer.from(text), compact, 'keep')?.toString()).toBe(JSON.stringify(value))
    expect(layJson(Buffer.from(text), indented, 'keep')?.toString()).toBe(JSON.stringify(value, null, 2))
  }
  const odd = '{ "n": 12345678901234567890.10, "n": 1e5, "a": 1.0 }'
  expect(layJson(Buffer.from(odd), compact, 'raw')?.toString()).toBe('{"n":12345678901234567890.10,"n":1e5,"a":1.0}')
  expect(layJson(Buffer.from('no JSON'), compact, 'raw')).toBeUndefined()
})

test.each([
  ['raw', '"é/<\u{1f600}"'],
  ['ascii', '"\\u00e9/<\\ud83d\\ude00"'],
  ['ascii-upper', '"\\u00E9/<\\uD83D\\uDE00"'],
  ['slashes', '"é\\/<\u{1f600}"'],
  ['ascii-slashes', '"\\u00e9\\/<\\ud83d\\ude00"'],
  ['html', '"é/\\u003c\u{1f600}"'],
  ['ascii-html', '"\\u00E9/\\u003C\\uD83D\\uDE00"'],
] as const)('escapes as %s', (escapes, wanted) => {
  expect(layJson(Buffer.from('"\\u00E9\\/<\\uD83D\\ude00"'), null, escapes)?.toString()).toBe(wanted)
})

test('forms of a body are told once, never the body itself, and a bomb is not unpacked', () => {
  const body = Buffer.from('{"a": 1}\n')
  const texts = bodyVariants(body, []).map(({ bytes }) => bytes.toString('latin1'))
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts).not.toContain(body.toString('latin1'))
  expect(texts).toContain('{"a":1}')
  const bomb = gzipSync(Buffer.alloc(8_388_608))
  expect(bodyVariants(bomb, []).every(({ bytes }) => bytes.length < 1_000_000)).toBe(true)
})

test('URLs: scheme, port, slash and query, nearest first, and what the request itself names', () => {
  const known = ['https://a.example/hooks/x?b=1&a=2']
  const found = urlVariants(known, ['Host', 'b.example:8443'], ['https://old.example/hooks/x?b=1&a=2'])
  const text = (url: string): string | undefined => found.find(one => one.url === url)?.text
  expect(text('http://a.example/hooks/x?b=1&a=2')).toBe('http, not https')
  expect(text('https://a.example:443/hooks/x?b=1&a=2')).toBe('the port 443 spelled out')
  expect(text('https://a.example/hooks/x?a=2&b=1')).toBe('the query sorted')
  expect(text('https://a.example/hooks/x')).toBe('without its query')
  expect(text('https://b.example:8443/hooks/x?b=1&a=2')).toBe('host b.example, not a.example, port 8443')
  expect(text('https://old.example/hooks/x?b=1&a=2')).toBe('host old.example, not a.example')
  expect(text(known[0] as string)).toBeUndefined()
})

test('secrets: the texts and keys that they may have been read as, never themselves and never nothing', () => {
  const texts = secretTexts(' "abc"\n').map(({ value }) => value)
  expect(texts).toEqual(expect.arrayContaining(['"abc"', 'abc']))
  expect(texts).not.toContain('')
  const keys = secretVariants({ secret: 'webhook' }, 'c2VjcmV0').map(({ bytes }) => bytes.toString())
  expect(keys).toContain('secret')
  expect(keys).not.toContain('c2VjcmV0')
  const hex = 'ab'.repeat(32)
  for (const text of [hex.toUpperCase(), `"${hex}"`, Buffer.from(hex, 'hex').toString('base64'), `KEY='${hex}'`])
    expect(publicKeyBytes(text)?.toString('hex')).toBe(hex)
  expect(publicKeyBytes('short')).toBeUndefined()
})
