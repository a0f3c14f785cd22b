import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventPage, EventRow } from '../../src/inspect/api.ts'
import { type InspectorClient, signIn } from '../helpers/inspector-client.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'

let world: InspectorWorld
let client: InspectorClient
let all: EventRow[]
const page = (query: string): Promise<EventPage> => client.get(`/api/events?${query}`)

beforeAll(async () => {
  world = await openInspectorWorld({ more: 900 })
  client = await signIn(await world.link())
  all = await everything('')
})
afterAll(() => world.close())

/** All rows of a filter, page after page. */
async function everything(filter: string, limit = 100): Promise<EventRow[]> {
  const rows: EventRow[] = []
  for (let before: number | null = 1_000_000; before !== null; ) {
    const read: EventPage = await page(`${filter}&limit=${limit}&before=${before}`)
    rows.push(...read.rows)
    before = read.next
  }
  return rows
}

const ids = (rows: EventRow[]): string[] => rows.map(({ id }) => id)

test('pages follow each other without a gap, whatever their size; the first says how many there are', async () => {
  const first = await page('limit=7')
  const stored = await world.app.store().read('countEvents', { filter: {} })
  expect(first).toMatchObject({ total: stored, prev: null, next: first.rows.at(-1)?.seq })
  expect(all).toHaveLength(stored)
  expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((left, right) => right - left))
  expect(ids(await everything('', 33))).toEqual(ids(all))
  expect(await page('limit=500&skip=1000&before=100000')).toMatchObject({
    rows: all.slice(1000),
    next: null,
    total: null,
  })
})

test('a page is found from above, from below, around an event and by how many rows are passed over', async () => {
  const middle = all[600] as EventRow
  const older = await page(`before=${middle.seq}&limit=20`)
  expect(ids(older.rows)).toEqual(ids(all.slice(601, 621)))
  const newer = await page(`after=${middle.seq}&limit=20`)
  expect(ids(newer.rows)).toEqual(ids(all.slice(580, 600)))
  expect(ids((await page(`after=${newer.prev}&limit=20`)).rows)).toEqual(ids(all.slice(560, 580)))
  expect(ids((await page(`before=${newer.next}&limit=1`)).rows)).toEqual([middle.id])
  for (const id of [middle.id, middle.id.slice(-6)]) {
    const around = await page(`around=${id}&limit=20`)
    expect(ids(around.rows)).toEqual(ids(all.slice(590, 610)))
    expect(ids((await page(`before=${around.next}&limit=5`)).rows)).toEqual(ids(all.slice(610, 615)))
    expect(ids((await page(`after=${around.prev}&limit=5`)).rows)).toEqual(ids(all.slice(585, 590)))
  }
  expect(ids((await page(`before=${middle.seq}&skip=300&limit=5`)).rows)).toEqual(ids(all.slice(901, 906)))
  expect(ids((await page('skip=37&limit=5')).rows)).toEqual(ids(all.slice(37, 42)))
  const top = await page(`after=${(all[3] as EventRow).seq}&limit=20`)
  expect(top).toMatchObject({ rows: all.slice(0, 3), prev: null })
  expect(await page(`skip=${all.length + 5}`)).toMatchObject({ rows: [], next: null })
})

const filters = [
  ['tenant=acme', { tenant: ['acme'] }],
  ['tenant=acme&tenant=globex', { tenant: ['acme', 'globex'] }],
  ['tenant=a*|hooli', { tenant: ['a*|hooli'] }],
  ['tenant=nobody', { tenant: ['nobody'] }],
  ['app=stripe', { app: ['stripe'] }],
  ['provider=slack&provider=github', { provider: ['slack', 'github'] }],
  ['env=production', { env: ['production'] }],
  ['account=9341453900000009999', { account: ['9341453900000009999'] }],
  ['event=invoice.*', { event: ['invoice.*'] }],
  ['event=nothing.*', { event: ['nothing.*'] }],
  ['resource=invoice/130', { resource: ['invoice/130'] }],
  ['scope=app', { scope: ['app'] }],
  ['parked=true', { parked: true }],
  ['failed=1', { failed: true }],
  ['search=12345678901234567890', { search: '12345678901234567890' }],
  ['search=INTUITACCOUNTID&tenant=globex', { search: 'INTUITACCOUNTID', tenant: ['globex'] }],
  ['parked=1&event=customer.*', { parked: true, event: ['customer.*'] }],
] as const

test.each(filters)('the filter %s takes what `whs events` takes, page by page', async (query, filter) => {
  const wanted = await world.app.store().read('listEvents', { filter: filter as never, order: 'newest', limit: 10_000 })
  expect(ids(await everything(query, 40))).toEqual(wanted.map(({ id }) => id))
  const first = await page(`${query}&limit=40`)
  expect(first.total).toBe(wanted.length)
  const half = Math.floor(wanted.length / 2)
  expect(ids((await page(`${query}&skip=${half}&limit=10`)).rows)).toEqual(
    wanted.slice(half, half + 10).map(({ id }) => id),
  )
})

test('times are read as on the command line', async () => {
  const since = all.filter(({ at }) => at >= Date.now() - 3_600_000)
  expect(ids(await everything('since=1h'))).toEqual(ids(since))
  const until = new Date(Date.now() - 3_600_000).toISOString()
  expect(ids(await everything(`until=${until}`))).toEqual(ids(all.filter(({ at }) => at < Date.parse(until))))
})

test('rejected requests are rows too, narrowed by what is known of them', async () => {
  const rows = await everything('rejected=1', 7)
  expect(rows).toHaveLength(40)
  expect(rows[0]).toMatchObject({ scope: 'rejected', app: 'quickbooks', tenant: null, event: null, verified: 'none' })
  expect((await page('rejected=1&limit=7')).total).toBe(40)
  const around = await page(`rejected=1&around=${(rows[20] as EventRow).id}&limit=10`)
  expect(ids(around.rows)).toEqual(ids(rows.slice(15, 25)))
  expect(await everything('rejected=1&app=stripe')).toEqual([])
})

test.each([
  ['rejected=1&tenant=acme', 'bad-filter', 400],
  ['since=yesterday', 'bad-time', 400],
  ['before=x', 'bad-page', 400],
  ['limit=-1', 'bad-page', 400],
  ['tenant=a&'.repeat(51), 'bad-filter', 400],
  ['around=ZZZZZZ', 'no-such-id', 404],
] as const)('a query that says nothing is refused in words: %s', async (query, code, status) => {
  const told = await page(query).then(
    () => '',
    (error: Error) => error.message,
  )
  expect(told).toContain(`was answered ${status}`)
  expect(told).toContain(`"code":"${code}"`)
})

test('a row has what a line of the list needs', () => {
  const retried = all.find(({ forwards }) => forwards[0]?.tries === 3)
  expect(retried?.forwards[0]).toMatchObject({
    state: 'done',
    status: 200,
    error: null,
    nextAt: null,
    ms: expect.any(Number),
  })
  expect(all.find(({ part }) => part === '2/3')).toMatchObject({
    scope: 'tenant',
    accountWord: 'realmId',
    source: 'delivery',
  })
  expect(all.find(({ reason }) => reason === 'unreadable')).toMatchObject({
    scope: 'parked',
    event: null,
    account: null,
  })
  expect(all.filter(({ app, repeatOf }) => app === 'quickbooks' && repeatOf !== null)).toHaveLength(2)
  expect(all.find(({ verified }) => verified === 'none')).toMatchObject({ tenant: 'acme' })
})
