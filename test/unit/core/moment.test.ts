import { expect, test } from 'vitest'
import { momentMs, sinceSlots } from '../../../src/core/moment.ts'

const at = Date.UTC(2026, 1, 3, 4, 5, 6)

test.each<[string, number | null]>([
  ['2026-02-03T04:05:06Z', at],
  ['2026-02-03T04:05:06.789Z', at + 789],
  ['2026-02-03T04:05:06', at],
  ['2026-02-03T06:05:06+02:00', at],
  ['2026-02-02T20:05:06-0800', at],
  [String(at / 1000), at],
  [`${at / 1000}.25`, at + 250],
  [String(at), at],
  ['', null],
  ['yesterday', null],
  ['2026-02-03', null],
  ['2026-13-03T04:05:06Z', null],
  ['1234567890123456', null],
  ['-5', null],
])('%j is %j', (text, ms) => {
  expect(momentMs(text)).toBe(ms)
})

test('a time is written in each of the forms that calls have it in', () => {
  expect(sinceSlots(at + 789)).toEqual({
    'since.iso': '2026-02-03T04:05:06.789Z',
    'since.s': String(at / 1000),
    'since.ms': String(at + 789),
    'since.utc': '2026-02-03T04:05:06',
  })
})
