import { expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { providerOf } from '../../src/providers/index.ts'
import { type FeedWorld, openFeedWorld } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { type Handler, startHandler } from '../helpers/simulated.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

const hour = 3_600_000

async function worldWith(id: string, ...tenants: string[]): Promise<FeedWorld> {
  const definition = providerOf(id)
  if (!definition) throw new Error(`no provider ${id}`)
  const world = await openFeedWorld(definition)
  for (const [index, tenant] of tenants.entries()) await world.tenant(tenant, companyOf(world, index))
  return world
}

function companyOf({ companies }: FeedWorld, index: number): FeedWorld['companies'][number] {
  const company = companies[index]
  if (!company) throw new Error(`there are ${companies.length} companies`)
  return company
}

async function handlerHere(): Promise<Handler> {
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  return handler
}

/** As if the last listener had been there so long ago. */
function lastListened(home: string, ago: number): void {
  queryFile(home, "UPDATE meta SET value = ? WHERE key = 'listened_at'", String(Date.now() - ago))
}

test.each([
  ['quickbooks', ['customer.created', 'invoice.updated', 'invoice.created']],
  ['stripe', ['customer.created', 'invoice.paid', 'charge.refunded']],
])(
  '%s: after a gap, what was missed goes out in order, once, and is known when it is delivered',
  async (id, events) => {
    const world = await worldWith(id, 'acme')
    const handler = await handlerHere()
    const rules = [parseRule(handler.url)]
    const first = await world.listen({ rules })
    await world.whs(`activate ${id}`)
    await first.stop()
    await world.changes(companyOf(world, 0), events)
    const second = await world.listen({ rules, catchUp: true })
    const { gap } = await second.told('gap', fact => 'all' in fact.gap)
    expect(gap).toMatchObject({ why: 'stopped', all: { events: 3, failed: 0 } })
    const ofTenant = (): Handler['arrived'] =>
      handler.arrived.filter(({ headers }) => headers['whs-source'] === 'catch-up')
    await expect.poll(() => ofTenant().length).toBe(3)
    const arrived = ofTenant()
    expect(arrived.map(({ headers }) => headers['content-type'])).toEqual(
      Array.from({ length: 3 }, () => 'application/cloudevents+json; charset=utf-8'),
    )
    expect(arrived.every(({ headers }) => headers['whs-tenant'] === 'acme' && 'webhook-signature' in headers)).toBe(
      true,
    )
    expect(arrived.map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type)).toEqual(events)
    const before = handler.arrived.length
    await world.knobs({ retry: true })
    await second.stop()
    const stored = await world.events()
    expect(stored.map(({ source, repeatOf }) => [source, repeatOf !== undefined])).toEqual([
      ...Array.from({ length: 3 }, () => ['catch-up', false]),
      ...Array.from({ length: 3 }, () => ['delivery', true]),
    ])
    expect(handler.arrived).toHaveLength(before)
  },
)

test.each(['quickbooks', 'stripe', 'github'])('%s: what was delivered is not entered again', async id => {
  const world = await worldWith(id, 'acme')
  const listener = await world.listen()
  await world.whs(`activate ${id}`)
  const [event = ''] = (await world.kinds()).filter(one => /updated|paid|opened/.test(one))
  await world.changes(companyOf(world, 0), [event])
  await expect.poll(async () => (await world.events()).length).toBe(1)
  const { records } = await world.whs('catchup --since 1h --output json')
  expect(records.at(-1)).toMatchObject({ catchup: { events: 0, failed: 0 } })
  expect(await world.events()).toHaveLength(1)
  await listener.stop()
})

test('without --catch-up a listener says in one line that there was a gap, and asks for nothing', async () => {
  const world = await worldWith('quickbooks', 'acme')
  await (await world.listen()).stop()
  lastListened(world.home, 2 * hour)
  await world.knobs({ silent: true })
  await world.changes(companyOf(world, 0), ['invoice.updated'])
  const listener = await world.listen()
  const { gap } = await listener.told('gap')
  expect(gap).toMatchObject({ why: 'stopped', all: null })
  expect(gap.to - (gap.from ?? 0)).toBeGreaterThanOrEqual(2 * hour)
  await listener.stop()
  expect(await world.events()).toEqual([])
  expect(await world.whs('catchup --output text')).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /acme {2}realmId 9341453900000001234 {2}1 event caught up \(invoice.updated\) in \d.*\n1 event caught up at 1 place/,
    ),
  })
  expect(await world.events()).toMatchObject([{ event: 'invoice.updated', source: 'catch-up' }])
  expect((await world.whs('catchup --output text')).out).toBe('nothing was missed at 1 place\n')
})

test('a gap of a few seconds is no line', async () => {
  const world = await worldWith('quickbooks', 'acme')
  await (await world.listen()).stop()
  const listener = await world.listen()
  await listener.stop()
  expect(listener.facts.some(({ kind }) => kind === 'gap')).toBe(false)
})

test('a killed listener is told from one that ended', async () => {
  const world = await worldWith('quickbooks', 'acme')
  const killed = await world.listen()
  await expect
    .poll(() => queryFile(world.home, "SELECT value FROM meta WHERE key = 'listened_end'"))
    .toEqual([{ value: 'no' }])
  await killed.stop()
  queryFile(world.home, "UPDATE meta SET value = 'no' WHERE key = 'listened_end'")
  lastListened(world.home, hour)
  const listener = await world.listen()
  expect((await listener.told('gap')).gap).toMatchObject({ why: 'killed' })
})

