import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { readTime, timeFault, writeTime } from '../../../src/core/signed-time.ts'
import type { SignedTime } from '../../../src/core/webhook-definition.ts'
import { now } from '../../helpers/small-definition.ts'

const inHeader: SignedTime = { at: { header: 'x-time' }, unit: 's', toleranceSeconds: 300 }
const inBody: SignedTime = { at: '$.sent.at', unit: 'ms', toleranceSeconds: 300 }
const inList: SignedTime = { at: 'list', unit: 's', toleranceSeconds: 300 }
const iso: SignedTime = { ...inHeader, unit: 'iso' }
const message = (headers: string[], body = '{}') => ({ headers, body: Buffer.from(body) })

test.each<[string, SignedTime | undefined, string[], string, string | null]>([
  ['of a header', inHeader, ['X-Time', '17'], 'no json', '17'],
  ['of a header that is missing', inHeader, [], '{}', null],
  ['of an empty header', inHeader, ['x-time', ''], '{}', null],
  ['of the list', inList, ['x-time', '17'], '{}', '3'],
  ['of the body', inBody, [], '{"sent":{"at":1700000000000}}', '1700000000000'],
  ['of a body that is no JSON', inBody, [], 'sent', null],
  ['of a body without it', inBody, [], '{"sent":{}}', null],
  ['that nothing asks for', undefined, ['x-time', '17'], '{}', null],
])('the time %s', (_, time, headers, body, wanted) => {
  expect(readTime(time ? { time } : {}, message(headers, body), '3')).toBe(wanted)
})

test.each<[SignedTime['unit'], string, number | undefined]>([
  ['s', '1700000000', 1_700_000_000_000],
  ['s', '1700000000.5', 1_700_000_000_500],
  ['ms', '1700000000123', 1_700_000_000_123],
  ['iso', '2026-03-01T12:00:00Z', now],
  ['iso', '2026-03-01T13:00:00.000+01:00', now],
  ['s', '', undefined],
  ['s', '-1', undefined],
  ['s', '1e9', undefined],
  ['s', '0x10', undefined],
  ['s', ' 17', undefined],
  ['s', '17 ', undefined],
  ['s', 'NaN', undefined],
  ['s', 'Infinity', undefined],
  ['s', '1'.repeat(400), undefined],
  ['ms', '٣', undefined],
  ['iso', 'yesterday', undefined],
  ['iso', '', undefined],
])('%s: %j', (unit, text, wanted) => {
  const exact: SignedTime = { ...inHeader, unit, toleranceSeconds: 0 }
  const fault = timeFault(exact, text, wanted ?? now)
  expect(fault).toEqual(wanted === undefined ? { reason: 'malformed-header', ms: 0 } : undefined)
  if (wanted !== undefined) expect(timeFault(exact, text, wanted + 1)).toEqual({ reason: 'too-old', ms: 1 })
})

describe('what is too far away', () => {
  test.each<[number, string | undefined]>([
    [0, undefined],
    [300, undefined],
    [-300, undefined],
    [301, 'too-old'],
    [-301, 'too-new'],
    [90_000, 'too-old'],
  ])('signed %i s ago', (age, reason) => {
    const fault = timeFault(inHeader, String(now / 1000 - age), now)
    expect(fault?.reason).toBe(reason)
    if (fault) expect(fault.ms).toBe(Math.abs(age) * 1000)
  })

  test.each<[string | null, string]>([
    [null, 'missing-header'],
    ['soon', 'malformed-header'],
    ['', 'malformed-header'],
  ])('%j', (text, reason) => {
    expect(timeFault(inHeader, text, now)?.reason).toBe(reason)
  })
})

describe('what is written', () => {
  test.each<[string, SignedTime, string[], string, string]>([
    ['seconds in a header', inHeader, ['x-time', '1'], '{}', '1772366400'],
    ['a header that was not there', inHeader, [], '{}', '1772366400'],
    ['ISO with the digits that stood there', iso, ['x-time', '2020-01-01T00:00:00.000000Z'], '{}', '000000Z'],
    ['ISO without digits', iso, ['x-time', '2020-01-01T00:00:00Z'], '{}', '2026-03-01T12:00:00Z'],
    ['milliseconds in the body', inBody, [], '{"sent":{"at":1}, "b":2}', '1772366400000'],
    ['a text in the body stays a text', inBody, [], '{"sent":{"at":"1"}}', '1772366400000'],
  ])('%s', (_, time, headers, body, wanted) => {
    const made = writeTime({ time }, message(headers, body), now)
    expect(made.time).toContain(wanted)
    expect(readTime({ time }, made, null)).toBe(made.time)
    expect(timeFault(time, made.time, now)).toBeUndefined()
  })

  test('everything else of the body stays', () => {
    const made = writeTime({ time: inBody }, message([], '{ "sent" : {"at":"1","z": 1.50 } }'), now)
    expect(made.body.toString()).toBe('{ "sent" : {"at":"1772366400000","z": 1.50 } }')
  })

  test.each([
    ['a list', inList, '{}'],
    ['a body without a place for it', inBody, '{"sent":{}}'],
    ['a body that is no JSON', inBody, 'x'],
  ])('%s takes it elsewhere, or not at all', (_, time, body) => {
    const given = message(['A', '1'], body)
    expect(writeTime({ time }, given, now)).toMatchObject(given)
  })

  test('no time, no change', () => {
    const given = message(['A', '1'])
    expect(writeTime({}, given, now)).toEqual({ time: null, ...given })
  })
})
