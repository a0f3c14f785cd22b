import { connect } from 'node:net'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { EventPage, EventRow, Now } from '../../src/inspect/api.ts'
import { ask, type InspectorClient, signIn, type Watching } from '../helpers/inspector-client.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'
import { cloudEvents, deliver } from '../helpers/listening.ts'

let world: InspectorWorld
let client: InspectorClient
beforeEach(async () => {
  world = await openInspectorWorld({ more: null })
  onTestFinished(() => world.close())
  const store = world.app.store()
  for (const [tenant, value] of [
    ['acme', '1'],
    ['globex', '2'],
  ] as const) {
    await store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value, tenant, release: false })
  }
  client = await signIn(await world.link())
})

async function watch(query = '', lastEventId?: string): Promise<Watching> {
  const watching = await client.watch(`/api/stream${query}`, lastEventId)
  onTestFinished(() => watching.close())
  return watching
}

const rowsOf = ({ messages }: Watching): EventRow[] =>
  messages.flatMap(message => (message.event === 'row' ? [message.data] : []))
const isAnswered = ({ forwards }: EventRow): boolean => forwards[0]?.state === 'done'

test('an event comes as a row when it is stored, and again when the handler has answered', async () => {
  const watching = await watch()
  await world.deliver(['1'])
  const { data } = await watching.until('row', isAnswered)
  expect(data).toMatchObject({ tenant: 'acme', event: 'invoice.updated', scope: 'tenant' })
  expect(data.forwards).toMatchObject([{ state: 'done', status: 200, tries: 1, ms: expect.any(Number) }])
  expect(new Set(rowsOf(watching).map(({ id }) => id)).size).toBe(1)
  const { rows } = await client.get<EventPage>('/api/events')
  expect(rows).toEqual([data])
  await watching.until('now')
  expect(await client.get<Now>('/api/now')).toMatchObject({ events: 1, parked: 0, rejected: 0, listener: { open: 0 } })
})

test('a stream has its own filter; what is rejected comes to who asked for that', async () => {
  const [acme, parked, rejected, all] = await Promise.all(
    ['?tenant=acme', '?parked=1', '?rejected=1', ''].map(query => watch(query)),
  )
  await world.deliver(['2'])
  await world.deliver(['99'])
  await world.deliver(['1'])
  await deliver(world.url, cloudEvents(['1']), 'no signature')
  await acme?.until('row', isAnswered)
  await parked?.until('row')
  const { data } = await (rejected as Watching).until('row')
  expect(data).toMatchObject({ scope: 'rejected', app: 'quickbooks' })
  await all?.until('row', ({ account }: EventRow) => account === '99')
  await world.deliver(['1'], { intuitentityid: 'last' })
  const isLast = ({ resource }: EventRow): boolean => resource?.id === 'last'
  for (const one of [acme, all] as Watching[]) {
    await one.until('row', (row: EventRow) => isLast(row) && isAnswered(row))
  }
  expect(new Set(rowsOf(acme as Watching).map(({ tenant }) => tenant))).toEqual(new Set(['acme']))
  expect(rowsOf(parked as Watching).map(({ account }) => account)).toEqual(['99'])
  expect(rowsOf(rejected as Watching)).toHaveLength(1)
  expect(new Set(rowsOf(all as Watching).map(({ account }) => account))).toEqual(new Set(['1', '2', '99']))
})

