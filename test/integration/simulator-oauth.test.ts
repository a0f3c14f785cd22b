import { createHash } from 'node:crypto'
import OAuthClient from 'intuit-oauth'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  acme,
  authorizeUrl,
  decide,
  globex,
  type PortalApp,
  redirectUri,
  type Simulated,
  startSimulated,
} from '../helpers/simulated.ts'

checkLeaks()

const hour = 3_600_000
let simulated: Simulated
let app: PortalApp
let now: number

async function start(definition: ProviderDefinition = quickbooks, timeScale = 1): Promise<void> {
  simulated = await startSimulated({ definition, timeScale, now: () => now })
  app = await simulated.app()
}

beforeEach(async () => {
  now = Date.UTC(2026, 5, 1)
  await start()
})
afterEach(() => simulated.close())

interface Tokens {
  access_token: string
  refresh_token: string
  error?: string
}

async function token(form: Record<string, string>, basic = `${app.clientId}:${app.clientSecret}`) {
  const authorization = `Basic ${Buffer.from(basic).toString('base64')}`
  const headers = basic === '' ? undefined : { authorization }
  const url = `${app.hosts.token}/oauth2/v1/tokens/bearer`
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), ...(headers ? { headers } : {}) })
  return { status: answer.status, ...((await answer.json()) as Tokens & Record<string, unknown>) }
}

async function codeFor(account = acme, changes: Record<string, string> = {}): Promise<string> {
  const back = await decide(authorizeUrl(app, changes), 'allow', account)
  return back.searchParams.get('code') as string
}

async function exchange(code: string, more: Record<string, string> = {}) {
  return token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more })
}

async function companyName(access: string, realm = acme): Promise<[number, string | undefined]> {
  const url = `${app.hosts.api}/v3/company/${realm}/companyinfo/${realm}?minorversion=75`
  const answer = await fetch(url, { headers: { authorization: `Bearer ${access}` } })
  const body = (await answer.json()) as { CompanyInfo?: { CompanyName: string } }
  return [answer.status, body.CompanyInfo?.CompanyName]
}

const refresh = (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken })

test('Intuit’s own client authorises, exchanges, calls, refreshes and revokes', async () => {
  const { authorizeEndpoint, tokenEndpoint, revokeEndpoint, environment } = OAuthClient
  OAuthClient.authorizeEndpoint = `${app.hosts.authorize}/connect/oauth2`
  OAuthClient.tokenEndpoint = `${app.hosts.token}/oauth2/v1/tokens/bearer`
  OAuthClient.revokeEndpoint = `${app.hosts.platform}/v2/oauth2/tokens/revoke`
  OAuthClient.environment = { ...environment, sandbox: `${app.hosts.api}/` }
  try {
    const { clientId, clientSecret } = app
    const client = new OAuthClient({ clientId, clientSecret, environment: 'sandbox', redirectUri })
    const url = client.authorizeUri({ scope: [OAuthClient.scopes.Accounting], state: 'from-the-client' })
    const page = await (await fetch(url)).text()
    for (const name of ['Acme Holdings', 'Globex Corp', 'Initech LLC']) expect(page).toContain(name)

    const back = await decide(url, 'allow', globex)
    expect(back.searchParams.get('state')).toBe('from-the-client')
    const first = (await client.createToken(back.href)).getToken()
    expect(first).toMatchObject({ realmId: globex, token_type: 'bearer', expires_in: 3600 })
    expect(first.x_refresh_token_expires_in).toBe(8_726_400)

    const info = await client.makeApiCall({ url: `v3/company/${globex}/companyinfo/${globex}` })
    expect(info.json).toMatchObject({ CompanyInfo: { CompanyName: 'Globex Corp' } })

    const second = (await client.refresh()).getToken()
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(await companyName(String(second.access_token), globex)).toEqual([200, 'Globex Corp'])

    await client.revoke({ refresh_token: second.refresh_token })
    expect(await companyName(String(second.access_token), globex)).toEqual([401, undefined])
    client.setToken(second)
    await expect(client.refresh()).rejects.toMatchObject({ error: 'invalid_grant' })
  } finally {
    Object.assign(OAuthClient, { authorizeEndpoint, tokenEndpoint, revokeEndpoint, environment })
  }
})

describe('the consent page', () => {
  test('a refusal comes back as access_denied with the state, and nothing else', async () => {
    const back = await decide(authorizeUrl(app, { state: 'a b&c' }), 'refuse', acme)
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: 'access_denied', state: 'a b&c' })
  })

  test('looking at it is no consent, and it escapes what the app sends', async () => {
    const url = authorizeUrl(app, { state: '"><script>alert(1)</script>' })
    const page = await fetch(url)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(await page.text()).not.toMatch(/<script|type="password"/)
  })

  test.each([
    ['an unknown app', { client_id: 'nobody' }],
    ['the alias', { client_id: 'default' }],
    ['no app', { client_id: null }],
    ['a redirect URI that is longer', { redirect_uri: `${redirectUri}/` }],
    ['another port', { redirect_uri: redirectUri.replace('4400', '4401') }],
    ['another response type', { response_type: 'token' }],
    ['no scope', { scope: null }],
    ['no state', { state: null }],
    ['a plain challenge', { code_challenge: 'abc', code_challenge_method: 'plain' }],
  ])('%s is an error page and never a redirect', async (_, changes) => {
    const url = authorizeUrl(app, changes)
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(url, { method, redirect: 'manual' })
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain('is not in order')
    }
  })
})