test('a tenant whose connection is broken is named, the others go on, and it is read from there once it is mended', async () => {
  const world = await worldWith('quickbooks', 'acme', 'globex')
  await world.knobs({ silent: true })
  await (await world.listen()).stop()
  for (const index of [0, 1]) await world.changes(companyOf(world, index), ['invoice.updated'])
  const setState = (state: string): void => {
    queryFile(
      world.home,
      "UPDATE connections SET state = ? WHERE tenant_id = (SELECT id FROM tenants WHERE name = 'acme')",
      state,
    )
  }
  setState('broken')
  const { code, records } = await world.whs('catchup --output json')
  expect(code).toBe(4)
  expect(records.find(({ tenant }) => tenant === 'acme')).toMatchObject({
    type: 'gap',
    catchup: null,
    error: { code: 'connection-broken' },
    next: expect.stringContaining('connect quickbooks --tenant acme'),
  })
  expect(records.find(({ tenant }) => tenant === 'globex')).toMatchObject({ catchup: { events: 1 } })
  expect((await world.events()).map(({ tenant }) => tenant)).toEqual(['globex'])
  setState('active')
  await (await world.listen()).stop()
  expect((await world.whs('catchup --output json')).code).toBe(0)
  expect((await world.events()).map(({ tenant }) => tenant)).toEqual(['globex', 'acme'])
})

test('an API that fails ends with exit 10 and its own words, and is asked from there the next time', async () => {
  const world = await worldWith('quickbooks', 'acme')
  await world.knobs({ silent: true })
  await (await world.listen()).stop()
  await world.changes(companyOf(world, 0), ['invoice.updated'])
  await world.control({ fail: { call: 'api', status: 500, body: { message: 'the sea is rough' }, times: 1 } })
  const failed = await world.whs('catchup --output text')
  expect(failed).toMatchObject({ code: 10, out: expect.stringContaining('the sea is rough') })
  expect(await world.whs('catchup --output json')).toMatchObject({ code: 0 })
  expect(await world.events()).toHaveLength(1)
})

test('what is older than the API answers for is told as lost', async () => {
  const world = await worldWith('quickbooks', 'acme')
  const { records, code } = await world.whs('catchup --since 40d --output json')
  expect(code).toBe(0)
  expect(records[0]).toMatchObject({ tenant: 'acme', lost: 'too-old', catchup: { events: 0 } })
})

test('only the tenants and apps that are named are asked for', async () => {
  const world = await worldWith('quickbooks', 'acme', 'globex')
  await world.knobs({ silent: true })
  for (const index of [0, 1]) await world.changes(companyOf(world, index), ['invoice.updated'])
  await world.whs('catchup --since 1h --tenant globex')
  expect((await world.events()).map(({ tenant }) => tenant)).toEqual(['globex'])
  expect(await world.whs('catchup --since 1h --tenant nobody')).toMatchObject({ code: 5 })
  expect(await world.whs('catchup --since 1h --app xero')).toMatchObject({ code: 3 })
  expect(await world.whs('catchup --since soon')).toMatchObject({ code: 2 })
})

test('of an app that is read as a whole, only events of the named tenants are entered', async () => {
  const world = await worldWith('github', 'acme', 'globex')
  await world.knobs({ silent: true })
  for (const index of [0, 1]) await world.changes(companyOf(world, index), ['issues.opened'])
  await world.whs('catchup --since 1h --tenant globex')
  expect((await world.events()).map(({ tenant }) => tenant)).toEqual(['globex'])
})

test('where nothing is known to be missed, it says so', async () => {
  const world = await worldWith('quickbooks', 'acme')
  expect(await world.whs('catchup --output text')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Nothing is known to be missed'),
  })
})

test('an event that was caught up explains which call brought it, is replayed as it is, and does not travel', async () => {
  const world = await worldWith('quickbooks', 'acme')
  const handler = await handlerHere()
  await world.knobs({ silent: true })
  await world.changes(companyOf(world, 0), ['invoice.updated'])
  await world.whs('catchup --since 1h')
  const explained = await world.whs('explain last --output text')
  expect(explained.out).toMatch(
    /verified\s+by the call GET \/v3\/company\/\{account\}\/cdc with the token of acme: the feed cdc, since/,
  )
  expect(explained.out).toMatch(/realmId 9341453900000001234 at the call that asked for it → acme/)
  expect(explained.out).toContain('it was read with acme’s own token')
  expect((await world.whs('explain last --output json')).records[0]).toMatchObject({
    call: expect.stringContaining('the feed cdc'),
    shape: 'updated',
    fault: null,
  })
  const raw = await world.whs('events show last --raw')
  expect(JSON.parse(raw.out)).toHaveProperty('CDCResponse')
  expect((await world.whs('events show last --output text')).out).toContain('whs asked the API')
  expect((await world.whs('events --search 362.07')).records).toHaveLength(1)

  expect(await world.whs(`replay last --to ${handler.url}`)).toMatchObject({ code: 0 })
  const [sent] = handler.arrived
  expect(sent?.headers).toMatchObject({ 'whs-replay': 'true', 'whs-source': 'catch-up', 'whs-tenant': 'acme' })
  expect(JSON.parse(String(sent?.body))).toMatchObject({ type: 'invoice.updated', data: { TotalAmt: 362.07 } })
  expect(await world.whs(`replay last --to ${handler.url} --as-tenant acme`)).toMatchObject({ code: 2 })
  const [event] = await world.events()
  expect(await world.whs(`events export ${event?.id} --as json`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('nobody posted it'),
  })
})
