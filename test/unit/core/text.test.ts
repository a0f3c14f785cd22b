import { expect, test } from 'vitest'
import { isAppName, isTenantId, normaliseAccount, slugOf } from '../../../src/core/account.ts'
import { normaliseEvent } from '../../../src/core/event-type.ts'
import { makeId, rowIds, spellId } from '../../../src/core/ids.ts'
import { bytesText, clip, countText, didYouMean, durationText, safeText } from '../../../src/core/text.ts'

test.each([
  ['plain text, ünïcode, 漢字 and 😀', 'plain text, ünïcode, 漢字 and 😀'],
  ['red\u001b[31mline\r\nnext\u0007', 'red·[31mline··next·'],
  ['abc\u202etxt.exe', 'abc·txt.exe'],
  ['\u2066a\u2069\u200b\ufeff\u00ad', '·a····'],
  ['a\u0085b\u009bc\u2028d', 'a·b·c·d'],
  ['lone \ud800 and \udc00', 'lone · and ·'],
  ['tag \udb40\udc41', 'tag ·'],
  ['filler \u3164 and \uffa0 and \u034f', 'filler · and · and ·'],
  ['❤\ufe0f', '❤\ufe0f'],
])('%j is shown as %j', (text, shown) => {
  expect(safeText(text)).toBe(shown)
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a😀b', 3, 'a…'],
  ['😀😀', 3, '😀…'],
  ['ab', 1, '…'],
])('%j clipped to %i is %j', (text, length, wanted) => {
  expect(clip(text, length)).toBe(wanted)
})

test.each([
  ['lisen', ['listen', 'list', 'links'], ['listen']],
  ['qiuckbooks', ['quickbooks', 'xero'], ['quickbooks']],
  ['LISTEN', ['listen'], ['listen']],
  ['zzz', ['listen'], []],
  ['', ['listen'], []],
])('%s: did you mean one of %j?', (word, candidates, wanted) => {
  expect(didYouMean(word, candidates)).toEqual(wanted)
})

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [4_200, '4.2 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min'],
  [312_000, '5 min 12 s'],
  [3_600_000, '1 h'],
  [10_920_000, '3 h 2 min'],
  [172_800_000, '2 d'],
])('%d ms is %s', (ms, wanted) => {
  expect(durationText(ms)).toBe(wanted)
})

test.each([
  [0, '0 bytes'],
  [9_999, '9999 bytes'],
  [65_536, '64 KiB'],
  [33_554_432, '32 MiB'],
])('%i bytes are %s', (bytes, wanted) => {
  expect(bytesText(bytes)).toBe(wanted)
})

test.each([
  ['Invoice.Create', 'invoice.created'],
  ['invoice.created', 'invoice.created'],
  ['customers/delete', 'customers.deleted'],
  ['jira:issue_updated', 'jira.issue_updated'],
  ['Item.Merge', 'item.merged'],
  ['invoice.void', 'invoice.voided'],
  ['push', 'push'],
  ['add', 'created'],
  ['', ''],
  ['x.constructor', 'x.constructor'],
  ['__proto__', '__proto__'],
])('%s is %s', (type, wanted) => {
  expect(normaliseEvent(type)).toBe(wanted)
})

test('an id is made of its time and its randomness', () => {
  expect(makeId('evt', 0, new Uint8Array(10))).toBe('evt_00000000000000000000000000')
  expect(makeId('dlv', 1_469_918_176_385, new Uint8Array(10).fill(255))).toBe('dlv_01ARYZ6S41ZZZZZZZZZZZZZZZZ')
})

test('the id of a row is made of its number: another one for each table and store, and found by its end', () => {
  const ids = rowIds('evt', 'events', 'salt')
  const id = ids.idOf(7, 1_469_918_176_385)
  expect(id).toMatch(/^evt_01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/)
  expect(rowIds('evt', 'events', 'salt').idOf(7, 1_469_918_176_385)).toBe(id)
  expect(rowIds('evt', 'deliveries', 'salt').idOf(7, 1_469_918_176_385).slice(-6)).not.toBe(id.slice(-6))
  expect(rowIds('evt', 'events', 'other').idOf(7, 1_469_918_176_385).slice(-16, -6)).not.toBe(id.slice(-16, -6))
  expect(ids.seqsOf(id.slice(4), 1_000)).toEqual([7])
  expect(ids.seqsOf(id.slice(-6), 6)).toEqual([])
  expect(ids.seqsOf(id.slice(-6), 2 ** 31 + 7)).toEqual([2 ** 31 + 7, 2 ** 30 + 7, 7])
  expect(ids.seqsOf(id.slice(-3), 100_000)).toContain(7)
  expect(ids.seqsOf('UUUUUU', 100_000)).toEqual([])
})

test.each([
  ['evt_01aryz', 'evt', '01ARYZ'],
  ['DLV_x90drt', 'dlv', 'X90DRT'],
  [' 4tq1ne ', undefined, '4TQ1NE'],
  ['oil0', undefined, '0110'],
  ['foo_1', undefined, 'F00_1'],
  ['', undefined, ''],
  ['a\nb', undefined, 'A\nB'],
])('%j is spelled', (text, kind, end) => {
  expect(spellId(text)).toEqual({ kind, end })
})

test.each([
  ['text', ' Ab ', 'Ab'],
  ['lower', 'Ab', 'ab'],
  ['email', 'Me@Example.com', 'me@example.com'],
  ['digits', '(934) 145-39', '93414539'],
  ['digits', 'none', undefined],
  ['origin', 'https://Acme.example.com/admin?x=1', 'acme.example.com'],
  ['origin', 'acme.example.com:443', 'acme.example.com'],
  ['origin', 'acme.example.com:8443', 'acme.example.com:8443'],
  ['origin', 'not a host', undefined],
  ['origin', 'file:///etc', undefined],
  ['text', '  ', undefined],
  ['text', 'x'.repeat(513), undefined],
] as const)('an account (%s) of %j is %j', (how, value, wanted) => {
  expect(normaliseAccount(how, value)).toBe(wanted)
})

test.each([
  ['Acme Holdings, Inc.', 'acme-holdings-inc'],
  ['  Ünï Cödé  ', 'uni-code'],
  ['漢字', 'tenant'],
  ['--', 'tenant'],
  ['x'.repeat(80), 'x'.repeat(48)],
])('%j becomes the tenant %s', (name, wanted) => {
  expect(slugOf(name)).toBe(wanted)
})

test('tenant ids and app names', () => {
  for (const id of ['a', 'A.b_c:d@e-f', '9', 'x'.repeat(64)]) expect(isTenantId(id), id).toBe(true)
  for (const id of ['', '-a', '.a', 'a b', 'a/b', 'ä', 'a\n', 'x'.repeat(65)]) expect(isTenantId(id), id).toBe(false)
  for (const name of ['a', 'qbo-live', '9']) expect(isAppName(name), name).toBe(true)
  for (const name of ['', '-a', 'A', 'a_b', 'a.b', 'a\n', 'x'.repeat(64)]) expect(isAppName(name), name).toBe(false)
})

test.each([
  [0, '0 deliveries'],
  [1, '1 delivery'],
  [2, '2 deliveries'],
])('%i is %s', (count, text) => {
  expect(countText(count, 'delivery', 'deliveries')).toBe(text)
})

test('a noun takes an s by itself', () => {
  expect([countText(1, 'event'), countText(2, 'event')]).toEqual(['1 event', '2 events'])
})
