import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globMatches } from '../../src/core/glob.ts'
import { badWait, busyWait, parseRetryAfter, probeWait } from '../../src/core/retry.ts'
import { parseRule } from '../../src/core/rule.ts'
import { signatureOf, signMessage } from '../../src/core/sign.ts'
import { clip, didYouMean, durationText, safeText } from '../../src/core/text.ts'
import { verifyDelivery } from '../../src/core/verify.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme-ascii' }),
)

/** UTF-16 as it may come out of a JSON string: lone surrogates and all. */
const wildText = fc
  .array(
    fc.oneof(fc.nat({ max: 0xffff }), fc.constantFrom(0xd800, 0xdc00, 0x1b, 0x202e, 0x2066, 0x200b, 0xdb40, 0xdc41)),
  )
  .map(codes => String.fromCharCode(...codes))

function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text)
}

test('a glob is the simple regular expression one thinks of', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '.', '[', '?'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '|', '[', '?'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, letters, fc.boolean(), (glob, text, exact) => {
      const alternatives = glob.split('|').map(one => one.replace(/[.[?]/g, '\\$&').replaceAll('*', '[^]*'))
      const model = new RegExp(`^(?:${alternatives.join('|')})$`, exact ? '' : 'i')
      expect(globMatches(glob, text, exact)).toBe(model.test(text))
    }),
    { numRuns: 3000 },
  )
})

test('waits never shrink from try to try, stay within ten per cent, and end 24 h after the first', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }), dice => {
      let since = 0
      let plain = 0
      let ended = false
      for (const [index, random] of dice.entries()) {
        const wait = badWait(index + 1, since, random)
        if (wait === null) {
          ended = true
          break
        }
        const middle = badWait(index + 1, 0, 0.5) as number
        expect(middle).toBeGreaterThanOrEqual(plain)
        expect(Math.abs(wait - middle)).toBeLessThanOrEqual(middle / 10 + 1)
        plain = middle
        since += wait
      }
      expect(ended).toBe(true)
      expect(since).toBeLessThanOrEqual(24 * 3_600_000 + 1)
      expect(since).toBeGreaterThan(22 * 3_600_000)
    }),
  )
})

test('busy waits and probes are bounded and never shrink', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.option(fc.double({ noNaN: true }), { nil: undefined }),
      (tries, asked) => {
        expect(probeWait(tries)).toBeGreaterThanOrEqual(250)
        expect(probeWait(tries + 1)).toBeGreaterThanOrEqual(probeWait(tries))
        expect(probeWait(tries)).toBeLessThanOrEqual(5_000)
        expect(busyWait(tries + 1)).toBeGreaterThanOrEqual(busyWait(tries))
        expect(busyWait(tries, asked)).toBeGreaterThanOrEqual(0)
        expect(busyWait(tries, asked)).toBeLessThanOrEqual(600_000)
      },
    ),
  )
})

test('Retry-After is a number of ms from 0 on, or nothing, whatever stands there', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText,
        fc.date({ noInvalidDate: true }).map(date => date.toUTCString()),
      ),
      value => {
        const ms = parseRetryAfter(value, 0)
        expect(ms === undefined || ms >= 0).toBe(true)
      },
    ),
  )
})

test('no control, bidirectional or invisible character and no lone surrogate reaches a terminal; all else does', () => {
  const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]|[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]/u
  fc.assert(
    fc.property(fc.oneof(anyText, wildText), text => {
      const shown = safeText(text)
      expect(shown).not.toMatch(unsafe)
      expect(safeText(shown)).toBe(shown)
    }),
    { numRuns: 3000 },
  )
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), text => void expect(safeText(text)).toBe(text)))
})

test('every single code unit that is a control or turns the reading order is taken out', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const text = String.fromCharCode(code)
    const isUnsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text)
    if (isUnsafe) expect(safeText(text), code.toString(16)).toBe('·')
  }
})

test('clipped text is short enough, a beginning, and splits no pair', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, length) => {
      const clipped = clip(text, length)
      expect(clipped.length).toBeLessThanOrEqual(length)
      if (text.length <= length) expect(clipped).toBe(text)
      else expect(text.startsWith(clipped.slice(0, -1)) && clipped.endsWith('…')).toBe(true)
      if (isWellFormed(text)) expect(isWellFormed(clipped)).toBe(true)
    }),
  )
})

test('what was signed verifies; with one bit flipped anywhere it does not', () => {
  const [scheme] = quickbooks.webhook.verify
  if (!scheme) throw new Error('it signs')
  const secret = fc.string({ minLength: 1 })
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map(all => Buffer.from(all))
  fc.assert(
    fc.property(secret, secret, bytes, fc.nat(), fc.nat({ max: 7 }), (right, wrong, body, where, bit) => {
      const message = { method: 'POST', url: '', headers: ['Host', 'x'], body }
      const { headers } = signMessage(scheme, message, right, { now: 0 })
      const own = (id: number, value: string) => ({ id, name: 'webhook', value, activation: null })
      const nothing = { activation: null, urls: [], keys: {}, slots: {}, hosts: {}, now: 0 }
      const keyring = { ...nothing, secrets: [own(1, wrong), own(2, right)] }
      const judge = (change: object) =>
        verifyDelivery(quickbooks, { method: 'POST', suffix: '', headers, body, ...change }, keyring)
      expect(judge({})).toMatchObject({ verified: true, by: 'signature', secretId: wrong === right ? 1 : 2 })
      const flipped = Buffer.from(body)
      flipped[where % body.length] = (flipped[where % body.length] as number) ^ (1 << bit)
      expect(judge({ body: flipped }).verified).toBe(false)
      const signature = signatureOf(scheme, message, null, right)
      const at = where % signature.length
      const changed =
        signature.slice(0, at) + String.fromCharCode(signature.charCodeAt(at) ^ (1 << bit)) + signature.slice(at + 1)
      expect(judge({ headers: ['Host', 'x', 'intuit-signature', changed] }).verified).toBe(false)
    }),
  )
})

test('a rule that is read is written the same way again, or is refused in words', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'30:/.,=ato{}*|? @#[]%-tenantcopyto'), maxLength: 16 }), text => {
      let target: string
      try {
        target = parseRule(text).target
      } catch (error) {
        expect(['bad-rule', 'remote-target']).toContain((error as { code?: string }).code)
        return
      }
      expect(parseRule(target).target).toBe(target)
    }),
    { numRuns: 3000 },
  )
})

test('no duration and no mistyped word makes trouble', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), ms => {
      expect(durationText(ms)).toMatch(/^\d+(\.\d)? (ms|s|min|h|d)( \d+ (s|min))?$/)
    }),
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.array(fc.string({ maxLength: 8 })), (word, candidates) => {
      const found = didYouMean(word, [...candidates, word])
      expect(found.length).toBeLessThanOrEqual(3)
      expect(found[0]?.toLowerCase()).toBe(word.toLowerCase())
    }),
  )
})
