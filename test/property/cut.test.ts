import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readItems } from '../../src/core/ingest.ts'
import { type JsonDoc, scanJson } from '../../src/core/json-scan.ts'
import { cutPart } from '../../src/core/part.ts'
import { type Item, splitItems } from '../../src/core/split.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { jsonText } from '../helpers/json-texts.ts'

const { split } = quickbooks.webhook
const blank = fc.constantFrom('', ' ', '\n  ', '\t')

function list(parts: fc.Arbitrary<string>, minLength: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(blank, parts, blank), { minLength, maxLength: 6 }), blank)
    .map(([all, gap]) => `[${all.map(one => one.join('')).join(',') || gap}]`)
}

const notification = fc.oneof(
  {
    weight: 5,
    arbitrary: list(jsonText, 0).map(all => `{"realmId":"1","dataChangeEvent":{"entities":${all},"x":[1,2]}}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('{"realmId":"2"}', '{"dataChangeEvent":7}', 'null', '[[1],[2]]') },
)
const body = fc.oneof(
  list(jsonText, 1),
  list(notification, 1).map(all => `{"more":[[1],{"a":[]}],"eventNotifications":${all} ,"z":"]"}`),
  fc.tuple(jsonText, list(notification, 1)).map(([one, all]) => `{"y":${one},"y":[1],"eventNotifications":${all}}`),
)

interface Split {
  doc: JsonDoc
  items: Item[]
}

function splitUp(bytes: Buffer): Split {
  const doc = scanJson(bytes)
  if ('fault' in doc) throw new Error(`${doc.fault}: ${bytes}`)
  return { doc, items: splitItems(doc, split) as Item[] }
}

function rawOf({ doc, items }: Split): string[] {
  return items.map(item => doc.bytes.toString('utf8', doc.start[item.node], doc.end[item.node]))
}

const chosen = fc.tuple(body, fc.infiniteStream(fc.boolean()))

/** Calls `check` for bodies with a proper part of their items chosen. */
function forEveryPart(check: (bytes: Buffer, before: Split, kept: boolean[], cut: Buffer) => void): number {
  let seen = 0
  fc.assert(
    fc.property(chosen, ([text, stream]) => {
      const bytes = Buffer.from(text)
      const before = splitUp(bytes)
      const kept = before.items.map(() => stream.next().value)
      if (!kept.includes(true) || !kept.includes(false)) return
      const starts = before.items.flatMap((item, index) => (kept[index] ? [before.doc.start[item.node] as number] : []))
      check(bytes, before, kept, cutPart(quickbooks, bytes, starts) as Buffer)
      seen++
    }),
    { numRuns: 500 },
  )
  return seen
}

test('a part holds exactly the chosen items, each byte for byte and in order, and is JSON', () => {
  const seen = forEveryPart((_, before, kept, cut) => {
    const wanted = rawOf(before).filter((_one, index) => kept[index])
    expect(rawOf(splitUp(cut))).toEqual(wanted)
  })
  expect(seen).toBeGreaterThan(150)
})

/** What DESIGN §6 says of cutting, on values: the highest array element goes that holds something dropped and nothing kept. */
function without(value: unknown, pointer: string, keep: string[], drop: string[]): unknown {
  const holds = (list: string[], place: string): boolean =>
    list.some(one => one === place || one.startsWith(`${place}/`))
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => {
      const place = `${pointer}/${index}`
      return holds(drop, place) && !holds(keep, place) ? [] : [without(one, place, keep, drop)]
    })
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]) => {
    const place = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [key, without(one, place, keep, drop)] as const
  })
  return Object.fromEntries(entries)
}

test('nothing but the others is gone: the rest means what it meant', () => {
  forEveryPart((bytes, before, kept, cut) => {
    const pointers = (is: boolean): string[] =>
      before.items.flatMap((item, index) => (kept[index] === is ? [item.pointer] : []))
    const whole: unknown = JSON.parse(bytes.toString())
    expect(JSON.parse(cut.toString())).toEqual(without(whole, '', pointers(true), pointers(false)))
  })
})

test('the bytes that stay are the bytes that were: what is left is what was, with runs taken out', () => {
  forEveryPart((bytes, _, __, cut) => {
    let at = 0
    for (const byte of bytes) if (byte === cut[at]) at++
    expect(at).toBe(cut.length)
    expect(cut.length).toBeLessThan(bytes.length)
  })
})

test('parts of a part are parts of the whole: cutting twice is cutting once', () => {
  forEveryPart((bytes, before, kept, cut) => {
    const after = splitUp(cut)
    if (after.items.length < 2) return
    const first = after.doc.start[after.items[0]?.node as number] as number
    const original = before.items.find((_one, index) => kept[index]) as Item
    const once = cutPart(quickbooks, bytes, [before.doc.start[original.node] as number])
    expect(JSON.parse(String(cutPart(quickbooks, cut, [first])))).toEqual(JSON.parse(String(once)))
  })
})

test('every item of whatever verifies is read or is a fault, lies in the body, and none overlaps another', () => {
  const anything = fc.oneof(body, jsonText, fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(anything, text => {
      const bytes = Buffer.from(text)
      const items = readItems(quickbooks, { method: 'POST', headers: [], body: bytes })
      expect(items.length).toBeGreaterThan(0)
      let at = 0
      for (const item of items) {
        expect(item.start).toBeGreaterThanOrEqual(at)
        at = item.start + item.length
        expect(item.fault === null).toBe(item.accounts.length > 0)
      }
      expect(at).toBeLessThanOrEqual(bytes.length)
    }),
  )
})

test('every item alone is cut out whole, whatever the body was', () => {
  fc.assert(
    fc.property(fc.oneof(body, jsonText, fc.string({ unit: 'binary' })), text => {
      const bytes = Buffer.from(text)
      for (const { start, length } of readItems(quickbooks, { method: 'POST', headers: [], body: bytes })) {
        const cut = cutPart(quickbooks, bytes, [start]) ?? bytes
        expect(cut.includes(bytes.subarray(start, start + length))).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('what stands beside the items is emptied in every part, and the parts hold nothing else that the whole did not', () => {
  const beside = {
    ...quickbooks,
    webhook: { ...quickbooks.webhook, alongside: ['$.more', '$.z', '$.more[1]', '$.none'] },
  }
  let seen = 0
  fc.assert(
    fc.property(chosen, ([text, stream]) => {
      const bytes = Buffer.from(text)
      const before = splitUp(bytes)
      const kept = before.items.map(() => stream.next().value)
      if (!kept.includes(true) || !kept.includes(false)) return
      const starts = before.items.flatMap((item, index) => (kept[index] ? [before.doc.start[item.node] as number] : []))
      const plain = JSON.parse(String(cutPart(quickbooks, bytes, starts))) as { more?: unknown[] }
      const cut = JSON.parse(String(cutPart(beside, bytes, starts))) as { more?: unknown[] }
      if (plain.more) seen++
      expect(cut).toEqual(plain.more ? { ...plain, more: [] } : plain)
    }),
    { numRuns: 300 },
  )
  expect(seen).toBeGreaterThan(20)
})
