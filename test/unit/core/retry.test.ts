import { expect, test } from 'vitest'
import { badWait, busyTries, busyWait, classify, parseRetryAfter, probeWait } from '../../../src/core/retry.ts'

test.each([
  [200, 'done'],
  [204, 'done'],
  [299, 'done'],
  [101, 'final'],
  [301, 'final'],
  [400, 'final'],
  [401, 'final'],
  [404, 'final'],
  [410, 'final'],
  [408, 'bad'],
  [425, 'bad'],
  [429, 'busy'],
  [500, 'bad'],
  [501, 'bad'],
  [502, 'busy'],
  [503, 'busy'],
  [504, 'busy'],
  [599, 'bad'],
])('an answer of %i is %s', (status, wanted) => {
  expect(classify({ status })).toBe(wanted)
})

test.each([
  ['nobody', 'nobody'],
  ['cut', 'busy'],
  ['timeout', 'bad'],
] as const)('%s is %s', (error, wanted) => {
  expect(classify({ error, detail: '' })).toBe(wanted)
})

const minute = 60_000

test('a bad forward is tried after 5 s, 30 s, 2, 10, 30 min, then hourly for 24 h', () => {
  const waits: number[] = []
  let since = 0
  for (let tries = 1; ; tries++) {
    const wait = badWait(tries, since, 0.5)
    if (wait === null) break
    waits.push(wait)
    since += wait
  }
  expect(waits.slice(0, 6)).toEqual([5_000, 30_000, 2 * minute, 10 * minute, 30 * minute, 60 * minute])
  expect(waits.slice(5).every(wait => wait === 60 * minute)).toBe(true)
  expect(waits).toHaveLength(5 + 23)
  expect(since).toBeGreaterThan(23 * 60 * minute)
  expect(since).toBeLessThanOrEqual(24 * 60 * minute)
})

test('busy waits are 1, 5, 15 s, or what the handler asks for up to ten minutes', () => {
  expect([1, 2, 3].map(tries => busyWait(tries))).toEqual([1_000, 5_000, 15_000])
  expect(busyTries).toBe(3)
  expect(busyWait(1, 7_000)).toBe(7_000)
  expect(busyWait(1, 0)).toBe(0)
  expect(busyWait(1, -5)).toBe(0)
  expect(busyWait(1, 1e12)).toBe(10 * minute)
})

test('probes double from 0.25 s to 5 s', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 60].map(probeWait)).toEqual([250, 250, 500, 1000, 2000, 4000, 5000, 5000])
})

const now = Date.UTC(1994, 10, 6, 8, 49, 7)

test.each([
  [undefined, undefined],
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
  ['Sun Nov  6 08:49:37 1994', 30_000],
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ['1.5', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['in 5 minutes', undefined],
  ['99999999999', undefined],
  ['', undefined],
])('Retry-After %j is %s ms', (value, wanted) => {
  expect(parseRetryAfter(value, now)).toBe(wanted)
})
