import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { stripe } from '../../src/providers/stripe.ts'
import { companiesOf, flagsFor, openCliWorld } from '../helpers/cli-world.ts'
import { openFeedWorld } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { myCrm } from '../helpers/my-crm.ts'

checkLeaks()

const shape = {
  name: 'change',
  when: '@.kind',
  providerEvent: '@.kind',
  id: '@.id',
  time: '@.at',
  resource: { type: '@.object.type', id: '@.object.id' },
  accounts: [],
}
const ownFeeds: [string, Partial<NonNullable<ProviderDefinition['feeds']>[0]>][] = [
  [
    'time',
    { cursor: { time: { overlapSeconds: 60 } }, call: { method: 'GET', url: '{api}/changes?since={since.iso}' } },
  ],
  [
    'cursor',
    { cursor: { at: '$.next', start: { text: '0' } }, call: { method: 'GET', url: '{api}/changes?from={cursor}' } },
  ],
]

test.each(ownFeeds)(
  'the simulator plays the feed of a definition of one’s own, which has no fixtures: by %s',
  async (_, changed) => {
    const feed = {
      name: 'changes',
      use: ['catch-up'],
      per: 'account',
      split: ['$.list[*]'],
      shapes: [shape],
      same: 'id',
    }
    const definition = { ...myCrm, feeds: [{ ...feed, ...changed }] } as ProviderDefinition
    const world = await openCliWorld([definition])
    const file = join(world.home, 'my-crm.json')
    writeFileSync(file, JSON.stringify(definition))
    expect(await world.whs(`providers add ${file}`)).toMatchObject({ code: 0 })
    expect(await world.add('my-crm')).toMatchObject({ code: 0 })
    const [acme] = companiesOf(definition)
    if (!acme) throw new Error('there is no company')
    const flags = `--tenant acme --no-activate ${flagsFor(definition, acme)}`
    expect(await world.connect('my-crm', [acme.name], flags)).toMatchObject({ code: 0 })
    const { events } = (await (await fetch(`${world.simulator.base}/my-crm/control/events`)).json()) as {
      events: { event: string }[]
    }
    const event = events[0]?.event as string
    for (let time = 0; time < 2; time++) await world.change('my-crm', { account: acme.name, event })
    const { records } = await world.whs('catchup --since 1h --output json')
    expect(records.at(-1)).toMatchObject({ catchup: { events: 2, failed: 0 } })
    const stored = (await world.whs('events')).records.filter(({ source }) => source === 'catch-up')
    expect(stored).toMatchObject([
      { tenant: 'acme', event },
      { tenant: 'acme', event },
    ])
  },
)

test.each([
  [7, 'it must be a JSON object'],
  [{ pages: 1 }, 'pages is no knob of feeds; there are page, silent, expire, retry'],
  [{ page: 0 }, 'page must be a count'],
  [{ page: '3' }, 'page must be a count'],
  [{ silent: 'yes' }, 'silent must be true or false'],
])('a knob of feeds that is none is refused: %j', async (wish, why) => {
  const { simulator } = await openCliWorld([stripe])
  const url = `${simulator.base}/stripe/control/feeds`
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(wish) })
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(why)])
})

test('the API tells each app of its own companies alone, and of no time that it has forgotten', async () => {
  const world = await openFeedWorld(stripe)
  const [acme, globex] = world.companies as [(typeof world.companies)[0], (typeof world.companies)[0]]
  await world.tenant('acme', acme)
  await world.knobs({ silent: true })
  await world.changes(acme, ['invoice.paid'])
  await world.changes(globex, ['invoice.paid'])
  const { records } = await world.whs('catchup --since 60d --output json')
  expect(records[0]).toMatchObject({ lost: 'too-old', catchup: { events: 1 } })
  expect((await world.events()).map(({ tenant }) => tenant)).toEqual(['acme'])
})
