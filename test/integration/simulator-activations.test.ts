import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ActivationApi } from '../../src/core/activation-definition.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Slots } from '../../src/core/fill-text.ts'
import { signingSecrets } from '../../src/core/scheme-text.ts'
import type { SentDelivery } from '../../src/simulate/deliveries.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { testedProviders } from '../helpers/fixtures.ts'
import { endSlots, type HookByApi, hooksByApi, meaningOf, slotsAt } from '../helpers/hooks-by-api.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { type Handler, redirectUri, type Simulated, startHandler, startSimulated } from '../helpers/simulated.ts'
import { consentAt, readAt } from '../helpers/simulated-any.ts'
import { hookKey, type Judge, verdictNow, verdictOf } from '../helpers/simulated-verdict.ts'

checkLeaks()

let simulated: Simulated
let handler: Handler
let judge: Judge | null

beforeEach(async () => {
  judge = null
  handler = await startHandler((_, arrived) => {
    const found = judge && verdictNow(judge, arrived)
    return found?.outcome === 'handshake' ? found.answer : 200
  })
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

const played = testedProviders.filter(({ activation }) => activation.api)

/** An app, a consent of the first company, and what its hook is asked for with. */
async function open(definition: ProviderDefinition) {
  simulated = await startSimulated({ definition })
  const app = await simulated.app({ redirectUris: [redirectUri] })
  const [company] = companiesOf(definition) as [AccountFixture]
  const given = slotsAt(await consentAt(definition, app, [company]), company)
  const client = hooksByApi(definition, app, given)
  const { resources } = client.api
  const callback = handler.url
  const url = definition.activation.keyed ? `${callback}/${hookKey}` : callback
  const wish: Slots = { ...endSlots(definition, Date.now()), callback: url, ...secretSlots(definition) }
  if (resources) {
    const ids = 'all' in resources ? resources.all.map(({ id }) => id) : await listed(client, 'resources', {}, 'id')
    expect(ids.length).toBeGreaterThan(0)
    wish.resource = ids[0] as string
  }
  judge = { definition, app, hook: { id: '', url, secret: wish.secret ?? null }, callback }
  return { app, company, client, wish, judge }
}

type Client = ReturnType<typeof hooksByApi>

async function listed(
  client: Client,
  what: 'resources' | 'list',
  slots: Slots,
  field: 'id' | 'url',
): Promise<string[]> {
  const listing = client.api[what]
  if (!listing || !('call' in listing)) return []
  const value = (listing as NonNullable<ActivationApi['list']>)[field]
  return (await client.items(listing, slots)).map(read => (value && read(value)) ?? '')
}

function secretSlots({ activation }: ProviderDefinition): Slots {
  if (activation.secret !== 'chosen') return {}
  return { secret: 'us3r:chosen-by-whs', secretUser: 'us3r', secretPassword: 'chosen-by-whs' }
}

async function told(hook: HookByApi, client: Client): Promise<string | null> {
  const { secretBy } = client.api.made
  if (!secretBy) return hook.secret
  return readAt((await client.call(secretBy.call, hook.slots)).body, secretBy.at) ?? null
}

describe.each(played.map(definition => [definition.id, definition] as const))('%s', (_, definition) => {
  test('a hook is made, listed, renewed, moved and removed by the definition’s own calls', async () => {
    const { client, wish } = await open(definition)
    const { api, call, create } = client
    expect(await listed(client, 'list', wish, 'id')).toEqual([])
    const { status, failed, body, hook } = await create(wish)
    expect({ status, failed }, body.toString()).toEqual({ status: 200, failed: false })
    expect(hook.id).not.toBe('')
    if (api.made.expires) expect(hook.expiresAt).toBeGreaterThan(Date.now() + 3_600_000)
    if (api.list) {
      expect(await listed(client, 'list', hook.slots, 'id')).toEqual([hook.id])
      if (api.list.url) expect(await listed(client, 'list', hook.slots, 'url')).toEqual([wish.callback])
      const [shown] = await client.items(api.list, hook.slots)
      for (const [name, value] of Object.entries(api.list.keep ?? {})) expect(shown?.(value)).toBe(hook.slots[name])
    }
    if (typeof api.renew === 'object') {
      const renewed = await call(api.renew.call, { ...hook.slots, ...endSlots(definition, Date.now()) })
      expect(renewed).toMatchObject({ status: 200, failed: false })
      if (api.renew.expires) expect(readAt(renewed.body, api.renew.expires.at)).toBeDefined()
    }
    if (typeof api.move === 'object') {
      const callback = `${handler.url}/moved`
      expect(await call(api.move, { ...hook.slots, callback })).toMatchObject({ status: 200, failed: false })
      if (api.list?.url) expect(await listed(client, 'list', hook.slots, 'url')).toEqual([callback])
    }
    if (!api.remove) return
    expect((await call(api.remove, hook.slots)).failed).toBe(false)
    expect(await listed(client, 'list', hook.slots, 'id')).toEqual([])
    expect((await call(api.remove, hook.slots)).failed).toBe(true)
  })

  test('its deliveries come to it, signed with its secret', async () => {
    const { client, wish, company, app } = await open(definition)
    const { hook } = await client.create(wish)
    const secret = (await told(hook, client)) ?? wish.secret ?? (await shownSecret(hook.id))
    const [own] = signingSecrets(definition, 'app')
    const isOfApp = (client.api.per ?? definition.activation.per) === 'app'
    const secrets = isOfApp && own && secret ? { ...app.secrets, [own]: secret } : app.secrets
    if (!client.api.create.url.includes('{callback}') && !JSON.stringify(client.api.create).includes('{callback}')) {
      await simulated.app({ callbackUrl: handler.url })
    }
    const { handshakes = [] } = definition.webhook
    await handler.count(handler.arrived.length === 0 ? 0 : handshakes.length)
    const before = handler.arrived.length
    const events = await simulated.events()
    let deliveries: SentDelivery[] = []
    for (const { event, isApp } of events) {
      // After it the app hears of nothing any more.
      if (isApp || event.includes('uninstalled')) continue
      // A hook for one topic hears of no other.
      if (deliveries.length === 0) deliveries = await simulated.change({ account: company.name, event })
    }
    expect(deliveries.map(({ hook: id }) => id)).toEqual([hook.id])
    const arrived = handler.arrived.slice(before).at(-1)
    const facts = { definition, app: { ...app, secrets }, callback: handler.url }
    const verdict = arrived && (await verdictOf({ ...facts, hook: { id: hook.id, url: '', secret } }, arrived))
    expect(verdict).toMatchObject({ outcome: 'accepted', items: [{ fault: null }] })
  })

  async function shownSecret(id: string): Promise<string | null> {
    const hooks = (await simulated.json('GET', '/portal/hooks')).body as { id: string; secret: string | null }[]
    return hooks.find(one => one.id === id)?.secret ?? null
  }

  test('refusals are said as the definition reads them', async () => {
    const { client, wish } = await open(definition)
    await simulated.json('POST', '/control', { quota: 0 })
    const refused = await client.create(wish)
    expect(refused.failed).toBe(true)
    expect(meaningOf(client.api, refused)).toBe('quota')
  })
})
