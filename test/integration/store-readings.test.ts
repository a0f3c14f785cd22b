import { expect, test } from 'vitest'
import type { FeedItem } from '../../src/core/read-feed.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { claim, delivery, forwards, namedDelivery, whose } from '../helpers/store-facts.ts'
import { openReadings } from '../helpers/store-readings.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

test('events of several answers are entered by the time at which they happened, each with its answer as its body', async () => {
  const { store, keep, events } = await openReadings()
  const stored = await keep([
    [
      { id: 'd', at: 4 },
      { id: 'a', at: 1 },
    ],
    [
      { id: 'c', at: 3 },
      { id: 'b', at: 2 },
    ],
  ])
  expect(stored).toMatchObject({ count: 4, known: 0, events: { a: 1, b: 1, c: 1, d: 1 }, forwards: 3, stale: false })
  expect(await events()).toEqual(['a acme', 'b acme', 'c acme', 'd acme'])
  const rows = queryFile<{ body: Buffer; start: number }>(
    store.home,
    `SELECT d.body, e.start FROM events e JOIN deliveries d ON d.seq = e.delivery_seq
     WHERE e.shape IS NOT 'whs-lifecycle' ORDER BY e.seq`,
  )
  expect(rows.map(({ body, start }) => [body.toString(), start])).toEqual([
    ['[0,1]', 3],
    ['[0,1]', 3],
    ['[0,1]', 1],
    ['[0,1]', 1],
  ])
  // What goes out follows that order, although the events lie in two answers.
  const sent = queryFile<{ event: string }>(
    store.home,
    `SELECT e.event FROM forwards f JOIN json_each(f.events) j JOIN events e ON e.seq = j.value
     WHERE e.shape IS NOT 'whs-lifecycle' ORDER BY f.seq, j.key`,
  )
  expect(sent.map(({ event }) => event)).toEqual(['a', 'b', 'c', 'd'])
})

test('where one does not say when, they stay in the order of the answers', async () => {
  const { keep, events } = await openReadings()
  await keep([[{ id: 'b', at: 4 }], [{ id: 'a' }]])
  expect(await events()).toEqual(['b acme', 'a acme'])
})

test('the cursor moves with the events, and only from where it was read', async () => {
  const { store, place, keep, events } = await openReadings()
  const cursor = async (): Promise<string | undefined> => (await store.read('readFeedCursor', place))?.cursor
  await keep([[{ id: 'a' }]], { cursor: { from: null, to: '7' } })
  expect(await cursor()).toBe('7')
  expect(await keep([[{ id: 'b' }]], { cursor: { from: null, to: '8' } })).toMatchObject({ stale: true, count: 0 })
  expect(await keep([[{ id: 'b' }]], { cursor: { from: '6', to: '8' } })).toMatchObject({ stale: true, count: 0 })
  expect([await cursor(), await events()]).toEqual(['7', ['a acme']])
  await keep([[{ id: 'b' }]], { cursor: { from: '7', to: '8' } })
  expect([await cursor(), await events()]).toEqual(['8', ['a acme', 'b acme']])
  await keep([], { cursor: { from: '8', to: null } })
  expect(await cursor()).toBeUndefined()
})

test('what is stored already is not entered again: by its id, or by thing and time', async () => {
  const { store, app, keep, events } = await openReadings()
  await store.write('ingestDelivery', delivery(app.id, { realm: '1', id: 'a' }))
  expect(await keep([[{ id: 'a' }, { id: 'b' }, { id: 'b' }]])).toMatchObject({ count: 1, known: 2 })
  expect((await events()).at(-1)).toBe('b acme')

  const [legacy] = namedDelivery(app.id, [{ accounts: [['realm:1']] }]).items as [FeedItem]
  const told = { ...legacy, occurredAt: '2026-01-10T11:00:00Z', resource: { type: 'thing', id: '5' } }
  await store.write('ingestDelivery', { ...namedDelivery(app.id, []), items: [told] })
  const at = Date.UTC(2026, 0, 10, 11)
  const changed = [
    { resource: '5', at: at + 900 },
    { resource: '5', at: at + 5_000 },
    { resource: '6', at },
    { resource: '6', at: at + 500 },
  ]
  expect(await keep([changed], { same: 'change' })).toMatchObject({ count: 2, known: 2 })
  // What came before that time is not looked through.
  const since = Date.now() + 60_000
  expect(await keep([[{ resource: '5', at }]], { same: 'change', comparedSince: since })).toMatchObject({ count: 1 })
})

