import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { github } from '../../src/providers/github.ts'
import { gmail } from '../../src/providers/gmail.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { slack } from '../../src/providers/slack.ts'
import { square } from '../../src/providers/square.ts'
import { stripe } from '../../src/providers/stripe.ts'
import { openCliWorld } from '../helpers/cli-world.ts'
import { type FeedWorld, openFeedWorld } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

const hour = 3_600_000

/** One tenant, whose changes nobody hears of. */
async function silentWorld(
  definition: ProviderDefinition,
): Promise<FeedWorld & { make(times: number): Promise<void> }> {
  const world = await openFeedWorld(definition)
  const company = world.companies[0] as FeedWorld['companies'][number]
  await world.tenant('acme', company)
  await world.knobs({ silent: true, page: 1 })
  const event = (await world.kinds())[0] as string
  return {
    ...world,
    make: times =>
      world.changes(
        company,
        Array.from({ length: times }, () => event),
      ),
  }
}

test('of more pages than are asked for, what comes newest first is read as far as it goes, and the rest is told as lost', async () => {
  const world = await silentWorld(stripe)
  await world.make(103)
  const { code, records } = await world.whs('catchup --since 1h --output json')
  expect([code, records[0]]).toEqual([
    0,
    expect.objectContaining({
      lost: 'too-much',
      lostSince: expect.any(String),
      catchup: expect.objectContaining({ events: 100 }),
    }),
  ])
  expect(new Set((await world.events()).map(({ providerEventId }) => providerEventId)).size).toBe(100)
  expect(queryFile(world.home, 'SELECT * FROM feed_cursors')).toEqual([])
  const { out } = await world.whs('catchup --since 1h --output text')
  expect(out).toContain('it was too much: of what came since')
})

test('what comes oldest first goes on where it was cut', async () => {
  const world = await silentWorld(square)
  await world.make(98)
  // Its times are in seconds, and it can go on only where one begins.
  await pause(1_050)
  await world.make(5)
  const first = await world.whs('catchup --since 1h --output text')
  expect(first.out).toContain('it was too much at once: whs catchup goes on')
  const some = await world.events()
  expect(some).toHaveLength(100)
  const { records } = await world.whs('catchup --output json')
  expect(records.at(-1)).toMatchObject({ catchup: { events: 3, failed: 0 } })
  expect((await world.events()).slice(0, 100)).toEqual(some)
  expect((await world.whs('catchup --output text')).out).toContain('Nothing is known to be missed')
})

test('a list that only names events is asked for none that is stored', async () => {
  const world = await silentWorld(github)
  await world.make(2)
  await world.whs('catchup --since 1h')
  await world.make(1)
  const { records } = await world.whs('catchup --since 1h --output json')
  expect(records[0]).toMatchObject({ catchup: { events: 1, known: 2 } })
})

test('what says that a consent has ended ends it too where it is caught up, but not one that was given since', async () => {
  const world = await openFeedWorld(github)
  const [acme, globex] = world.companies as [FeedWorld['companies'][0], FeedWorld['companies'][0]]
  await world.tenant('acme', acme)
  await world.tenant('globex', globex)
  await world.knobs({ silent: true })
  for (const company of [acme, globex]) await world.changes(company, ['installation.suspend'])
  await world.whs('catchup --since 1h --tenant acme')
  const sql = 'SELECT t.name, c.state FROM connections c JOIN tenants t ON t.id = c.tenant_id ORDER BY t.name'
  const states = (): unknown[] =>
    queryFile<{ name: string; state: string }>(world.home, sql).map(({ name, state }) => `${name} ${state}`)
  expect(states()).toEqual(['acme broken', 'globex active'])
  queryFile(world.home, 'UPDATE connections SET consented_at = ?', Date.now() + 10_000)
  await world.whs('catchup --since 1h')
  expect((await world.events()).map(({ tenant }) => tenant)).toEqual(['acme', 'globex'])
  expect(states()).toEqual(['acme broken', 'globex active'])
})

