import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ActivationApi } from '../../src/core/activation-definition.ts'
import type { Slots } from '../../src/core/fill-text.ts'
import { stripe } from '../../src/providers/stripe.ts'
import { hooksByApi, meaningOf } from '../helpers/hooks-by-api.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { type Handler, type PortalApp, type Simulated, startHandler, startSimulated } from '../helpers/simulated.ts'
import { verdictOf } from '../helpers/simulated-verdict.ts'

checkLeaks()

const api: ActivationApi = stripe.activation.api
const accounts = ['Acme Holdings', 'Globex Corp']
let simulated: Simulated
let handler: Handler
let app: PortalApp
let client: ReturnType<typeof hooksByApi>

beforeEach(async () => {
  handler = await startHandler()
  simulated = await startSimulated({ definition: stripe })
  app = await simulated.app({ callbackUrl: handler.url })
  const secrets = Object.entries(app.secrets).map(([name, value]) => [`secret.${name}`, value])
  client = hooksByApi(stripe, app, { clientId: app.clientId, ...(Object.fromEntries(secrets) as Slots) })
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

async function standing(): Promise<{ activation: string; url: string }[]> {
  const items = await client.items(api.list as NonNullable<ActivationApi['list']>, {})
  return items.map(read => ({ activation: read('@.id') ?? '', url: read('@.url') ?? '' }))
}

const urls = async () => (await standing()).map(({ url }) => url)

test('what the portal says is a hook of the app, which its API lists, moves and removes', async () => {
  const [shown] = await standing()
  expect(shown?.url).toBe(handler.url)
  const slots = { activation: shown?.activation as string }
  expect(await client.call(api.move as never, { ...slots, callback: `${handler.url}/new` })).toMatchObject({
    status: 200,
  })
  expect(await urls()).toEqual([`${handler.url}/new`])
  expect((await client.call(api.remove as never, slots)).failed).toBe(false)
  expect(await urls()).toEqual([])
  expect(meaningOf(api, await client.call(api.remove as never, slots))).toBe('gone')
  expect(((await simulated.json('GET', '/portal/apps/default')).body as PortalApp).callbackUrl).toBeNull()
})

test('each hears of every company, once a URL, signed with its own secret', async () => {
  const { hook } = await client.create({ callback: `${handler.url}/b` })
  expect(hook.secret).not.toBe(app.secrets.webhook)
  expect(await urls()).toEqual([`${handler.url}/b`, handler.url])
  const change = { account: accounts, event: 'customer.created', shape: 'connect' }
  const sent = await simulated.change(change)
  const wanted = [null, null, hook.id, hook.id]
  expect(sent.map(one => one.hook)).toEqual(wanted)
  const byOwn = { ...app, secrets: { ...app.secrets, webhook: hook.secret as string } }
  for (const [index, arrived] of handler.arrived.entries()) {
    const of = { definition: stripe, hook: null, callback: handler.url }
    const [own, other] = wanted[index] === null ? [app, byOwn] : [byOwn, app]
    expect(await verdictOf({ ...of, app: own }, arrived)).toMatchObject({ outcome: 'accepted' })
    expect(await verdictOf({ ...of, app: other }, arrived)).toMatchObject({ outcome: 'rejected' })
  }
  await simulated.app({ callbackUrl: `${handler.url}/b` })
  expect((await simulated.change(change)).map(one => one.hook)).toEqual([hook.id, hook.id])
  const page = await (await fetch(simulated.url(''))).text()
  expect(page).toContain(hook.id)
})

test('the first has the secret that the portal shows', async () => {
  await simulated.app({ callbackUrl: null })
  expect((await client.create({ callback: handler.url })).hook.secret).toBe(app.secrets.webhook)
  expect((await client.create({ callback: `${handler.url}/b` })).hook.secret).not.toBe(app.secrets.webhook)
})
