import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { AccountKind, ProviderDefinition } from '../../../src/core/definition.ts'
import { readItems } from '../../../src/core/ingest.ts'
import type { IngestedItem } from '../../../src/core/read-item.ts'
import type { Shape } from '../../../src/core/webhook-definition.ts'
import { shapeReading, smallDefinition, smallShape } from '../../helpers/small-definition.ts'

const kind = (
  name: string,
  normalise: AccountKind['normalise'],
  from: AccountKind['from'] = 'consent',
): AccountKind => ({
  kind: name,
  word: name,
  noun: name,
  normalise,
  pattern: '^.+$',
  shape: 'a text',
  from,
})
const kinds = [
  kind('account', 'text'),
  kind('site', 'origin'),
  kind('phone', 'digits'),
  kind('mail', 'email'),
  kind('team', 'lower', 'delivery'),
]

function itemsOf(
  shapes: Shape[],
  body: unknown,
  { activation = null as number | null, headers = [] as string[] } = {},
) {
  const definition: ProviderDefinition = { ...smallDefinition({ shapes }), accounts: kinds }
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return readItems(definition, { method: 'POST', headers, body: bytes, suffix: '/x?site=a.example' }, activation)
}
const read = (shape: Partial<Shape>, item: object, more: Parameters<typeof itemsOf>[2] = {}): IngestedItem =>
  itemsOf([{ ...smallShape, ...shape }], { type: 'a', account_id: 'x', ...item }, more)[0] as IngestedItem

test('a whole item, and where everything of it stands', () => {
  const shape: Shape = { ...smallShape, time: '@.at', resource: { type: '@.kind', id: '@.rid', deletedId: '@.gone' } }
  const event = {
    type: 'Invoice.Create',
    id: 'e1',
    account_id: ' x ',
    at: '2026-01-01',
    kind: 'Invoice',
    rid: 7,
    gone: 'old',
  }
  const text = JSON.stringify(event)
  expect(itemsOf([shape], `{"events":[${text}, ${text}]}`)[1]).toEqual({
    start: 13 + text.length,
    length: text.length,
    pointer: '/events/1',
    shape: 'event',
    fault: null,
    scope: null,
    providerEvent: 'Invoice.Create',
    event: 'invoice.created',
    providerEventId: 'e1',
    derivedId: null,
    occurredAt: '2026-01-01',
    resource: { type: 'Invoice', id: '7', deletedId: 'old' },
    accounts: [[{ kind: 'account', value: 'x', place: '/events/1/account_id' }]],
    activation: null,
    reply: null,
  })
})

describe('events', () => {
  test.each<[Partial<Shape>, object, string | null, string | null]>([
    [{}, { type: 'THING:Updated' }, 'THING:Updated', 'thing.updated'],
    [{ providerEvent: '@.none' }, {}, null, null],
    [
      { event: { part: { of: '@.type', by: '.', from: 1, to: 3 } } },
      { type: 'q.bill.Delete.v1' },
      'q.bill.Delete.v1',
      'bill.deleted',
    ],
    [{ event: '@.none' }, { type: 'a.b' }, 'a.b', 'a.b'],
    [{ events: { 'a.b': 'c.d', 'c.d': 'never' } }, { type: 'A.B' }, 'A.B', 'c.d'],
    [{ events: { 'a.b': 'c.d' } }, { type: 'a.c' }, 'a.c', 'a.c'],
    [{ events: {} }, { type: 'constructor' }, 'constructor', 'constructor'],
  ])('%j of %j', (shape, item, providerEvent, event) => {
    expect(read({ when: '@.account_id', ...shape }, item)).toMatchObject({ providerEvent, event, fault: null })
  })

  test('the first shape that fits reads an item; where none does it is kept and says so', () => {
    const shapes = [
      { ...smallShape, name: 'one', when: '@.one' },
      { ...smallShape, name: 'two', when: '@.type' },
    ]
    const [one, two, none] = itemsOf(shapes, {
      events: [{ one: 1, type: 'a', account_id: 'x' }, { type: 'a', account_id: 'x' }, {}],
    })
    expect([one?.shape, two?.shape]).toEqual(['one', 'two'])
    expect(none).toMatchObject({ shape: null, fault: 'no shape of Small fits /events/2', accounts: [], event: null })
    expect(itemsOf([shapeReading('@.other')], '{"a":1}')).toMatchObject([{ fault: 'no shape of Small fits the body' }])
  })
})

describe('ids', () => {
  const derived: Partial<Shape> = { derived: ['@.type', '@.rid', { header: 'x-time' }] }

  test('one of the provider is taken, and nothing is derived', () => {
    expect(read(derived, { id: 12 })).toMatchObject({ providerEventId: '12', derivedId: null })
  })

  test('else one is derived from values alone, whatever else stands there', () => {
    const id = (item: object, headers: string[] = []) => read(derived, item, { headers }).derivedId
    expect(id({ rid: 1 })).toMatch(/^derived-[0-9a-f]{32}$/)
    expect(id({ rid: 1, other: 2, id: '' })).toBe(id({ rid: 1 }))
    expect(id({ rid: 2 })).not.toBe(id({ rid: 1 }))
    expect(id({ rid: 1 }, ['X-Time', '7'])).not.toBe(id({ rid: 1 }))
    const two: Partial<Shape> = { derived: ['@.a', '@.b'] }
    expect(read(two, { a: 'x', b: '' }).derivedId).not.toBe(read(two, { a: '', b: 'x' }).derivedId)
    expect(read({}, {}).derivedId).toBeNull()
  })
})

