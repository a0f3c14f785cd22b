import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytePlaces } from '../../../src/inspect/page/pure/byte-places.ts'
import { fromBase64, hexLines, toBase64 } from '../../../src/inspect/page/pure/hex.ts'
import { escapedJson, visiblePieces, visibleText } from '../../../src/inspect/page/pure/visible-text.ts'
import { agoText, clockText, countText, durationText, hueOf } from '../../../src/inspect/page/pure/words.ts'

test('what cannot be seen becomes its escape, in pieces of its own; the rest stays', () => {
  expect(visiblePieces('a\u202eb\u0007')).toEqual([
    { text: 'a', escaped: false },
    { text: '\\u202E', escaped: true },
    { text: 'b', escaped: false },
    { text: '\\u0007', escaped: true },
  ])
  expect(visibleText('one\ntwo\tthree\r\u001b[31m')).toBe('one\\ntwo\\tthree\\r\\e[31m')
  expect(visiblePieces('one\ntwo', { lines: true })).toEqual([{ text: 'one\ntwo', escaped: false }])
  expect(visibleText('שלום 日本 👩‍🚀')).toBe('שלום 日本 👩\\u200D🚀')
  expect(visibleText('\ud800x\udc00')).toBe('\\uD800x\\uDC00')
  expect(visiblePieces('')).toEqual([])
})

test('no text at all keeps a character that hides or turns another', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      // oxlint-disable-next-line no-control-regex -- exactly these must be gone
      expect(visibleText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/)
    }),
  )
})

test('JSON with escapes in place of what cannot be seen says the same', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      expect(JSON.parse(escapedJson(text))).toEqual(JSON.parse(text))
    }),
  )
  expect(escapedJson('{\r\n"a":"\u202eb"}')).toBe('{\r\n"a":"\\u202eb"}')
})

test('bytes of UTF-8 are found in the text', () => {
  const text = 'aé日👩z'
  const bytes = new TextEncoder().encode(text)
  const { toIndex } = bytePlaces(text)
  const places = [0, 1, 3, 6, 10, 11].map(toIndex)
  expect(places).toEqual([0, 1, 2, 3, 5, 6])
  expect(bytes).toHaveLength(11)
  expect([5, 6, 8].map(bytePlaces(text, 5).toIndex)).toEqual([0, 1, 2])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      const at = new TextEncoder().encode(before).length
      expect(bytePlaces(before + after).toIndex(at)).toBe(before.length)
    }),
  )
})

test('bytes are dumped in lines of sixteen', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, index) => index * 13)
  expect(hexLines(bytes)).toEqual([
    {
      offset: '00000000',
      bytes: '00 0d 1a 27 34 41 4e 5b  68 75 82 8f 9c a9 b6 c3',
      text: "...'4AN[hu......",
    },
    { offset: '00000010', bytes: 'd0 dd ea f7', text: '....' },
  ])
  expect(hexLines(bytes, 1, 4096).map(({ offset }) => offset)).toEqual(['00001000'])
  expect(new TextDecoder().decode(fromBase64(toBase64('aé日👩')))).toBe('aé日👩')
})

test('amounts and times in words', () => {
  expect([3.2, 999, 1500, 26_000, 300_000, 7_200_000, 200_000_000].map(durationText)).toEqual([
    '3 ms',
    '999 ms',
    '1.5 s',
    '26 s',
    '5 min',
    '2 h',
    '2 d',
  ])
  expect([agoText(1000, 1500), agoText(0, 61_000), agoText(100_000, 0), agoText(0, 7_000)]).toEqual([
    'just now',
    '1 min ago',
    'in 1 min',
    '7 s ago',
  ])
  expect([countText(1, 'event'), countText(1_234_567, 'event'), countText(2, 'reply', 'replies')]).toEqual([
    '1 event',
    '1,234,567 events',
    '2 replies',
  ])
  const noon = Date.UTC(2026, 11, 1, 12)
  expect(clockText(noon, noon + 1000)).toEqual({ day: null, clock: '12:00:00' })
  expect(clockText(noon - 86_400_000, noon).day).toMatch(/30/)
})

test('a tenant has one of twelve colours, always the same, and tenants have different ones', () => {
  const names = Array.from({ length: 300 }, (_, index) => `tenant-${index}`)
  const hues = names.map(hueOf)
  expect(new Set(hues).size).toBe(12)
  expect(hues.every(hue => Number.isInteger(hue) && hue >= 0 && hue < 12)).toBe(true)
  expect(hueOf('acme')).toBe(hueOf('acme'))
})