test('what was caught up by thing and time makes a later delivery of it a repeat, which is not sent', async () => {
  const { store, app, keep } = await openReadings()
  const at = Date.UTC(2026, 0, 10, 11)
  await keep([[{ resource: '5', at }]], { same: 'change' })
  const [item] = namedDelivery(app.id, [{ accounts: [['realm:1']] }]).items as [FeedItem]
  const later = (resource: string, when: number) =>
    store.write('ingestDelivery', {
      ...namedDelivery(app.id, []),
      items: [{ ...item, change: { resource: `thing/${resource}`, at: when, within: 1_000 } }],
    })
  for (const [resource, when, isRepeat] of [
    ['5', at + 1_000, true],
    ['5', at + 1_001, false],
    ['6', at, false],
  ] as const) {
    const { seq } = await later(resource, when)
    const [event] = await store.read('eventsOfDelivery', { deliverySeq: seq })
    expect(event?.repeatOf !== null).toBe(isRepeat)
    expect(await forwards(store, seq)).toHaveLength(isRepeat ? 0 : 1)
  }
})

test('nothing is kept of a trial, and what it says holds', async () => {
  const { store, place, keep, events } = await openReadings()
  const trial = await keep([[{ id: 'a' }, { id: 'b' }]], { dry: true, cursor: { from: null, to: '7' } })
  expect(trial).toMatchObject({ count: 2, forwards: 1 })
  expect(await events()).toEqual([])
  expect(await store.read('readFeedCursor', place)).toBeNull()
  expect(await keep([[{ id: 'a' }, { id: 'b' }]])).toMatchObject({ count: 2, forwards: 1 })
})

test('of an app as a whole each event is whose its account is; only those of named tenants are taken', async () => {
  const { store, app, place, keep, events } = await openReadings()
  await claim(store, 'globex', '2')
  const whole = { place: { ...place, connection: null, place: '' }, account: null }
  const items = [
    { id: 'a', realm: '1' },
    { id: 'b', realm: '2' },
    { id: 'c', realm: '9' },
  ]
  expect(await keep([items], { ...whole, only: ['globex'] })).toMatchObject({ count: 1, known: 2 })
  expect(await events()).toEqual(['b globex'])
  await keep([items], whole)
  expect(await events()).toEqual(['b globex', 'a acme', 'c null'])
  expect(await store.read('countParked')).toMatchObject([{ app: app.name, account: '9', events: 1 }])
})

test('an event that names another tenant’s account than the one whose token asked is nobody’s', async () => {
  const { store, keep } = await openReadings()
  await claim(store, 'globex', '2')
  await keep([[{ id: 'a', realm: '2' }]])
  const [row] = queryFile<{ seq: number }>(store.home, "SELECT seq FROM deliveries WHERE source = 'catch-up'")
  expect(await whose(store, row?.seq ?? 0)).toEqual([expect.stringMatching(/^\(.*mismatch.*\)$/)])
})

test('where the connection has ended meanwhile nothing is kept', async () => {
  const { store, place, keep, events } = await openReadings()
  await keep([[{ id: 'a' }]], { cursor: { from: null, to: '7' } })
  await store.write('disconnect', { ids: [place.connection as string] })
  await expect(keep([[{ id: 'b' }]], { cursor: { from: '7', to: '8' } })).rejects.toMatchObject({
    code: 'no-connection',
  })
  expect(await events()).toEqual(['a acme'])
  // Another consent begins anew.
  expect(queryFile(store.home, 'SELECT * FROM feed_cursors')).toEqual([])
})

test('forgetting a tenant and removing an app leave nothing of their feeds', async () => {
  const { store, app, keep } = await openReadings()
  const rows = (): number[] =>
    ['own_deliveries', 'caught', 'feed_cursors'].map(
      table =>
        queryFile(store.home, `SELECT 1 FROM ${table} ${table === 'own_deliveries' ? "WHERE facts LIKE '%feed%'" : ''}`)
          .length,
    )
  const change = [{ resource: '5', at: 1 }]
  await keep([change], { same: 'change', cursor: { from: null, to: '7' } })
  expect(rows()).toEqual([1, 1, 1])
  await store.write('removeApp', { app: app.name })
  expect(rows()).toEqual([0, 0, 0])

  const other = await openReadings()
  await other.keep([change], { same: 'change', cursor: { from: null, to: '7' } })
  await other.store.write('forgetTenant', { name: 'acme' })
  for (const table of ['caught', 'feed_cursors'])
    expect(queryFile(other.store.home, `SELECT * FROM ${table}`)).toEqual([])
})