test.each<[object, object | null]>([
  [
    { kind: 'Bill', rid: 7 },
    { type: 'Bill', id: '7' },
  ],
  [
    { kind: 'Bill', rid: '7', gone: '8' },
    { type: 'Bill', id: '7', deletedId: '8' },
  ],
  [{ kind: 'Bill', gone: '8' }, null],
  [{ rid: 7 }, null],
  [{ kind: '', rid: 7 }, null],
  [{ kind: { a: 1 }, rid: [7] }, null],
])('a resource of %j', (item, resource) => {
  const shape: Partial<Shape> = { resource: { type: '@.kind', id: '@.rid', deletedId: '@.gone' } }
  expect(read(shape, item).resource).toEqual(resource)
})

describe('accounts', () => {
  const at = (...accounts: Shape['accounts']): Partial<Shape> => ({ accounts })
  const values = (item: IngestedItem) =>
    item.accounts.map(entry => entry.map(one => `${one.kind}:${one.value}@${one.place}`))

  test('every entry is an event of its own, those that agree are one', () => {
    const shape = at(
      { kind: 'account', at: '@.account_id' },
      {
        agree: [
          { kind: 'site', at: { query: 'site' } },
          { kind: 'phone', at: '@.phone' },
          { kind: 'mail', at: '@.mail' },
        ],
      },
    )
    const item = read(shape, { phone: '+44 (0)20 7946', mail: 'A@B.example' })
    expect(values(item)).toEqual([
      ['account:x@/account_id'],
      ['site:a.example@query:site', 'phone:440207946@/phone', 'mail:a@b.example@/mail'],
    ])
    expect(values(read(shape, { mail: ' ' }))).toEqual([['account:x@/account_id'], ['site:a.example@query:site']])
    expect(
      values(read(at({ agree: [{ kind: 'mail', at: '@.none' }] }, { kind: 'account', at: '@.account_id' }), {})),
    ).toEqual([['account:x@/account_id']])
  })

  test('an account counts only where its condition holds', () => {
    const shape = at({ kind: 'account', at: '@.account_id', when: { at: '@.live', is: 'true' } })
    expect(read(shape, { live: true }).accounts).toHaveLength(1)
    expect(read(shape, { live: false })).toMatchObject({ accounts: [], fault: expect.stringContaining('no account') })
  })

  test('one that may be learned says so, others do not', () => {
    const item = read(at({ kind: 'team', at: '@.team' }, { kind: 'account', at: '@.account_id' }), { team: 'T1' })
    expect(item.accounts).toEqual([
      [{ kind: 'team', value: 't1', place: '/team', learn: true }],
      [{ kind: 'account', value: 'x', place: '/account_id' }],
    ])
  })

  test.each(['', ' ', null, {}, [], 'x'.repeat(513)])('%j is no account', value => {
    expect(read({}, { account_id: value })).toMatchObject({
      accounts: [],
      fault: 'no account stands where Small puts it',
      event: 'a',
    })
  })

  test.each([
    ['phone', 'none'],
    ['site', 'https://'],
  ])('of kind %s %j is none', (name, value) => {
    expect(read(at({ kind: name, at: '@.value' }), { value }).accounts).toEqual([])
  })

  test('without one, a hook that verified says whose it is', () => {
    expect(read(at(), {}, { activation: 7 })).toMatchObject({ accounts: [], fault: null, activation: 7 })
    expect(read({}, { account_id: null }, { activation: 7 })).toMatchObject({ accounts: [], fault: null })
    expect(read(at(), {})).toMatchObject({ accounts: [], fault: expect.stringContaining('no account') })
  })

  test('an event of the platform is of no account, and no fault', () => {
    const item = read({ scope: 'app' }, {})
    expect(item).toMatchObject({ scope: 'app', accounts: [], fault: null })
  })
})

test('the handler answers only where the shape says so', () => {
  expect(read({ reply: 'handler' }, {}).reply).toBe('handler')
  expect(read({}, {}).reply).toBeNull()
})

test('what cannot be decoded or split is one item that is all of it', () => {
  for (const body of ['', 'no json', '{"events":[', `{"events":[${'0,'.repeat(10_000)}0]}`]) {
    const [item, ...more] = itemsOf([smallShape], body, { activation: 3 })
    expect(more).toEqual([])
    expect(item).toMatchObject({ start: 0, length: body.length, pointer: '', shape: null, activation: 3, accounts: [] })
    expect(item?.fault).toMatch(/not JSON|more than 10000 items/)
  }
})
