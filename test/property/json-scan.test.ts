import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elements, type JsonDoc, kinds, member, oneLine, rawAt, scanJson } from '../../src/core/json-scan.ts'
import { brokenText, jsonText } from '../helpers/json-texts.ts'

function scan(text: string): JsonDoc {
  const doc = scanJson(Buffer.from(text))
  if ('fault' in doc) throw new Error(`${doc.fault} at ${doc.at}`)
  return doc
}

/** What stands at a node, put together from the places of its parts alone. */
function valueOf(doc: JsonDoc, node: number): unknown {
  if (doc.kind[node] === kinds.array) return elements(doc, node).map(one => valueOf(doc, one))
  if (doc.kind[node] !== kinds.object) return JSON.parse(rawAt(doc, node))
  const object: Record<string, unknown> = {}
  for (let at = node + 1; at < (doc.next[node] as number); at = doc.next[at + 1] as number) {
    const entry = { value: valueOf(doc, at + 1), enumerable: true, configurable: true, writable: true }
    Object.defineProperty(object, JSON.parse(rawAt(doc, at)) as string, entry)
  }
  return object
}

test('the places are right: put together again they give what JSON.parse gives', () => {
  fc.assert(
    fc.property(jsonText, text => {
      expect(valueOf(scan(text), 0)).toEqual(JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test('every node stands within its parent, behind the one before it, and parses alone', () => {
  fc.assert(
    fc.property(jsonText, text => {
      const doc = scan(text)
      for (let node = 0; node < doc.kind.length; node++) {
        expect(() => JSON.parse(rawAt(doc, node))).not.toThrow()
        expect(doc.next[node]).toBeGreaterThan(node)
        for (let child = node + 1; child < (doc.next[node] as number); child = doc.next[child] as number) {
          expect(doc.start[child]).toBeGreaterThan(doc.start[node] as number)
          expect(doc.end[child]).toBeLessThan(doc.end[node] as number)
        }
      }
      expect(doc.next[0]).toBe(doc.kind.length)
    }),
  )
})

test('a key means what it means to JSON.parse: of doubled ones the last', () => {
  fc.assert(
    fc.property(jsonText, text => {
      const doc = scan(text)
      for (let node = 0; node < doc.kind.length; node++) {
        if (doc.kind[node] !== kinds.object) continue
        const whole = JSON.parse(rawAt(doc, node)) as Record<string, unknown>
        for (const key of Object.keys(whole).filter(one => !/\p{Cs}/u.test(one))) {
          const found = member(doc, node, Buffer.from(key))
          expect(JSON.parse(rawAt(doc, found))).toEqual(whole[key])
        }
        expect(member(doc, node, Buffer.from('never there'))).toBe(-1)
      }
    }),
  )
})

/**
 * JSON.parse, with the four differences that are meant: a byte order mark may lead, bytes that are no UTF-8 (a lone
 * surrogate in bytes too) are refused where a decoder would mend them, and depth and number of values are bounded.
 */
function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}

test('what is accepted is what JSON.parse accepts, text for text', () => {
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(fc.oneof(jsonText, brokenText), text => {
      const bytes = Buffer.from(text)
      const fine = !('fault' in scanJson(bytes))
      expect(fine).toBe(isJson(bytes))
      if (fine) accepted++
      else refused++
    }),
    { numRuns: 3000 },
  )
  expect(Math.min(accepted, refused)).toBeGreaterThan(300)
})

test('what is accepted is what JSON.parse accepts, byte for byte', () => {
  const flipped = fc.tuple(jsonText, fc.nat(), fc.nat({ max: 255 })).map(([text, where, byte]) => {
    const bytes = Buffer.from(text)
    bytes[where % bytes.length] = byte
    return bytes
  })
  const random = fc.uint8Array({ maxLength: 8 }).map(bytes => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.oneof(flipped, random), bytes => {
      expect(!('fault' in scanJson(bytes))).toBe(isJson(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('a fault stands within the text', () => {
  fc.assert(
    fc.property(brokenText, text => {
      const bytes = Buffer.from(text)
      const doc = scanJson(bytes)
      if (!('fault' in doc)) return
      expect(doc.at).toBeGreaterThanOrEqual(0)
      expect(doc.at).toBeLessThanOrEqual(bytes.length)
    }),
  )
})

test('on one line a text means the same, and no scalar changes a letter', () => {
  fc.assert(
    fc.property(jsonText, text => {
      const line = oneLine(text)
      expect(line).not.toMatch(/[\n\r\t]/)
      const scalars = (doc: JsonDoc): string[] =>
        doc.kind.flatMap((kind, node) => (kind === kinds.object || kind === kinds.array ? [] : [rawAt(doc, node)]))
      expect(scalars(scan(line))).toEqual(scalars(scan(text)))
      expect(JSON.parse(line)).toEqual(JSON.parse(text))
    }),
  )
})
