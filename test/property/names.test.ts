import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTenantId, normaliseAccount, slugOf } from '../../src/core/account.ts'
import { normaliseEvent } from '../../src/core/event-type.ts'
import { makeId, rowIds, spellId } from '../../src/core/ids.ts'
import { fillUrl } from '../../src/core/url-template.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme-ascii' }),
)

function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text)
}

test('an id sorts by its time and can be read back', () => {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const time = fc.integer({ min: 0, max: 2 ** 45 })
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 })
  fc.assert(
    fc.property(time, random, time, random, (at, dice, later, others) => {
      const id = makeId('evt', at, dice)
      expect(id).toMatch(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/)
      const bits = Array.from(id.slice(4), letter => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
      expect(Number.parseInt(bits.slice(0, 50), 2)).toBe(at)
      const bytes = bits
        .slice(50)
        .match(/.{8}/g)
        ?.map(byte => Number.parseInt(byte, 2))
      expect(bytes).toEqual([...dice])
      const other = makeId('evt', later, others)
      if (at !== later) expect(id < other).toBe(at < later)
      expect(spellId(id.toLowerCase())).toEqual({ kind: 'evt', end: id.slice(4) })
    }),
  )
})

test('no two rows of a table have ids of one end, and an end leads back to its row', () => {
  const seqs = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 30 - 1 }), { minLength: 2, maxLength: 200 })
  fc.assert(
    fc.property(fc.string(), seqs, (salt, all) => {
      const ids = rowIds('dlv', 'deliveries', salt)
      const ends = all.map(seq => ids.idOf(seq, 5).slice(-6))
      expect(new Set(ends).size).toBe(all.length)
      for (const [index, end] of ends.entries()) expect(ids.seqsOf(end, 2 ** 30 - 1)).toEqual([all[index]])
    }),
  )
})

test('whatever is typed for an id is spelled, never an error', () => {
  fc.assert(fc.property(anyText, text => void expect(spellId(text).end).toBe(spellId(spellId(text).end).end)))
})

test('slots can never change host, depth of the path or query of a URL', () => {
  const hosts = { api: 'https://api.example.com' }
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      let filled: string
      try {
        filled = fillUrl('{api}/v3/{one}/x/{two}?a={one}&b=1', hosts, { one, two })
      } catch (error) {
        expect(
          ['', '.', '..'].includes(one) || ['', '.', '..'].includes(two) || !isWellFormed(`${one}${two}`),
          `${error}`,
        ).toBe(true)
        return
      }
      const url = new URL(filled)
      expect([url.origin, url.username, url.password, url.hash]).toEqual(['https://api.example.com', '', '', ''])
      expect(url.pathname.split('/').map(piece => decodeURIComponent(piece))).toEqual(['', 'v3', one, 'x', two])
      expect([...url.searchParams]).toEqual([
        ['a', one],
        ['b', '1'],
      ])
    }),
    { numRuns: 1000 },
  )
})

test('an account has one spelling: normalised again it stays the same', () => {
  fc.assert(
    fc.property(fc.constantFrom('text', 'lower', 'email', 'digits'), anyText, (how, value) => {
      const once = normaliseAccount(how, value)
      if (once === undefined) return
      expect(once).not.toBe('')
      expect(normaliseAccount(how, once)).toBe(once)
    }),
  )
})

test('whatever a company is called, its tenant has a good name', () => {
  fc.assert(fc.property(anyText, name => void expect(isTenantId(slugOf(name))).toBe(true)))
})

test('an event type normalised again stays the same, keeps its pieces, and has no capitals', () => {
  fc.assert(
    fc.property(anyText, type => {
      const once = normaliseEvent(type)
      expect(normaliseEvent(once)).toBe(once)
      expect(once.split('.')).toHaveLength(type.split(/[./:]/).length)
    }),
  )
})
