import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { awaitConsent } from '../../src/connect/await-consent.ts'
import { beginConsent, hashOf } from '../../src/connect/consent.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { openBrowser } from '../helpers/browser.ts'
import {
  anyWish,
  type ConsentWorld,
  connectionOf,
  failureOf,
  named,
  openConsentWorld,
} from '../helpers/consent-world.ts'

const realm = '9341453900000001234'
let world: ConsentWorld

afterEach(() => world.close())

test('from the link to a proved connection; tokens lie sealed on disk', async () => {
  world = await openConsentWorld()
  const { link, url } = await world.makeLink(named('acme'))
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 30_000 })
  const browser = openBrowser()
  const ask = await browser.get(url)
  expect(ask.status).toBe(200)
  expect(ask.text).toContain('Connect QuickBooks Online')
  expect(ask.text).toContain('acme')
  const departure = await browser.step('POST', url, { 'sec-fetch-site': 'same-origin' })
  expect(departure.status).toBe(303)
  expect(browser.cookies[0]?.attributes).toMatch(/Path=\/oauth\/callback\/qbo; Max-Age=\d+; HttpOnly; SameSite=Lax$/)
  const done = await browser.get(departure.headers.get('location') as string)
  expect(done.text).toContain('Acme Holdings is connected')

  const connection = connectionOf(await waiting)
  expect(connection).toMatchObject({
    app: 'qbo',
    tenants: ['acme'],
    accounts: [{ id: realm, kind: 'realm', name: 'Acme Holdings' }],
    state: 'active',
    scopes: ['com.intuit.quickbooks.accounting'],
    released: { events: 0, oldestAt: null },
    mended: false,
  })
  expect(connection.expiresAt).toBeGreaterThan(Date.now() + 100 * 86_400_000)
  expect(world.ended).toHaveLength(1)
  const tenant = await world.store.read('findTenant', { name: 'acme' })
  expect(tenant?.accounts[0]).toMatchObject({ value: realm, source: 'connect', connectionId: connection.id })
  expect(tenant?.accounts[0]?.proof).toBe(`GET /v3/company/${realm}/companyinfo/${realm} answered 200 to the new token`)
  const [stored] = await world.store.read('openConnections', { tenant: 'acme', app: null })
  expect([stored?.access, stored?.refresh]).toEqual(world.provider.tokens)

  const files = readdirSync(world.home).map(name => readFileSync(join(world.home, name)))
  expect(files.some(bytes => bytes.includes(realm))).toBe(true)
  for (const secret of [...world.provider.tokens, link, 'very-secret_client.value']) {
    expect(files.some(bytes => bytes.includes(secret))).toBe(false)
  }
})

test('looking at a link, as previews do, consumes nothing, and pages let nobody frame, keep or script them', async () => {
  world = await openConsentWorld()
  const { link, url } = await world.makeLink()
  const browser = openBrowser()
  for (const method of ['GET', 'HEAD', 'GET']) {
    const { status, headers } = await browser.step(method, url)
    expect(status).toBe(200)
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
    )
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
  }
  expect(browser.cookies).toEqual([])
  expect(await world.store.read('findConsent', { linkHash: hashOf(link) })).toMatchObject({
    state: 'open',
    stateHash: null,
  })
})

test('a form on another site sends nobody off', async () => {
  world = await openConsentWorld()
  const { link, url } = await world.makeLink()
  const page = await openBrowser().step('POST', url, { 'sec-fetch-site': 'cross-site' })
  expect(page.status).toBe(200)
  expect(page.text).toContain('Continue to Intuit')
  expect((await world.store.read('findConsent', { linkHash: hashOf(link) }))?.state).toBe('open')
})

test('PKCE: the code is exchanged with the verifier of the challenge, which the provider checks', async () => {
  world = await openConsentWorld({ definition: { ...quickbooks, oauth: { ...quickbooks.oauth, pkce: 'S256' } } })
  const { url, link } = await world.makeLink()
  const departure = await openBrowser().step('POST', url)
  const authorize = new URL(departure.headers.get('location') as string)
  expect(authorize.searchParams.get('code_challenge_method')).toBe('S256')
  const { outcome } = await world.connect()
  expect(connectionOf(outcome).tenants).toEqual(['acme-holdings'])
  expect(await world.outcomeOf(link)).toBeNull()
})

