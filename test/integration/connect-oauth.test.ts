import { afterEach, expect, test } from 'vitest'
import { departAtTerminal, finishPasted } from '../../src/connect/finish-pasted.ts'
import type { Call } from '../../src/core/value-definition.ts'
import type { ConsentOutcome } from '../../src/store/consent-ops.ts'
import { openBrowser } from '../helpers/browser.ts'
import {
  type ConsentWorld,
  connectionOf,
  failureOf,
  named,
  openConsentWorld,
  variantOf,
} from '../helpers/consent-world.ts'

const token = '/oauth2/v1/tokens/bearer'
let world: ConsentWorld

afterEach(() => world.close())

const tenantOf = async (name: string) => world.store.read('findTenant', { name })
const stored = async () => (await world.store.read('openConnections', { tenant: 'acme', app: null }))[0]

test('the secret in the body, the token request as JSON, parameters of its own', async () => {
  world = await openConsentWorld({
    definition: variantOf({
      oauth: {
        clientAuth: 'post',
        tokenBody: 'json',
        parameters: { owner: 'user', account_uuid: '{setting.uuid}' },
        tokenParameters: { context: '{callback.realmId}', expiring: '1' },
      },
    }),
    settings: { uuid: 'abc-1' },
  })
  Object.assign(world.provider.dialect, { auth: 'post', body: 'json' })
  expect(connectionOf((await world.connect(named('acme'))).outcome).tenants).toEqual(['acme'])
  expect(world.provider.authorized[0]).toMatchObject({ owner: 'user', account_uuid: 'abc-1' })
  expect(world.provider.exchanged[0]).toEqual({
    grant_type: 'authorization_code',
    code: expect.any(String),
    redirect_uri: expect.stringContaining('/oauth/callback/qbo'),
    client_id: 'client-1',
    client_secret: 'very-secret_client.value',
    context: '9341453900000001234',
    expiring: '1',
  })
})

test('scopes by commas under another name; what the provider does not take is left out, the redirect URI in both calls', async () => {
  world = await openConsentWorld({
    definition: variantOf({
      oauth: {
        scopes: ['chat:write', 'team:read'],
        scopeSeparator: ',',
        scopeParameter: 'user_scope',
        leaveOut: ['response_type', 'redirect_uri'],
      },
    }),
  })
  world.provider.dialect.registeredRedirect = `http://localhost:${world.port}/oauth/callback/qbo`
  expect(connectionOf((await world.connect()).outcome).scopes).toEqual(['chat:write', 'team:read'])
  expect(world.provider.authorized[0]).toEqual({
    client_id: 'client-1',
    user_scope: 'chat:write,team:read',
    state: expect.any(String),
  })
  expect(world.provider.exchanged[0]).not.toHaveProperty('redirect_uri')
})

test('without scopes none are sent, and none are shown', async () => {
  world = await openConsentWorld({ definition: variantOf({ oauth: { scopes: [], leaveOut: ['scope', 'client_id'] } }) })
  const { url } = await world.makeLink()
  expect(await (await fetch(url)).text()).not.toContain('Access to')
  expect(connectionOf((await world.connect()).outcome).scopes).toEqual([])
  expect(Object.keys(world.provider.authorized[0] ?? {}).sort()).toEqual(['redirect_uri', 'response_type', 'state'])
})

test('tokens and times are read where the definition says', async () => {
  world = await openConsentWorld({
    definition: variantOf({
      oauth: {
        reply: {
          access: '$.authed_user.access_token',
          refresh: '$.authed_user.refresh',
          scope: '$.authed_user.scope',
          expiresAt: '$.expires_at',
          refreshExpiresAt: '$.refresh_ends',
          failedWhen: { at: '$.ok', is: 'false' },
          error: '$.reason',
        },
      },
    }),
  })
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
  const inADay = Math.floor(Date.now() / 1000) + 86_400
  world.provider.dialect.reply = ({ access, refresh }) => ({
    body: {
      ok: true,
      authed_user: { access_token: access, refresh, scope: 'one,two' },
      expires_at: inAnHour,
      refresh_ends: inADay,
    },
  })
  const connection = connectionOf((await world.connect(named('acme'))).outcome)
  expect(connection).toMatchObject({ scopes: ['one', 'two'], expiresAt: inADay * 1000 })
  expect(await stored()).toMatchObject({ access: world.provider.tokens[0], refresh: world.provider.tokens[1] })
  expect((await tenantOf('acme'))?.connections[0]?.accessExpiresAt).toBe(Date.parse(inAnHour))
  world.provider.dialect.reply = () => ({ body: { ok: false, reason: 'bad_redirect_uri' } })
  const failure = failureOf((await world.connect()).outcome)
  expect(failure).toMatchObject({ code: 'code-refused', exit: 4, why: 'it said bad_redirect_uri' })
})

test('a token that lives until it is revoked has no end', async () => {
  world = await openConsentWorld({ definition: variantOf({ oauth: { accessSeconds: null, reply: {} } }) })
  world.provider.dialect.reply = ({ access }) => ({ body: { access_token: access, expires_in: 0 } })
  expect(connectionOf((await world.connect(named('acme'))).outcome).expiresAt).toBeNull()
  expect((await tenantOf('acme'))?.connections[0]?.accessExpiresAt).toBeNull()
})

