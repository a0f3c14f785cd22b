import { expect, test } from 'vitest'
import { activate } from '../../src/connect/activation/activate.ts'
import { deactivate } from '../../src/connect/activation/deactivate.ts'
import { findDrift } from '../../src/connect/activation/find-drift.ts'
import { listResources } from '../../src/connect/activation/list-resources.ts'
import { moveTo } from '../../src/connect/activation/move-to.ts'
import { renewDue } from '../../src/connect/activation/renew-due.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { testedProviders } from '../helpers/fixtures.ts'
import { openHookWorld } from '../helpers/hook-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { redirectUri, startSimulated } from '../helpers/simulated.ts'
import { consentAt } from '../helpers/simulated-any.ts'
import { finishConsent } from '../helpers/store-facts.ts'

checkLeaks()

const byApi = testedProviders.filter(({ activation }) => activation.api)

async function begin(definition: ProviderDefinition) {
  const clock = { now: Date.now() }
  const simulated = await startSimulated({ definition, now: () => clock.now })
  const portal = await simulated.app({ redirectUris: [redirectUri] })
  const [company] = companiesOf(definition) as [AccountFixture]
  const { slots } = await consentAt(definition, portal, [company])
  const accounts = Object.entries(company.values)
    .filter(([kind]) => definition.accounts.some(one => one.kind === kind && one.from === 'consent'))
    .map(([kind, value]) => `${kind}:${value}`)
  const { scopes } = definition.oauth
  const learned = Object.entries({ ...company.slots, ...slots }).filter(
    ([name]) => !/[.]|^token$|^clientId$/.test(name),
  )
  const world = await openHookWorld({
    definition,
    origin: portal.hosts,
    clock,
    accounts,
    scopes,
    slots: Object.fromEntries(learned),
    secrets: portal.secrets,
    settings: portal.settings,
    clientId: portal.clientId,
    ...(slots.token === undefined ? {} : { token: slots.token }),
  })
  /** The tenant connects again: tokens end long before hooks do. */
  async function connectAgain(): Promise<void> {
    const { token } = (await consentAt(definition, portal, [company])).slots
    const identity = { tenant: 'acme', accounts, slots: Object.fromEntries(learned) }
    const tokens = token === undefined ? {} : { access: token, accessExpiresAt: null }
    await finishConsent(world.store, [identity], { app: 'small', scopes, ...tokens })
  }
  return { ...world, simulated, connectAgain }
}

test.each(byApi.map(definition => [definition.id, definition] as const))(
  '%s: whs makes, finds, renews, moves and removes a hook at the simulated provider',
  async (_, definition) => {
    const { deps, clock, callback, simulated, rows, connectAgain, ...world } = await begin(definition)
    try {
      const per = definition.activation.api?.per ?? definition.activation.per
      const connection = per === 'app' ? null : world.connection
      const [resource] = await listResources(deps, { app: 'small', connection })
      const wish = { app: 'small', connection, resource: resource?.id ?? null, temporary: false, callback }
      const made = await activate(deps, wish)
      expect(made).toMatchObject({ kind: 'made', why: null, activation: { state: 'active', madeBy: 'api' } })
      expect((await activate(deps, wish)).kind).toBe('found')
      expect(['well', 'unknown']).toContain((await findDrift(deps, { app: 'small', callback }))[0]?.state)

      const due = made.activation?.nextAt ?? null
      if (due !== null) {
        clock.now = due
        await connectAgain()
        const renewed = await renewDue(deps, { callbackOf: () => callback })
        expect(renewed).toMatchObject([{ kind: 'renewed', why: null }])
        expect(renewed[0]?.activation?.expiresAt).toBeGreaterThan(made.activation?.expiresAt ?? 0)
      }

      const elsewhere = callback.replace('127.0.0.1', 'localhost')
      const [hook] = await rows()
      if (!hook) throw new Error('it is gone')
      const moved = await moveTo(deps, hook, elsewhere)
      expect(['moved', 'elsewhere']).toContain(moved.kind)
      if (moved.kind === 'moved') {
        expect(['well', 'unknown']).toContain((await findDrift(deps, { app: 'small', callback: elsewhere }))[0]?.state)
        expect(['elsewhere']).toContain((await findDrift(deps, { app: 'small', callback }))[0]?.state)
      }

      const [last] = await rows()
      expect(await rows()).toHaveLength(1)
      if (!last) throw new Error('it is gone')
      expect(await deactivate(deps, last)).toMatchObject({ kind: 'gone', why: null })
      expect(await rows()).toEqual([])
    } finally {
      await simulated.close()
    }
  },
)
