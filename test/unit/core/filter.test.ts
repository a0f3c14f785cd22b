import { afterEach, expect, test } from 'vitest'
import { filterTakes, parseDuration, parseMoment } from '../../../src/core/filter.ts'
import type { EventFacts } from '../../../src/core/rule.ts'

const facts: EventFacts = {
  tenant: 'acme',
  app: 'qbo-live',
  provider: 'quickbooks',
  env: 'production',
  account: '934',
  scope: 'tenant',
  event: 'invoice.created',
  providerEvent: 'qbo.invoice.created.v1',
  resource: 'invoice/130',
}

test.each([
  [{}, true],
  [{ tenant: [] }, true],
  [{ tenant: ['globex', 'acme'] }, true],
  [{ tenant: ['globex|acme'] }, true],
  [{ tenant: ['ACME'] }, false],
  [{ tenant: ['globex'] }, false],
  [{ env: ['PRODUCTION'], app: ['qbo*'] }, true],
  [{ env: ['sandbox'], app: ['qbo*'] }, false],
  [{ event: ['qbo.*'] }, true],
  [{ event: ['*.created'] }, true],
  [{ resource: ['invoice/*'] }, true],
  [{ resource: ['130'] }, false],
  [{ scope: ['parked'] }, false],
  [{ parked: true }, false],
  [{ parked: false }, true],
  [{ account: ['934'] }, true],
])('%j takes it: %s', (filter, wanted) => {
  expect(filterTakes(filter, facts)).toBe(wanted)
})

test('nothing that is missing passes a filter on it', () => {
  const parked: EventFacts = {
    ...facts,
    tenant: null,
    account: null,
    event: null,
    providerEvent: null,
    scope: 'parked',
  }
  expect(filterTakes({ tenant: ['*'] }, parked)).toBe(false)
  expect(filterTakes({ account: ['*'] }, parked)).toBe(false)
  expect(filterTakes({ event: ['*'] }, parked)).toBe(false)
  expect(filterTakes({ event: ['qbo.*'] }, { ...parked, providerEvent: 'qbo.x' })).toBe(true)
  expect(filterTakes({ parked: true }, parked)).toBe(true)
})

test.each([
  ['0', 0],
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['10m', 600_000],
  ['10min', 600_000],
  ['7d', 604_800_000],
  [' 2w ', 1_209_600_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text, '--for')).toBe(ms)
})

test.each(['', '10', 'm', '-1s', '1 h', '1e3s', '10 minutes', '∞d'])('%j is no duration', text => {
  expect(() => parseDuration(text, '--for')).toThrow(expect.objectContaining({ code: 'bad-duration', exit: 2 }))
})

const zone = process.env.TZ

afterEach(() => {
  process.env.TZ = zone
})

test.each([
  ['2h', 1_000_000_000_000 - 7_200_000],
  ['2026-01-10T11:00:00Z', Date.UTC(2026, 0, 10, 11)],
  ['2026-01-10T11:00:00+02:00', Date.UTC(2026, 0, 10, 9)],
  ['2026-01-10T11:00', Date.UTC(2026, 0, 10, 16)],
  ['2026-01-10', Date.UTC(2026, 0, 10, 5)],
  ['2026-02', Date.UTC(2026, 1, 1, 5)],
])('%s is a moment, without a zone a local one', (text, wanted) => {
  process.env.TZ = 'America/New_York'
  expect(parseMoment(text, '--since', 1_000_000_000_000)).toBe(wanted)
})

test.each(['', 'yesterday', '17', '2026-13-01', '10:00'])('%j is no moment', text => {
  expect(() => parseMoment(text, '--since', 0)).toThrow(expect.objectContaining({ code: 'bad-time', exit: 2 }))
})
