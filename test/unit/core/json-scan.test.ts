import { expect, test } from 'vitest'
import {
  elements,
  type JsonDoc,
  kinds,
  member,
  oneLine,
  rawAt,
  scalarAt,
  scanJson,
} from '../../../src/core/json-scan.ts'

function scan(text: string | Buffer): JsonDoc {
  const doc = scanJson(Buffer.from(text))
  if ('fault' in doc) throw new Error(doc.fault)
  return doc
}

test.each([
  ['', 'it ends too early', 0],
  ['   ', 'it ends too early', 3],
  ['[1,]', 'no value begins like this', 3],
  ['{"a" 1}', 'a colon is missing', 5],
  ['{a:1}', 'a key that is not a string', 1],
  ['{"a":1,}', 'a key that is not a string', 7],
  ['[1 2]', 'a comma or the end is missing', 3],
  ['[1', 'a comma or the end is missing', 2],
  ['"a', 'a string that does not end', 2],
  ['"a\nb"', 'a control character inside a string', 2],
  ['"\u001f"', 'a control character inside a string', 1],
  ['"\\x"', 'an unknown escape', 1],
  ['"\\', 'an unknown escape', 1],
  ['"\\u12g4"', 'a broken \\u escape', 1],
  ['01', 'something follows the value', 1],
  ['-', 'a number without digits', 1],
  ['1.', 'a number without digits', 2],
  ['1e+', 'a number without digits', 3],
  ['tru', 'an unknown word', 0],
  ['nulll', 'something follows the value', 4],
  ['{} {}', 'something follows the value', 3],
])('%j: %s, at byte %i', (text, fault, at) => {
  expect(scanJson(Buffer.from(text))).toEqual({ fault, at })
})

test('what is not UTF-8 is not JSON, and a leading byte order mark is passed over', () => {
  expect(scanJson(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ fault: 'the body is not UTF-8', at: 0 })
  expect(scanJson(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toEqual({ fault: 'the body is not UTF-8', at: 0 })
  const doc = scan('\ufeff{"a":1}')
  expect(rawAt(doc, 0)).toBe('{"a":1}')
  expect(doc.start[0]).toBe(3)
})

test('depth is bounded where it is said to be', () => {
  expect(scanJson(Buffer.from('['.repeat(1000) + ']'.repeat(1000)))).not.toHaveProperty('fault')
  expect(scanJson(Buffer.from('['.repeat(1001) + ']'.repeat(1001)))).toEqual({
    fault: 'nested deeper than 1000',
    at: 1000,
  })
  expect(scanJson(Buffer.from('{"a":{}}'), 1)).toEqual({ fault: 'nested deeper than 1', at: 5 })
})

test('more than two million values are refused', () => {
  const doc = scanJson(Buffer.from(`[${'0,'.repeat(2_000_000)}0]`))
  expect(doc).toMatchObject({ fault: 'more than two million values' })
})

test('of doubled keys the last wins, however they are spelled', () => {
  const doc = scan('{"a":1,"\\u0061":2,"b":3,"a":{"a":4}}')
  const key = Buffer.from('a')
  expect(rawAt(doc, member(doc, 0, key))).toBe('{"a":4}')
  expect(rawAt(doc, member(scan('{"a":1,"\\u0061":2}'), 0, key))).toBe('2')
  expect(member(doc, 0, Buffer.from('c'))).toBe(-1)
  expect(member(scan('["a"]'), 0, key)).toBe(-1)
})

test('a value that looks like a key is none', () => {
  const doc = scan('{"x":"a","a":1}')
  expect(rawAt(doc, member(doc, 0, Buffer.from('a')))).toBe('1')
  expect(member(scan('{"x":"a"}'), 0, Buffer.from('a'))).toBe(-1)
})

test('scalars are text as they are written, strings decoded', () => {
  const doc = scan('["\\u00e9\\n", 9341453900000001234567, -0.10e5, true, null, {}, []]')
  expect(elements(doc, 0).map(node => scalarAt(doc, node))).toEqual([
    'é\n',
    '9341453900000001234567',
    '-0.10e5',
    'true',
    undefined,
    undefined,
    undefined,
  ])
  expect(doc.kind[1]).toBe(kinds.escaped)
})

test.each([
  ['{"a" : 1}', '{"a":1}'],
  ['[\n  1,\r\n\t2\n]', '[1,2]'],
  ['{"a b" : "c \\" d  e"}', '{"a b":"c \\" d  e"}'],
  ['{"a\\\\" : [ ]}', '{"a\\\\":[]}'],
  ['[1,2]', '[1,2]'],
])('%j on one line is %j', (json, line) => {
  expect(oneLine(json)).toBe(line)
})