test('a refusal in the provider’s own word is one', async () => {
  world = await openConsentWorld({ definition: variantOf({ oauth: { denied: ['user_denied'] } }) })
  world.provider.mood.refuses = true
  world.provider.dialect.denial = 'user_denied'
  const { page, outcome } = await world.connect()
  expect(page.text).toContain('Access was refused')
  expect(failureOf(outcome)).toMatchObject({ code: 'consent-denied', exit: 4 })
  world.provider.dialect.denial = 'server_error'
  expect(failureOf((await world.connect()).outcome).code).toBe('consent-failed')
})

const signing = { hash: 'sha256', parameter: 'hmac', secret: 'client' } as const

test('a callback that the provider signs is believed only with its signature', async () => {
  world = await openConsentWorld({ definition: variantOf({ oauth: { callbackSignature: signing } }) })
  world.provider.dialect.signs = 'hmac'
  expect(connectionOf((await world.connect(named('acme'))).outcome).tenants).toEqual(['acme'])
  for (const signs of [undefined, 'signature']) {
    world.provider.dialect.signs = signs
    const { page, outcome } = await world.connect()
    expect(failureOf(outcome)).toMatchObject({ code: 'callback-forged', exit: 4 })
    expect(page.text).toContain('This could not be proved')
  }
  expect(world.exchanges()).toBe(1)
})

test('a signed callback that was changed on the way is refused before anything is exchanged', async () => {
  world = await openConsentWorld({ definition: variantOf({ oauth: { callbackSignature: signing } }) })
  world.provider.dialect.signs = 'hmac'
  const changes: [string, string][] = [
    ['realmId', '5678'],
    ['state2', 'more'],
  ]
  for (const [name, value] of changes) {
    const { link, url } = await world.makeLink()
    const browser = openBrowser()
    const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
    const callback = new URL(back.headers.get('location') as string)
    callback.searchParams.set(name, value)
    await browser.get(callback.href)
    expect(failureOf((await world.outcomeOf(link)) as ConsentOutcome)).toMatchObject({
      code: 'callback-forged',
      why: 'its hmac fits no secret of the app',
    })
  }
  expect(world.exchanges()).toBe(0)
})

/** The browser brings an account alone; calls are made with the app's own credentials. */
const appCall: Call = {
  method: 'GET',
  url: '{api}/accounts/{account}',
  auth: { basic: ['{clientId}', '{secret.token}'] },
}
const callbackOnly = variantOf({
  oauth: { kind: 'callback', leaveOut: ['response_type', 'scope'], scopes: [] },
  identity: {
    from: 'callback',
    accounts: { realm: '$.AccountSid' },
    prove: { call: appCall, equals: '$.sid', name: '$.friendly_name', by: 'app' },
  },
})

async function openCallbackWorld(): Promise<void> {
  world = await openConsentWorld({ definition: callbackOnly, secrets: { token: 'app-token' } })
  world.provider.dialect.callback = (_code, { realm, claimedRealm }) => ({ AccountSid: claimedRealm ?? realm })
  world.provider.api['GET /accounts/77'] = ({ headers }) => {
    const isOwn = headers.authorization === `Basic ${btoa('client-1:app-token')}`
    return isOwn ? { body: { sid: 77, friendly_name: 'Acme Voice' } } : { status: 401, body: {} }
  }
  world.provider.mood.realm = '77'
}

test('without a code there is nothing to exchange: the app’s own call and a named account make the connection', async () => {
  await openCallbackWorld()
  const { outcome, page } = await world.connect({ ...named('acme'), accounts: ['77'] })
  expect(connectionOf(outcome)).toMatchObject({ accounts: [{ id: '77', name: 'Acme Voice' }], expiresAt: null })
  expect(page.text).toContain('Acme Voice is connected')
  expect(await stored()).toMatchObject({ access: null, refresh: null })
  expect((await tenantOf('acme'))?.accounts[0]?.proof).toBe(
    "GET /accounts/77 answered 200 to the app's own credentials",
  )
  expect(world.provider.requests).not.toContain(`POST ${token}`)
})

test('an account that only the app’s own call proves must be named, and is never taken from another tenant', async () => {
  await openCallbackWorld()
  await expect(world.connect(named('acme'))).rejects.toMatchObject({ code: 'name-the-account', exit: 2 })
  await world.connect({ ...named('acme'), accounts: ['77'] })
  for (const claim of ['share', 'move'] as const) {
    const taken = await world.connect({ tenants: [{ tenant: 'mallory', account: '77' }], claim })
    expect(failureOf(taken.outcome)).toMatchObject({ code: 'account-taken', exit: 4 })
  }
  const other = await world.connect({ ...named('acme'), accounts: ['78'] })
  expect(failureOf(other.outcome)).toMatchObject({ code: 'account-not-wished' })
  world.provider.mood.claimedRealm = '78'
  const unknown = await world.connect({ ...named('acme'), accounts: ['78'] })
  expect(failureOf(unknown.outcome)).toMatchObject({ code: 'proof-refused' })
})

test('a secret that the proof needs, and that nobody has, is said', async () => {
  await openCallbackWorld()
  world.deps.secretsOf = async (_app, name) =>
    name === 'token' ? [] : [{ id: 1, value: 'x', fingerprint: 'x', createdAt: 0 }]
  const { link } = await world.makeLink({ ...named('acme'), accounts: ['77'] })
  const url = (await departAtTerminal(world.deps, link)) as string
  const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') as string
  expect(failureOf(await finishPasted(world.deps, link, back))).toMatchObject({ code: 'no-token-secret', exit: 3 })
})