test('a trial says what would be', async () => {
  const world = await silentWorld(quickbooks)
  await world.make(1)
  const { out } = await world.whs('catchup --since 1h --dry-run --output text')
  expect(out).toMatch(/1 event would be caught up \(.*\n.*1 event would be caught up at 1 place\n$/)
  expect((await world.whs('catchup --since 1h --dry-run --output json')).records.at(-1)).toMatchObject({
    catchup: { events: 1, dry: true },
  })
  expect(await world.events()).toEqual([])
})

test('where no API can be asked, it says why', async () => {
  const world = await openCliWorld([slack, quickbooks])
  await world.add('slack')
  expect((await world.whs('catchup --since 1h --output text')).out).toBe(
    'No app here has a feed that says what was missed; whs providers show tells.\n',
  )
  await world.add('quickbooks')
  expect((await world.whs('catchup --since 1h --output text')).out).toBe(
    'There is nothing yet for which the API could be asked: whs connect and whs activate come first.\n',
  )
})

test('doctor names what was missed, what could not be read, and pings that nobody followed', async () => {
  const world = await openFeedWorld(quickbooks)
  const acme = world.companies[0] as FeedWorld['companies'][number]
  await world.tenant('acme', acme)
  const named = async (name: string): Promise<unknown[]> =>
    (await world.whs('doctor')).records.filter(record => record.name === name)
  expect(await named('feed quickbooks')).toMatchObject([{ level: 'ok', detail: 'cdc tells what was missed' }])
  await (await world.listen()).stop()
  await (await world.listen()).stop()
  expect(await named('catch-up')).toEqual([])
  queryFile(world.home, "UPDATE meta SET value = ? WHERE key = 'listened_at'", String(Date.now() - 2 * hour))
  await (await world.listen()).stop()
  expect(await named('catch-up')).toMatchObject([
    { level: 'warning', detail: expect.stringMatching(/^since .+ ago nobody listened for 2 h/), fix: 'whs catchup' },
  ])
  await world.control({ fail: { call: 'api', status: 500, body: {}, times: 1 } })
  await world.whs('catchup')
  expect(await named('catch-up')).toMatchObject([
    {
      level: 'warning',
      detail: expect.stringContaining('the feed cdc of acme at quickbooks is not read to its end'),
      fix: 'whs catchup --app quickbooks',
    },
  ])
  expect(await world.whs('catchup')).toMatchObject({ code: 0 })
  expect(await named('catch-up')).toEqual([])
})

test('doctor names pings that wait, and a key without which an API cannot be asked', async () => {
  const world = await openFeedWorld(gmail)
  const acme = world.companies[0] as FeedWorld['companies'][number]
  const listener = await world.listen()
  await world.tenant('acme', acme)
  await world.whs('activate gmail')
  queryFile(world.home, "UPDATE connections SET state = 'broken'")
  await world.changes(acme, [(await world.kinds())[0] as string])
  await listener.told('gap')
  await listener.stop()
  const named = async (name: string): Promise<unknown[]> =>
    (await world.whs('doctor')).records.filter(record => record.name === name)
  expect(await named('pings')).toEqual([])
  queryFile(world.home, 'UPDATE events SET received_at = received_at - ?', String(2 * hour))
  expect(await named('pings')).toMatchObject([
    { level: 'warning', detail: expect.stringMatching(/^1 ping of acme at gmail, the oldest 2 h/), fix: 'whs listen' },
  ])
  const other = await openCliWorld([github])
  await other.add('github')
  queryFile(other.home, "DELETE FROM secrets WHERE name = 'privateKey'")
  const { records } = await other.whs('doctor')
  expect(records.find(({ name }) => name === 'feed github')).toMatchObject({
    level: 'warning',
    detail: expect.stringMatching(/^without a .+, deliveries cannot tell what was missed$/),
    fix: 'whs app set github --secret privateKey=-',
  })
})
