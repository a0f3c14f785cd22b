import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { providers } from '../../src/providers/index.ts'
import type { Company } from '../helpers/cli-world.ts'
import { type FeedWorld, openFeedWorld, type ToldListener } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

const chosen = process.env.WHS_PROVIDER
const asking = providers.filter(({ id, resolve }) => resolve && (chosen === undefined || chosen === id))

/**
 * Two tenants, and a hook of the first whose deliveries name what whs did not hear of: an account of its company that is
 * called otherwise now; or, where a hook is for one thing, the thing of a hook of which no id was given.
 */
async function strangerOf(definition: ProviderDefinition): Promise<{
  world: FeedWorld
  listener: ToldListener
  value: string
  /** Makes a change of the first company, which its hook tells. */
  change(): Promise<void>
}> {
  const world = await openFeedWorld(definition)
  const [acme, globex] = world.companies as [Company, Company]
  const listener = await world.listen()
  await world.tenant('acme', acme)
  await world.tenant('globex', globex)
  const added = await world.whs(`activations add ${definition.id} --tenant acme`)
  expect([added.code, added.err]).toEqual([0, ''])

  const own = definition.accounts.find(({ from }) => from === 'activation')
  const { kind = '' } = own ?? definition.accounts[0] ?? {}
  const old = acme.values[kind] ?? ''
  const value = own ? old : old.replace(/[^/]+$/, last => `new${last}`)
  if (own) {
    queryFile(world.home, 'UPDATE activations SET provider_id = NULL')
    queryFile(world.home, 'DELETE FROM mappings WHERE account_id IN (SELECT id FROM accounts WHERE kind = ?)', kind)
  } else await world.control({ rename: { company: acme.name, kind, value } })
  const [event = ''] = await world.kinds()
  return { world, listener, value, change: () => world.changes(acme, [event]) }
}

test.each(asking.map(one => [one.id, one] as const))(
  '%s: what its deliveries name is asked of its API once, and they go to whose it is',
  async (_, definition) => {
    const { world, listener, value, change } = await strangerOf(definition)
    await change()
    const told = await listener.told('resolution')
    expect(told).toMatchObject({
      about: definition.resolve?.[0]?.name,
      answer: { state: 'found' },
      settled: { tenants: ['acme'], events: 1 },
    })
    expect(value).toContain(told.value)
    await change()
    await listener.stop()
    expect(listener.facts.filter(fact => fact.kind === 'resolution')).toHaveLength(1)
    const events = await world.events()
    expect(events.map(({ tenant, account }) => [tenant, account])).toEqual([
      ['acme', value],
      ['acme', value],
    ])
    for (const { id } of events) {
      const { out } = await world.whs(`explain ${id} --output text`)
      expect(out).toMatch(/GET \S+ answered for the \w+ \S+ with the token of acme/)
    }
  },
)
