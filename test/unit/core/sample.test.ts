import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { readItems } from '../../../src/core/ingest.ts'
import { composeSample, joinSamples, type SampleChanges } from '../../../src/core/sample.ts'
import { freshId, sameTimeFormat } from '../../../src/core/sample-values.ts'
import type { Shape } from '../../../src/core/webhook-definition.ts'
import { smallDefinition, smallShape } from '../../helpers/small-definition.ts'

const random = Buffer.alloc(16, 3)
const kinds = ['account', 'site', 'team'].map(kind => ({
  kind,
  word: kind,
  noun: kind,
  normalise: 'text' as const,
  pattern: '^.+$',
  shape: 'a text',
  from: 'consent' as const,
}))
const shape: Shape = {
  ...smallShape,
  time: '@.at',
  resource: { type: '@.kind', id: '@.rid', deletedId: '@.gone' },
  accounts: [
    {
      agree: [
        { kind: 'account', at: '@.account_id' },
        { kind: 'site', at: { header: 'x-site' } },
      ],
    },
    { kind: 'team', at: '@.team', when: '@.shared' },
  ],
}
const definition: ProviderDefinition = { ...smallDefinition({ shapes: [shape] }), accounts: kinds }
const sample = {
  headers: ['X-Site', 'old.example'],
  body: Buffer.from(
    '{ "type":"a", "id":"evt_12345678", "account_id":4711, "at":"2020-01-01T00:00:00Z", "kind":"K", "rid":"r1" }',
  ),
}
const made = (changes: SampleChanges, from = sample) => {
  const message = composeSample(definition, from, changes)
  const [item] = readItems(definition, { method: 'POST', ...message })
  return {
    ...message,
    item,
    text: message.body.toString(),
    raw: JSON.parse(message.body.toString()) as Record<string, unknown>,
  }
}
const withBody = (more: object) => ({
  ...sample,
  body: Buffer.from(JSON.stringify({ ...JSON.parse(sample.body.toString()), ...more })),
})

describe('what a sample is made to say', () => {
  test('nothing asked, nothing changed', () => {
    expect(composeSample(definition, sample, {})).toEqual(sample)
  })

  test('accounts of every kind that is named', () => {
    const { raw, headers } = made({ accounts: { account: '99', site: 'new.example', team: 'T' } })
    expect([raw.account_id, headers]).toEqual([99, ['X-Site', 'new.example']])
    expect(raw).not.toHaveProperty('team')
  })

  test('a kind that the tenant lacks becomes nobody’s, of the same form, where there is randomness', () => {
    const one = made({ accounts: { account: '99' }, random })
    expect(one.headers[1]).toMatch(/^old\.[a-z]{7}$/)
    expect(one.headers[1]).not.toBe('old.example')
    expect(made({ accounts: { site: 'a' }, random }).raw.account_id).toSatisfy(
      id => Number.isInteger(id) && (id as number) >= 1000 && (id as number) <= 9999,
    )
    expect(made({ accounts: { account: '99' } }).headers[1]).toBe('old.example')
    expect(made({ random }).headers[1]).toBe('old.example')
  })

  test('an account whose condition does not hold is let alone', () => {
    const accounts = { account: '1', team: 'new' }
    expect(made({ accounts }, withBody({ team: 'T', shared: true })).raw.team).toBe('new')
    expect(made({ accounts, random }, withBody({ team: 'T' })).raw.team).toBe('T')
  })

  test('a new id of the same form, the time in the same form, and only what stands there', () => {
    const at = Date.UTC(2027, 0, 2, 3, 4, 5)
    const one = made({ random, at, resourceId: '7', deletedId: '8' })
    expect(one.raw.id).toMatch(/^evt_\d{8}$/)
    expect(one.raw.id).not.toBe('evt_12345678')
    expect(one.item).toMatchObject({ occurredAt: '2027-01-02T03:04:05Z', resource: { type: 'K', id: '7' } })
    expect(one.raw).not.toHaveProperty('gone')
    expect(made({ deletedId: '8' }, withBody({ gone: 'g' })).item?.resource).toEqual({
      type: 'K',
      id: 'r1',
      deletedId: '8',
    })
  })

  test('every item of several gets an id and a stranger of its own', () => {
    const { headers, body } = sample
    const list = { headers, body: Buffer.from(`{"events":[${body.toString()},${body.toString()}]}`) }
    const two = readItems(definition, {
      method: 'POST',
      ...composeSample(definition, list, { accounts: { site: 'a' }, random }),
    })
    expect(new Set(two.map(item => item.providerEventId)).size).toBe(2)
    expect(new Set(two.map(item => item.accounts[0]?.[0]?.value)).size).toBe(2)
  })

  test.each([
    ['no account', '{"type":"a"}', []],
    ['no shape', '{"kind":"a"}', ['x-site', 'a']],
    ['no JSON', 'hello', ['x-site', 'a']],
  ])('a sample with %s is refused', (_, text, headers) => {
    const bad = { headers, body: Buffer.from(text) }
    expect(() => composeSample(definition, bad, { accounts: { account: '1' } })).toThrow(
      expect.objectContaining({ code: 'bad-sample', exit: 1 }),
    )
  })
})