describe('the token endpoint', () => {
  test('takes only the app’s id and secret, and only by Basic', async () => {
    const form = { grant_type: 'authorization_code', code: await codeFor(), redirect_uri: redirectUri }
    for (const basic of [
      `${app.clientId}:wrong`,
      `nobody:${app.clientSecret}`,
      `default:${app.clientSecret}`,
      ':',
      '',
    ]) {
      expect(await token(form, basic)).toMatchObject({ status: 401, error: 'invalid_client' })
    }
    const posted = { ...form, client_id: app.clientId, client_secret: app.clientSecret }
    expect(await token(posted, '')).toMatchObject({ status: 401, error: 'invalid_client' })
    expect(await token(form)).toMatchObject({ status: 200, token_type: 'bearer' })
  })

  test('a code is good once, for ten minutes, at the same redirect URI and app; used twice, what came of it ends', async () => {
    const wrong = { status: 400, error: 'invalid_grant' }
    expect(await exchange('nonsense')).toMatchObject(wrong)
    expect(await exchange(await codeFor(), { redirect_uri: 'http://localhost:1/' })).toMatchObject(wrong)
    const old = await codeFor()
    now += 600_001
    expect(await exchange(old)).toMatchObject(wrong)
    const code = await codeFor()
    const other = (await simulated.json('POST', '/portal/apps', {})).body as PortalApp
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    expect(await token(form, `${other.clientId}:${other.clientSecret}`)).toMatchObject(wrong)
    const { access_token: access } = await exchange(code)
    expect(await companyName(access)).toEqual([200, 'Acme Holdings'])
    expect(await exchange(code)).toMatchObject(wrong)
    expect(await companyName(access)).toEqual([401, undefined])
  })

  test('an access token lives an hour, a refresh token 101 days, and the one before a new one a day', async () => {
    const first = await exchange(await codeFor())
    now += hour - 1
    expect(await companyName(first.access_token)).toEqual([200, 'Acme Holdings'])
    now += 1
    expect(await companyName(first.access_token)).toEqual([401, undefined])
    const second = await refresh(first.refresh_token)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    now += 24 * hour - 1
    expect(await refresh(first.refresh_token)).toMatchObject({ status: 200 })
    now += 1
    expect(await refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' })
    now += 8_726_400_000 - 24 * hour - 1
    expect(await refresh(second.refresh_token)).toMatchObject({ status: 200 })
    now += 24 * hour
    expect(await refresh(second.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test('an access token does not refresh, and a refresh token opens nothing', async () => {
    const { access_token: access, refresh_token: refreshToken } = await exchange(await codeFor())
    expect(await refresh(access)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await companyName(refreshToken)).toEqual([401, undefined])
  })

  test('other requests get the errors of RFC 6749', async () => {
    expect(await token({})).toMatchObject({ status: 400, error: 'invalid_request' })
    expect(await token({ grant_type: 'password' })).toMatchObject({ status: 400, error: 'unsupported_grant_type' })
    expect(await token({ grant_type: 'authorization_code', code: 'x' })).toMatchObject({ error: 'invalid_request' })
  })

  test('PKCE: the verifier must fit, must come, and must not come alone', async () => {
    const verifier = 'a-verifier-of-forty-three-characters-or-more-1'
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    expect(await exchange(await codeFor(acme, pkce))).toMatchObject({ error: 'invalid_grant' })
    expect(await exchange(await codeFor(acme, pkce), { code_verifier: `${verifier}x` })).toMatchObject({
      error: 'invalid_grant',
    })
    expect(await exchange(await codeFor(), { code_verifier: verifier })).toMatchObject({ error: 'invalid_grant' })
    expect(await exchange(await codeFor(acme, pkce), { code_verifier: verifier })).toMatchObject({ status: 200 })
  })
})

test('another definition is played by its own words: post, a refresh token that stays, revocation by form, compressed time', async () => {
  await simulated.close()
  const { reply: _, ...oauth } = quickbooks.oauth
  const revoke = { url: '{token}/revoke', body: 'form' as const, field: 'bearer' }
  await start({ ...quickbooks, oauth: { ...oauth, clientAuth: 'post', refresh: { kind: 'stable' }, revoke } }, 60)
  const client = { client_id: app.clientId, client_secret: app.clientSecret }
  const form = { grant_type: 'authorization_code', code: await codeFor(), redirect_uri: redirectUri, ...client }
  expect(await token(form)).toMatchObject({ status: 200 })
  const pair = await token({ ...form, code: await codeFor() }, '')
  expect(pair).toMatchObject({ status: 200, expires_in: 60 })
  const again = await token({ grant_type: 'refresh_token', refresh_token: pair.refresh_token, ...client }, '')
  expect(again.refresh_token).toBe(pair.refresh_token)
  now += 59_999
  expect(await companyName(again.access_token)).toEqual([200, 'Acme Holdings'])
  const body = new URLSearchParams({ ...client, bearer: again.access_token })
  expect((await fetch(`${app.hosts.token}/revoke`, { method: 'POST', body })).status).toBe(200)
  expect(await companyName(again.access_token)).toEqual([401, undefined])
})
