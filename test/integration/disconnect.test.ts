import { afterEach, beforeEach, expect, test } from 'vitest'
import { disconnectTenant } from '../../src/connect/disconnect.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, openConsentWorld } from '../helpers/consent-world.ts'

const realm = '9341453900000001234'
let world: ConsentWorld

async function connect(tenant: string, claim: 'share' | null = null): Promise<void> {
  const { url } = await world.makeLink({ tenants: [{ tenant, account: null }], claim })
  expect((await openBrowser().post(url)).text).toContain('is connected')
}
const owners = () => world.store.read('ownersOf', { appId: 1, kind: 'realm', value: realm })
const end = (tenant: string, app: string | null = null) => disconnectTenant(world.deps, { tenant, app })

beforeEach(async () => {
  world = await openConsentWorld()
  await connect('acme')
})
afterEach(() => world.close())

test('the token is taken back at the provider, mappings and tokens go, tenant and history stay', async () => {
  await world.store.write('mapAccount', { app: 'qbo', kind: 'realm', value: '5678', tenant: 'acme', release: true })
  const [ended, ...more] = await end('acme', 'qbo')
  expect(more).toEqual([])
  expect(ended).toMatchObject({ app: 'qbo', atProvider: 'revoked', why: null, accounts: [{ value: realm }] })
  expect(world.provider.revoked).toEqual([world.provider.tokens[1]])
  expect(await owners()).toEqual([])
  const tenant = await world.store.read('findTenant', { name: 'acme' })
  expect(tenant?.accounts.map(({ value }) => value)).toEqual(['5678'])
  expect(tenant?.connections).toMatchObject([{ state: 'revoked', why: 'disconnected here' }])
  await expect(end('acme')).rejects.toMatchObject({ code: 'no-connection', exit: 5 })
})

test('connecting again after that takes up the same connection', async () => {
  const [ended] = await end('acme')
  await connect('acme')
  const tenant = await world.store.read('findTenant', { name: 'acme' })
  expect(tenant?.connections).toMatchObject([{ id: ended?.id, state: 'active', why: null }])
  expect(await owners()).toEqual(['acme'])
})

test.each([
  [{ revokeStatus: 500 }, 'Intuit answered 500'],
  [{ revokeStatus: 400 }, 'Intuit answered 400'],
])('a provider that does not take it back is said, and it ends here all the same', async (mood, why) => {
  Object.assign(world.provider.mood, mood)
  expect(await end('acme')).toMatchObject([{ atProvider: 'failed', why }])
  expect(await owners()).toEqual([])
})

test('a provider that is not there, and a secret that is not, are said', async () => {
  await world.store.write('setApp', { app: 'qbo', hosts: { platform: 'http://127.0.0.1:9' }, keepOldMs: 0 })
  expect(await end('acme')).toMatchObject([{ atProvider: 'failed', why: expect.stringContaining('did not answer') }])
  await connect('acme')
  world.deps.secretsOf = async () => []
  expect(await end('acme')).toMatchObject([{ atProvider: 'failed', why: 'the client secret of qbo is not stored' }])
})

test('an account that another tenant shares is not revoked at the provider', async () => {
  await connect('globex', 'share')
  expect(await end('acme')).toMatchObject([{ atProvider: 'kept', why: expect.stringContaining('globex') }])
  expect(world.provider.revoked).toEqual([])
  expect(await owners()).toEqual(['globex'])
  expect(await end('globex')).toMatchObject([{ atProvider: 'revoked' }])
})

test('an unknown tenant, and one without a connection at that app', async () => {
  await expect(end('nobody')).rejects.toMatchObject({ code: 'no-tenant', exit: 5 })
  await expect(end('acme', 'other')).rejects.toMatchObject({ code: 'no-connection', exit: 5 })
})