test('an expired link neither begins nor finishes', async () => {
  world = await openConsentWorld()
  const early = await world.makeLink()
  const browser = openBrowser()
  const atProvider = await browser.step('POST', early.url)
  const late = await world.makeLink()
  world.clock.ahead = 601_000
  expect(await browser.get(late.url)).toMatchObject({ status: 410 })
  expect(await browser.post(late.url)).toMatchObject({ status: 410 })
  const back = await browser.get(atProvider.headers.get('location') as string)
  expect(back.status).toBe(410)
  expect(back.text).toContain('This link has expired')
  expect(world.exchanges()).toBe(0)
  expect(failureOf(await awaitConsent(world.deps, late.link, { timeoutMs: 1 }))).toMatchObject({
    code: 'consent-timeout',
    exit: 9,
  })
})

test('waiting ends with the time or with Ctrl-C, and nobody can finish afterwards', async () => {
  world = await openConsentWorld()
  const { link, url } = await world.makeLink()
  const browser = openBrowser()
  const atProvider = await browser.step('POST', url)
  const given = new AbortController()
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 600_000, signal: given.signal })
  given.abort()
  expect(failureOf(await waiting)).toMatchObject({ code: 'consent-cancelled', exit: 130 })
  const back = await browser.get(atProvider.headers.get('location') as string)
  expect(back.text).toContain('This was given up')
  expect(world.exchanges()).toBe(0)
})

test('a person who refuses is told so, and the consent fails with exit 4', async () => {
  world = await openConsentWorld()
  world.provider.mood.refuses = true
  const { page, outcome } = await world.connect(named('acme'))
  expect(page).toMatchObject({ status: 400 })
  expect(page.text).toContain('Access was refused')
  expect(failureOf(outcome)).toMatchObject({ code: 'consent-denied', exit: 4, why: 'it said access_denied' })
  expect(await world.store.read('findTenant', { name: 'acme' })).toBeNull()
})

test('an unknown link is a page, and what outside text says is escaped', async () => {
  world = await openConsentWorld()
  const browser = openBrowser()
  const unknown = await browser.get(`http://localhost:${world.port}/connect/nothing`)
  expect(unknown).toMatchObject({ status: 404 })
  world.provider.mood.companyName = '<script>alert("1")</script>\u202e&'
  const { page } = await world.connect()
  expect(page.text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;·&amp; is connected')
  expect(page.text).not.toContain('<script')
})

test('over a public URL the cookie is secure, and the page prepares for ngrok’s own', async () => {
  world = await openConsentWorld()
  const { link, url } = await beginConsent(world.deps, {
    app: 'qbo',
    redirect: 'https://abc.ngrok-free.app/oauth/callback/qbo',
    wish: anyWish,
    scopes: ['one', 'two'],
    lifeMs: 60_000,
  })
  expect(url).toBe(`https://abc.ngrok-free.app/connect/${link}`)
  expect(Buffer.from(link, 'base64url').length).toBeGreaterThanOrEqual(16)
  const browser = openBrowser()
  const local = `http://localhost:${world.port}/connect/${link}`
  expect((await browser.get(local)).text).toContain('served through ngrok')
  const departure = await browser.step('POST', local)
  expect(browser.cookies[0]?.attributes).toMatch(/; Secure$/)
  const authorize = new URL(departure.headers.get('location') as string)
  expect(Object.fromEntries(authorize.searchParams)).toEqual({
    response_type: 'code',
    client_id: 'client-1',
    redirect_uri: 'https://abc.ngrok-free.app/oauth/callback/qbo',
    scope: 'one two',
    state: expect.stringMatching(/^[\w-]{43}$/),
  })
})

test('no link is made for an app that is not set up', async () => {
  world = await openConsentWorld()
  const request = { redirect: 'http://localhost:1/oauth/callback/x', scopes: null, lifeMs: 1 }
  const wish = anyWish
  await expect(beginConsent(world.deps, { ...request, app: 'other', wish })).rejects.toMatchObject({
    code: 'no-app',
    exit: 3,
  })
  world.deps.clientIdOf = () => null
  await expect(beginConsent(world.deps, { ...request, app: 'qbo', wish })).rejects.toMatchObject({
    code: 'no-client-id',
    exit: 3,
  })
})
