import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { readingFor, saysDeleted } from '../../src/core/record-reading.ts'
import { providers } from '../../src/providers/index.ts'
import type { Company } from '../helpers/cli-world.ts'
import { type FeedWorld, openFeedWorld, type ToldListener } from '../helpers/feed-world.ts'
import { fixtureDir, readJson, sampleFixtures } from '../helpers/fixtures.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

const chosen = process.env.WHS_PROVIDER
const reading = providers.filter(({ id, record }) => record && (chosen === undefined || chosen === id))

interface Kind {
  event: string
  type: string | null
  isApp: boolean
}

async function kindsOf(world: FeedWorld, { id }: ProviderDefinition): Promise<Kind[]> {
  const answer = await fetch(`${world.simulator.base}/${id}/control/events`)
  return ((await answer.json()) as { events: Kind[] }).events
}

/** A world with two tenants that hear of everything, and a listener that fetches. */
async function fetchingWorld(definition: ProviderDefinition): Promise<{ world: FeedWorld; listener: ToldListener }> {
  const world = await openFeedWorld(definition)
  const listener = await world.listen({ fetch: true })
  for (const [index, name] of ['acme', 'globex'].entries()) await world.tenant(name, world.companies[index] as Company)
  const { id, activation } = definition
  if (activation.api && activation.per !== 'app') await world.whs(`activate ${id} --all-resources`)
  else if (activation.per !== 'app') {
    for (const [index, name] of ['acme', 'globex'].entries()) {
      const own = world.companies[index]?.values[activation.kind ?? ''] ?? ''
      const { code, err } = await world.whs(`activations add ${id} --tenant ${name} ${own && `--id ${own}`}`)
      if (code !== 0) throw new Error(err)
    }
  }
  // What pings leave out is told from the cursor on that each hook's first ping, or a consent, has brought.
  if (definition.feeds?.some(({ use }) => use.includes('follow-up'))) {
    const hooks = queryFile(world.home, 'SELECT seq FROM activations').length
    const cursors = (): unknown[] => queryFile(world.home, 'SELECT id FROM feed_cursors')
    await expect.poll(() => cursors().length, { timeout: 5_000 }).toBeGreaterThanOrEqual(Math.max(hooks, 2))
  }
  return { world, listener }
}

/** What each company's own things are told by: an event of each type that can be read. */
function changesOf(definition: ProviderDefinition, kinds: Kind[], { records = {} }: Company): [Kind, string][] {
  return Object.entries(records).flatMap(([type, [id]]): [Kind, string][] => {
    const kind = kinds.find(
      one => one.type === type && !one.isApp && !/\.(created|deleted|merged|uninstalled|deauthorized)$/.test(one.event),
    )
    const other = kind ?? kinds.find(one => one.type === type && !one.isApp && one.event.endsWith('.created'))
    return other && id !== undefined && readingFor(definition, type) ? [[other, id]] : []
  })
}

test.each(reading.map(one => [one.id, one] as const))(
  '%s: the changed thing is fetched as its tenant, and told after its event',
  async (_, definition) => {
    const { world, listener } = await fetchingWorld(definition)
    const kinds = await kindsOf(world, definition)
    const [acme, globex] = world.companies as [Company, Company]
    const own = changesOf(definition, kinds, acme)
    const plain = kinds.find(({ isApp, event }) => !isApp && !/deleted|calendarlist/.test(event))?.event ?? ''
    for (const [{ event }, resourceId] of own) await world.changes(acme, [event], { resourceId })
    // Of what only a feed tells there is but the ping.
    if (own.length === 0) await world.changes(acme, [plain])
    const wanted = Math.max(own.length, 1)
    const fetched = (): typeof listener.facts => listener.facts.filter(({ kind }) => kind === 'record')
    await expect.poll(() => fetched().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(wanted)
    for (const fact of fetched()) {
      if (fact.kind !== 'record') continue
      const { record, event } = fact
      expect([event.tenant, event.event, record.failure]).toEqual(['acme', event.event, null])
      expect([record.status, record.deleted, record.call?.split(' ')[0]]).toEqual([200, false, expect.any(String)])
      const thing = record.body?.subarray(record.start, record.start + record.length).toString() ?? ''
      expect(Object.keys(JSON.parse(thing) as object).length).toBeGreaterThan(1)
      const at = listener.facts.findIndex(one => one.kind === 'event' && one.event.id === event.id)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(listener.facts.indexOf(fact)).toBeGreaterThan(at)
    }
    await listener.stop()
    const { records } = await world.whs('events --output json')
    const kept = records.filter(one => one.record !== undefined)
    expect(kept).toHaveLength(fetched().length)
    expect(kept.every(({ tenant }) => tenant === 'acme')).toBe(true)
    expect(globex).toBeDefined()
  },
)

/** Of the types that a provider's things have, the first whose deletion it tells. */
function lostType(definition: ProviderDefinition): string | undefined {
  const [first] = readJson<Company[]>(`${fixtureDir(definition.id)}/accounts.json`)
  const told = sampleFixtures(definition.id).map(({ event }) => event)
  return Object.keys(first?.records ?? {}).find(
    type => readingFor(definition, type) && told.some(event => saysDeleted(event, type)),
  )
}

const losing = reading
  .filter(({ feeds = [] }) => !feeds.some(({ use }) => use.includes('follow-up')))
  .filter(definition => lostType(definition) !== undefined)

test.each(losing.map(one => [one.id, one] as const))(
  '%s: what is gone at the provider is marked as deleted',
  async (_, definition) => {
    const { world, listener } = await fetchingWorld(definition)
    const kinds = await kindsOf(world, definition)
    const [acme] = world.companies as [Company]
    const type = lostType(definition) ?? ''
    const found = changesOf(definition, kinds, acme).find(([kind]) => kind.type === type)
    if (!found) throw new Error(`no event of ${definition.id} changes ${type}`)
    const [{ event }, resourceId] = found
    await world.changes(acme, [event], { resourceId })
    await listener.told('record')
    const gone = kinds.find(one => one.type === type && saysDeleted(one.event, type))?.event ?? ''
    await world.knobs({ silent: true })
    await world.changes(acme, [gone], { resourceId })
    const asked = await world.whs('events show last --fetch --output json')
    expect(asked.code).toBe(0)
    const [shown] = asked.records as unknown as [{ record: { status: number; deleted: boolean } }]
    expect(shown.record).toMatchObject({ deleted: true, status: expect.any(Number) })
    // And where the event itself says so, nobody is asked.
    await world.knobs({ silent: false })
    await world.changes(acme, [gone], { resourceId })
    const { record } = await listener.told('record', fact => fact.event.event?.endsWith('deleted') === true)
    expect(record).toMatchObject({ deleted: true, failure: null })
    await listener.stop()
  },
)
