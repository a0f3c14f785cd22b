import { expect, test } from 'vitest'
import { momentMs } from '../../src/core/moment.ts'
import { providers } from '../../src/providers/index.ts'
import { openFeedWorld, type ShownEvent } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'

checkLeaks()

const chosen = process.env.WHS_PROVIDER
/** Feeds that say what was missed, and need no hook for it. */
const cases = providers.flatMap(definition =>
  (definition.feeds ?? [])
    .filter(({ use, per }) => use.includes('catch-up') && (per === 'account' || per === 'app'))
    .filter(() => chosen === undefined || definition.id === chosen)
    .map(feed => [`${definition.id} ${feed.name}`, definition, feed] as const),
)

test.each(cases)('%s: what was missed comes in once, in order, for whom it is', async (_, definition, feed) => {
  const world = await openFeedWorld(definition)
  const [acme, globex] = world.companies as [(typeof world.companies)[0], (typeof world.companies)[0]]
  await world.tenant('acme', acme)
  await world.tenant('globex', globex)
  // Where reading begins with the present, that is now.
  expect(await world.whs('catchup --since 1h')).toMatchObject({ code: 0 })
  await world.knobs({ silent: true, page: 2 })
  const kinds = (await world.kinds()).filter(event => !/deauthorized|uninstalled|deleted|merged/.test(event))
  const events = [...kinds, ...kinds, ...kinds].slice(0, 3)
  await world.changes(acme, events, { resourceId: undefined })
  await world.changes(globex, events.slice(0, 1))

  const dry = await world.whs('catchup --since 1h --dry-run --output json')
  expect(await world.events()).toEqual([])
  const { code, records } = await world.whs('catchup --since 1h --output json')
  expect(code).toBe(0)
  const stored = await world.events()
  const of = (tenant: string): ShownEvent[] => stored.filter(one => one.tenant === tenant)
  expect(of('acme').length).toBeGreaterThanOrEqual(typeof feed.same === 'object' ? 1 : 3)
  expect(of('globex')).toHaveLength(1)
  expect(stored.every(({ source }) => source === 'catch-up')).toBe(true)
  expect(records.at(-1)).toMatchObject({ type: 'gap', app: null, catchup: { events: stored.length, failed: 0 } })
  expect(dry.records.at(-1)).toMatchObject({ catchup: { events: stored.length } })
  for (const tenant of ['acme', 'globex']) {
    const times = of(tenant).map(({ occurredAt }) => momentMs(occurredAt ?? ''))
    expect(times).toEqual([...times].sort((left, right) => Number(left) - Number(right)))
  }
  expect(new Set(stored.map(({ account }) => account)).size).toBe(2)

  const again = await world.whs('catchup --since 1h --output json')
  expect(again.records.at(-1)).toMatchObject({ catchup: { events: 0, failed: 0 } })
  expect(await world.events()).toEqual(stored)
})
