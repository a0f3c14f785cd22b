import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Feed } from '../../src/core/feed-definition.ts'
import { providers } from '../../src/providers/index.ts'
import type { Company } from '../helpers/cli-world.ts'
import { type FeedWorld, openFeedWorld, type ShownEvent, type ToldListener } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

const chosen = process.env.WHS_PROVIDER
const cases = providers.flatMap(definition =>
  (definition.feeds ?? [])
    .filter(({ use }) => use.includes('follow-up'))
    .filter(() => chosen === undefined || definition.id === chosen)
    .map(feed => [`${definition.id} ${feed.name}`, definition, feed] as const),
)

function count(home: string, table: 'feed_cursors' | 'pings'): number {
  return queryFile<{ count: number }>(home, `SELECT count(*) AS count FROM ${table}`)[0]?.count ?? 0
}

async function brought(world: FeedWorld, tenant: string): Promise<ShownEvent[]> {
  return (await world.events()).filter(one => one.source === 'follow-up' && one.tenant === tenant)
}

/** Whether reading begins at a fixed place, so that no cursor is there before the first ping. */
function isFixed({ cursor }: Feed): boolean {
  return 'at' in cursor && 'text' in cursor.start
}

interface Pinged {
  world: FeedWorld
  listener: ToldListener
  /** What makes the provider send a ping. */
  ping: string
  acme: Company
  globex: Company
}

/** Two tenants with all that makes the provider send pings; what is pinged from now on can be read. */
async function pingedWorld(definition: ProviderDefinition, feed: Feed): Promise<Pinged> {
  const world = await openFeedWorld(definition)
  const listener = await world.listen()
  const [acme, globex] = world.companies as [Company, Company]
  await world.tenant('acme', acme)
  await world.tenant('globex', globex)
  if (definition.activation.api) await world.whs(`activate ${definition.id}`)
  const places = feed.per === 'resource' ? queryFile(world.home, 'SELECT 1 FROM activations').length : 2
  await expect.poll(() => count(world.home, 'feed_cursors') === places || isFixed(feed)).toBe(true)
  const [ping = ''] = (await world.kinds()).filter(event => !/deleted|calendarlist/.test(event))
  return { world, listener, ping, acme, globex }
}

/** The port of a listener, for another one that providers reach at the same URL. */
function portOf({ session }: ToldListener): number {
  return Number(new URL(session.ready.url).port)
}

function setState(home: string, state: 'active' | 'broken'): void {
  queryFile(home, 'UPDATE connections SET state = ?', state)
}

test.each(cases)('%s: what pings leave out is read, once and for whom it is', async (_, definition, feed) => {
  const { world, listener, ping, acme, globex } = await pingedWorld(definition, feed)
  await world.knobs({ page: 2 })
  await world.changes(acme, [ping, ping, ping])
  await world.changes(globex, [ping])
  await expect.poll(async () => (await brought(world, 'acme')).length).toBe(3)
  await expect.poll(async () => (await brought(world, 'globex')).length).toBe(1)
  await expect.poll(() => count(world.home, 'pings')).toBe(0)
  await listener.stop()
  const events = await world.events()
  expect(events.filter(({ source }) => source === 'delivery')).toHaveLength(4)
  // A ping and what it leaves out are two kinds of event.
  expect(new Set(events.map(({ source, event }) => `${source} ${event}`)).size).toBe(2)
  const times = (await brought(world, 'acme')).flatMap(({ occurredAt }) => occurredAt ?? [])
  expect(times).toEqual(times.toSorted())
})

test.each(cases)('%s: what pings left undone is read by the next listener', async (_, definition, feed) => {
  const { world, listener, ping, acme } = await pingedWorld(definition, feed)
  setState(world.home, 'broken')
  await world.changes(acme, [ping, ping])
  const { gap } = await listener.told('gap')
  expect(gap).toMatchObject({ tenant: 'acme', feed: feed.name, failure: { code: 'connection-broken' } })
  expect(await brought(world, 'acme')).toEqual([])
  await listener.stop()
  expect(count(world.home, 'pings')).toBe(2)
  setState(world.home, 'active')
  const second = await world.listen({ port: portOf(listener) })
  await expect.poll(async () => (await brought(world, 'acme')).length).toBe(2)
  await expect.poll(() => count(world.home, 'pings')).toBe(0)
  await second.stop()
})

const expiring = cases.filter(([, , { expired }]) => expired)

test.each(expiring)(
  '%s: where its cursor is too old, what is lost is told, and reading begins anew',
  async (_, definition, feed) => {
    const { world, listener, ping, acme } = await pingedWorld(definition, feed)
    await world.knobs({ expire: true })
    await world.changes(acme, [ping])
    const { gap } = await listener.told('gap')
    expect(gap).toMatchObject({ tenant: 'acme', failure: null, reading: { lost: 'expired', count: 0 } })
    expect('reading' in gap && gap.reading?.lostSince).toBeGreaterThan(Date.now() - 60_000)
    await expect.poll(() => count(world.home, 'pings')).toBe(0)
    expect(await brought(world, 'acme')).toEqual([])
    await world.changes(acme, [ping])
    await expect.poll(async () => (await brought(world, 'acme')).length).toBe(1)
    await listener.stop()
  },
)

test.each(cases.filter(([, , { use }]) => use.includes('catch-up')))(
  '%s: what no ping told of is caught up by the same cursor',
  async (_, definition, feed) => {
    const { world, listener, ping, acme } = await pingedWorld(definition, feed)
    await world.changes(acme, [ping])
    await expect.poll(async () => (await brought(world, 'acme')).length).toBe(1)
    await listener.stop()
    await world.knobs({ silent: true })
    await world.changes(acme, [ping, ping])
    const second = await world.listen({ port: portOf(listener), catchUp: true })
    const { gap } = await second.told('gap', fact => 'all' in fact.gap)
    expect(gap).toMatchObject({ all: { events: 2, failed: 0 } })
    await second.stop()
    expect((await world.events()).filter(({ source }) => source === 'catch-up').map(({ tenant }) => tenant)).toEqual([
      'acme',
      'acme',
    ])
  },
)
