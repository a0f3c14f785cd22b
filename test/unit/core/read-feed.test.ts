import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import type { Feed } from '../../../src/core/feed-definition.ts'
import { readFeed, readList } from '../../../src/core/read-feed.ts'
import { comparedWithin } from '../../../src/core/same-change.ts'
import { answerContext, type ItemContext } from '../../../src/core/value.ts'
import { smallDefinition } from '../../helpers/small-definition.ts'

const feed: Feed = {
  name: 'changes',
  use: ['catch-up'],
  per: 'account',
  call: { method: 'GET', url: '{api}/changes?since={since.iso}' },
  cursor: { time: { overlapSeconds: 60 } },
  split: ["$.sets[*]['Invoice','Bill'][*]"],
  shapes: [
    { name: 'gone', when: '@.gone', providerEvent: { text: 'thing.deleted' }, id: '@.n', accounts: [] },
    {
      name: 'changed',
      when: '@.at',
      providerEvent: { text: 'thing.updated' },
      time: '@.at',
      resource: { type: { step: 1 }, id: '@.n' },
      accounts: [{ kind: 'account', at: '@.for' }],
    },
  ],
  same: { withinSeconds: 2 },
}
const definition = { ...smallDefinition(), feeds: [feed] }

function answer(body: unknown): ItemContext {
  const context = answerContext(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
  if (!context) throw new Error('it is no JSON')
  return context
}

test('items are read in the answer’s order, with their bytes, and what no shape fits is left out', () => {
  const body = '{"sets":[{"Invoice":[{"n":1,"at":"2026-01-01T00:00:01Z"} , {"odd":true}],"Bill":[{"n":"2","gone":1}]}]}'
  const items = readFeed(definition, feed, answer(body), true)
  if ('fault' in items) throw new Error(items.fault)
  expect(items).toMatchObject([
    {
      shape: 'changed',
      event: 'thing.updated',
      resource: { type: 'Invoice', id: '1' },
      pointer: '/sets/0/Invoice/0',
      at: Date.UTC(2026, 0, 1, 0, 0, 1),
      change: { resource: 'invoice/1', at: Date.UTC(2026, 0, 1, 0, 0, 1), within: 2_000 },
      fault: null,
    },
    { shape: 'gone', event: 'thing.deleted', providerEventId: '2', at: null },
  ])
  expect(items.map(({ start, length }) => body.slice(start, start + length))).toEqual([
    '{"n":1,"at":"2026-01-01T00:00:01Z"}',
    '{"n":"2","gone":1}',
  ])
  expect(items[1]).not.toHaveProperty('change')
})

test('who names nobody is nobody’s, unless a tenant’s token asked', () => {
  const body = { sets: [{ Bill: [{ n: 1, at: '2026-01-01T00:00:01Z' }] }] }
  expect(readFeed(definition, feed, answer(body), false)).toMatchObject([
    { fault: expect.stringContaining('no account') },
  ])
  expect(readFeed(definition, feed, answer(body), true)).toMatchObject([{ fault: null, accounts: [] }])
  const named = { sets: [{ Bill: [{ n: 1, at: '2026-01-01T00:00:01Z', for: 'a' }] }] }
  expect(readFeed(definition, feed, answer(named), false)).toMatchObject([
    { fault: null, accounts: [[{ kind: 'account', value: 'a' }]] },
  ])
})

test('what ends a consent says so in a feed too', () => {
  const lifecycle = [{ events: ['thing.updated'], means: 'revoked' as const, why: 'it left' }]
  const body = {
    sets: [
      {
        Bill: [
          { n: 1, at: '2026-01-01T00:00:01Z' },
          { n: 2, gone: 1 },
        ],
      },
    ],
  }
  const items = readFeed({ ...definition, lifecycle }, feed, answer(body), true)
  if ('fault' in items) throw new Error(items.fault)
  expect(items.map(({ life }) => life?.why)).toEqual(['it left (thing.updated)', undefined])
})

test('an answer of more items than anybody sends is refused', () => {
  const body = { sets: [{ Bill: Array.from({ length: 10_001 }, (_, n) => ({ n, at: '2026-01-01T00:00:01Z' })) }] }
  expect(readFeed(definition, feed, answer(body), true)).toEqual({ fault: 'more than 10000 items' })
})

test('a list names events: what counts, by which it is asked for, and when it was', () => {
  const each = {
    items: '$[*]',
    where: { exists: '@.for' },
    item: '@.n',
    id: '@.guid',
    time: '@.at',
    call: { method: 'GET' as const, url: '{api}/one/{item}' },
  }
  const body = [
    { n: 1, guid: 'a', at: '2026-01-01T00:00:01Z', for: 1 },
    { n: 2, guid: 'b', at: 'soon', for: 1 },
    { n: 3, guid: 'c', at: '2026-01-01T00:00:01Z' },
    { guid: 'd', for: 1 },
  ]
  expect(readList(each, answer(body))).toEqual([
    { item: '1', id: 'a', at: Date.UTC(2026, 0, 1, 0, 0, 1) },
    { item: '2', id: 'b', at: null },
  ])
})

test('deliveries are compared by resource and time only where a feed is', () => {
  expect(comparedWithin(definition)).toBe(2_000)
  expect(comparedWithin({ ...definition, feeds: [{ ...feed, same: 'id' }] })).toBeNull()
  expect(comparedWithin(smallDefinition())).toBeNull()
})