test('what failed comes to a list of failures when it fails', async () => {
  await world.close()
  world = await openInspectorWorld({ more: null, answer: () => 422 })
  await world.app
    .store()
    .write('mapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'acme', release: false })
  client = await signIn(await world.link())
  onTestFinished(() => world.close())
  const watching = await watch('?failed=1')
  await world.deliver(['1'])
  const { data } = await watching.until('row')
  expect(data.forwards).toMatchObject([{ state: 'final', status: 422 }])
  expect(rowsOf(watching)).toHaveLength(1)
})

test('a browser that was away goes on where it was; so does one that read the list first', async () => {
  const first = await watch()
  await world.deliver(['1'], { intuitentityid: 'seen' })
  await first.until('row', isAnswered)
  const id = first.lastId()
  first.close()
  const { cursor, rows } = await client.get<EventPage>('/api/events')
  await world.deliver(['2'], { intuitentityid: 'missed' })
  for (const again of [await watch('', id), await watch(`?from=${cursor}`), await watch(`?from=${cursor}`, id)]) {
    await again.until('row', isAnswered)
    expect(new Set(rowsOf(again).map(({ resource }) => resource?.id))).toEqual(new Set(['missed']))
  }
  expect(rows.map(({ resource }) => resource?.id)).toEqual(['seen'])
  const fresh = await watch()
  await world.deliver(['1'], { intuitentityid: 'new' })
  await fresh.until('row')
  expect(rowsOf(fresh).map(({ resource }) => resource?.id)).not.toContain('missed')
})

test('a cursor of another store, or of long ago, only says that the list is to be read again', async () => {
  const other = await watch('', '900-900-900-900-900')
  await other.until('again')
  const store = world.app.store()
  const body = cloudEvents(Array.from({ length: 2_100 }, () => '1'))
  await deliver(world.url, body)
  await expect.poll(async () => (await store.read('countOpen')).open).toBe(0)
  expect((await client.get<Now>('/api/now')).events).toBe(2_100)
  const behind = await watch('', '0-0-0-0-0')
  await behind.until('again')
  expect(rowsOf(behind)).toEqual([])
  await behind.until('now')
  await world.deliver(['2'], { intuitentityid: 'later' })
  await behind.until('row', ({ resource }: EventRow) => resource?.id === 'later')
})

test('what is claimed changes in the lists that are open, with and without a rule that sends it', async () => {
  await world.deliver(['77'])
  const watching = await watch()
  const { json } = await client.post('/api/claim', { app: 'quickbooks', account: '77', tenant: 'initech' })
  expect(json).toEqual({ released: 1 })
  await watching.until('row', ({ tenant }: EventRow) => tenant === 'initech')
  await watching.until('again')
})

test('many pages watch; one that does not read costs nobody but itself', async () => {
  const many = await Promise.all(Array.from({ length: 30 }, () => watch()))
  const { port } = new URL(world.origin)
  const deaf = connect(Number(port), '127.0.0.1')
  onTestFinished(() => void deaf.destroy())
  const lines = [`GET /api/stream HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Cookie: ${client.cookie}`]
  await new Promise<void>(resolve => deaf.write(`${lines.join('\r\n')}\r\n\r\n`, () => resolve()))
  deaf.pause()
  const text = 'x'.repeat(100)
  for (let round = 0; round < 15; round++) {
    const body = cloudEvents(
      Array.from({ length: 100 }, (_, index) => (index % 2 ? '1' : '2')),
      { intuitentityid: text },
    )
    await deliver(world.url, body)
  }
  await world.deliver(['1'], { intuitentityid: 'the last' })
  const isLast = ({ resource }: EventRow): boolean => resource?.id === 'the last'
  await Promise.all(many.map(one => Promise.race([one.until('row', isLast), one.until('again')])))
  await world.deliver(['1'], { intuitentityid: 'one more' })
  await Promise.all(many.map(one => one.until('row', ({ resource }: EventRow) => resource?.id === 'one more')))
})

test('there is an end to how many may watch, and streams end with the listener', async () => {
  const all = await Promise.all(Array.from({ length: 64 }, () => watch()))
  const headers = { cookie: client.cookie }
  const refused = await ask(world.origin, '/api/stream', { headers })
  expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, 'many-streams'])
  all[0]?.close()
  await expect
    .poll(async () => {
      const watching = await client.watch('/api/stream').catch(() => null)
      watching?.close()
      return watching !== null
    })
    .toBe(true)
  const started = performance.now()
  await world.close()
  expect(performance.now() - started).toBeLessThan(5_000)
  world = await openInspectorWorld({ more: null })
  onTestFinished(() => world.close())
})
