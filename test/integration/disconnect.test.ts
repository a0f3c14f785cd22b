import { afterEach, beforeEach, expect, test } from 'vitest'
import { disconnectTenant } from '../../src/connect/disconnect.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { OAuth } from '../../src/core/oauth-definition.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, openConsentWorld, variantOf } from '../helpers/consent-world.ts'
import type { FakeRequest } from '../helpers/oauth-provider.ts'

const realm = '9341453900000001234'
let world: ConsentWorld

async function connect(tenant: string, claim: 'share' | null = null): Promise<void> {
  const { url } = await world.makeLink({ tenants: [{ tenant, account: null }], claim })
  expect((await openBrowser().post(url)).text).toContain('is connected')
}
const owners = () => world.store.read('ownersOf', { appId: 1, kind: 'realm', value: realm })
const end = (tenant: string, app: string | null = null) => disconnectTenant(world.deps, { tenant, app })

async function openWith(definition?: ProviderDefinition): Promise<void> {
  world = await openConsentWorld(definition ? { definition } : {})
  await connect('acme')
}

beforeEach(() => openWith())
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

/** A second world, whose provider takes tokens back in its own way. */
async function revokedWith(oauth: Partial<OAuth>, requests: FakeRequest[]): Promise<unknown> {
  await world.close()
  world = await openConsentWorld({ definition: variantOf({ oauth }) })
  world.provider.dialect.auth = oauth.clientAuth ?? 'basic'
  await connect('acme')
  const take = (request: FakeRequest) => {
    requests.push(request)
    return { body: { ok: true } }
  }
  const refresh = world.provider.tokens[1] as string
  for (const path of ['/revoke', `/refresh-tokens/${refresh}`, `/accounts/${realm}/token`]) {
    for (const method of ['POST', 'DELETE']) world.provider.api[`${method} ${path}`] = take
  }
  return (await end('acme'))[0]?.atProvider
}

test('a form with the client in the body, and the access token where the provider wants that', async () => {
  const requests: FakeRequest[] = []
  const url = '{platform}/revoke'
  const revoke = { url, body: 'form', field: 'token', token: 'access' } as const
  expect(await revokedWith({ clientAuth: 'post', revoke }, requests)).toBe('revoked')
  expect(requests[0]?.headers.authorization).toBeUndefined()
  expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
    token: world.provider.tokens[0],
    client_id: 'client-1',
    client_secret: 'very-secret_client.value',
  })
})

test('a call of the definition: another method, the tokens in the URL, the account, the bearer', async () => {
  const requests: FakeRequest[] = []
  const byRefresh = { method: 'DELETE', url: '{platform}/refresh-tokens/{refreshToken}', auth: 'none' } as const
  expect(await revokedWith({ revoke: { call: byRefresh } }, requests)).toBe('revoked')
  const byAccount = {
    method: 'POST',
    url: '{platform}/accounts/{account.realm}/token',
    headers: { 'X-Client': '{clientId} {secret.client}' },
    body: { json: { client_id: '{clientId}' } },
  } as const
  expect(await revokedWith({ revoke: { call: byAccount } }, requests)).toBe('revoked')
  expect(requests[1]).toMatchObject({
    bearer: world.provider.tokens[0],
    headers: { 'x-client': 'client-1 very-secret_client.value' },
    body: '{"client_id":"client-1"}',
  })
})

test('a 2xx in which the provider says no is a failure, and a provider without a way keeps the token', async () => {
  const call = { method: 'POST', url: '{platform}/revoke', failedWhen: { at: '$.ok', is: 'true' } } as const
  expect(await revokedWith({ revoke: { call } }, [])).toBe('failed')
  await world.close()
  const { revoke: _gone, ...oauth } = variantOf({}).oauth
  await openWith({ ...variantOf({}), oauth })
  expect(await end('acme')).toMatchObject([{ atProvider: 'kept', why: 'Intuit offers no way to revoke' }])
})