test('a form is written in place, bracket by bracket', () => {
  const form = smallDefinition({
    body: ['form'],
    split: ['$'],
    shapes: [{ ...smallShape, id: '@.data.id', accounts: [{ kind: 'account', at: '@.data.list' }] }],
  })
  const headers = ['content-type', 'application/x-www-form-urlencoded']
  const body = Buffer.from('type=a&data%5Bid%5D=12&x=%20&data[list]=l1')
  const one = composeSample(form, { headers, body }, { accounts: { account: 'l 2' }, random })
  expect(one.body.toString()).toMatch(/^type=a&data%5Bid%5D=\d\d&x=%20&data\[list\]=l\+2$/)
  expect(() => joinSamples(form, [one, one])).toThrow(expect.objectContaining({ code: 'cannot-mix', exit: 2 }))
})

describe('several as one', () => {
  const nested = smallDefinition({
    split: ['$.entry[*].changes[*]', '$.entry[*]'],
    shapes: [
      { ...smallShape, when: '@.f', providerEvent: '@.f', accounts: [{ kind: 'account', at: '$.entry[*].id' }] },
    ],
  })
  const one = (id: string, ...fields: string[]) => ({
    headers: ['x', id],
    body: Buffer.from(JSON.stringify({ entry: [{ id, changes: fields.map(f => ({ f })) }] })),
  })
  const joined = (...all: ReturnType<typeof one>[]) => joinSamples(nested, all).body.toString()

  test('of one account in its own list, of another in a list of its own', () => {
    expect(joined(one('1', 'a'), one('1', 'b'), one('2', 'c'), one('2', 'd'))).toBe(
      '{"entry":[{"id":"1","changes":[{"f":"a"},{"f":"b"}]},{"id":"2","changes":[{"f":"c"},{"f":"d"}]}]}',
    )
    expect(joined(one('1', 'a'), one('2', 'b'), one('1', 'c'))).toBe(
      '{"entry":[{"id":"1","changes":[{"f":"a"}]},{"id":"2","changes":[{"f":"b"}]},{"id":"1","changes":[{"f":"c"}]}]}',
    )
  })

  test('all of a later one, and the headers of the first', () => {
    expect(joined(one('1', 'a'), one('1', 'b', 'c'))).toBe(
      '{"entry":[{"id":"1","changes":[{"f":"a"},{"f":"b"},{"f":"c"}]}]}',
    )
    expect(joinSamples(nested, [one('1', 'a'), one('2', 'b')]).headers).toEqual(['x', '1'])
    expect(joinSamples(nested, [one('1', 'a')])).toEqual(one('1', 'a'))
    expect(() => joinSamples(nested, [])).toThrow('sample cannot be used')
  })

  test('one event a body cannot be mixed', () => {
    const alone = composeSample(definition, sample, {})
    expect(() => joinSamples(definition, [alone, alone])).toThrow('cannot mix')
  })
})

describe('ids and times of the same form', () => {
  test.each([
    ['evt_1MqqbKLt4dXK03v5qaIbiNCC', /^evt_[1-9][A-Za-z\d]{23}$/],
    ['12345', /^[1-9]\d{4}$/],
    ['0123', /^\d{4}$/],
    ['a-b-longest-c', /^a-b-[a-z]{7}-c$/],
    ['6E213013-158A-4B44-9215-FED2772E0AB5', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['urn:x:6e213013-158a-4b44-9215-fed2772e0ab5:1', /^urn:x:[0-9a-f-]{36}:1$/],
    ['--', /^--$/],
    ['é12345', /^é[1-9]\d{4}$/],
    [`x${'7'.repeat(100)}`, /^[a-z]\d{100}$/],
  ])('%s', (old, form) => {
    for (let index = 0; index < 200; index++) expect(freshId(old, random, index)).toMatch(form)
  })

  test.each([
    ['2026-03-17 16:19:17', '2027-01-02 03:04:05'],
    ['2026-03-17T16:19:17.1Z', '2027-01-02T03:04:05.6Z'],
    ['2026-03-17T16:19:17.123456Z', '2027-01-02T03:04:05.678000Z'],
    ['2026-03-17T16:19:17-0700', '2027-01-02T03:04:05+0000'],
    ['2026-03-17T16:19:17.5+02:00', '2027-01-02T03:04:05.6+00:00'],
    ['1773764357.123', '1798859045'],
    ['Tuesday', '2027-01-02T03:04:05.678Z'],
  ])('%s as %s', (old, wanted) => {
    expect(sameTimeFormat(old, Date.UTC(2027, 0, 2, 3, 4, 5, 678))).toBe(wanted)
  })
})
