import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { awaitConsent } from '../../src/connect/await-consent.ts'
import { beginConsent, hashOf } from '../../src/connect/consent.ts'
import { departAtTerminal, finishPasted } from '../../src/connect/finish-pasted.ts'
import { readItems } from '../../src/core/ingest.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { ConsentOutcome } from '../../src/store/consent-ops.ts'
import { type BrowserPage, openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, openConsentWorld, type WorldOptions } from '../helpers/consent-world.ts'

const realm = '9341453900000001234'
let world: ConsentWorld

async function open(options: WorldOptions = {}): Promise<ConsentWorld> {
  world = await openConsentWorld(options)
  return world
}
afterEach(() => world.close())

const named = (tenant: string) => ({ tenants: [{ tenant, account: null }] })

async function outcomeOf(link: string): Promise<ConsentOutcome | null> {
  return (await world.store.read('findConsent', { linkHash: hashOf(link) }))?.outcome ?? null
}

function exchanges(): number {
  return world.provider.requests.filter(request => request === 'POST /oauth2/v1/tokens/bearer').length
}

/** A whole consent in a browser of its own. */
async function connect(
  wish: Parameters<ConsentWorld['makeLink']>[0] = {},
): Promise<{ page: BrowserPage; outcome: ConsentOutcome }> {
  const { link, url } = await world.makeLink(wish)
  const page = await openBrowser().post(url)
  return { page, outcome: (await outcomeOf(link)) as ConsentOutcome }
}

function connectionOf(outcome: ConsentOutcome) {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return outcome.connection
}

function failureOf(outcome: ConsentOutcome) {
  if (outcome.ok) throw new Error(JSON.stringify(outcome.connection))
  return outcome.failure
}

test('from the link to a proved connection; tokens lie sealed on disk', async () => {
  await open()
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
  expect(connection.expiresAt).toBeGreaterThan(Date.now() + 3_500_000)
  expect(world.ended).toHaveLength(1)
  const tenant = await world.store.read('findTenant', { name: 'acme' })
  expect(tenant?.accounts[0]).toMatchObject({ value: realm, source: 'connect', connectionId: connection.id })
  expect(tenant?.accounts[0]?.proof).toBe('GET /v3/company/{account}/companyinfo/{account} answered 200 to the new token')
  const [stored] = await world.store.read('openConnections', { tenant: 'acme', app: null })
  expect([stored?.access, stored?.refresh]).toEqual(world.provider.tokens)

  const files = readdirSync(world.home).map(name => readFileSync(join(world.home, name)))
  expect(files.some(bytes => bytes.includes(realm))).toBe(true)
  for (const secret of [...world.provider.tokens, link, 'very-secret_client.value']) {
    expect(files.some(bytes => bytes.includes(secret))).toBe(false)
  }
})

test('looking at a link, as previews do, consumes nothing, and pages let nobody frame, keep or script them', async () => {
  await open()
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
  await open()
  const { link, url } = await world.makeLink()
  const page = await openBrowser().step('POST', url, { 'sec-fetch-site': 'cross-site' })
  expect(page.status).toBe(200)
  expect(page.text).toContain('Continue to Intuit')
  expect((await world.store.read('findConsent', { linkHash: hashOf(link) }))?.state).toBe('open')
})

test('PKCE: the code is exchanged with the verifier of the challenge, which the provider checks', async () => {
  await open({ definition: { ...quickbooks, oauth: { ...quickbooks.oauth, pkce: 'S256' } } })
  const { url, link } = await world.makeLink()
  const departure = await openBrowser().step('POST', url)
  const authorize = new URL(departure.headers.get('location') as string)
  expect(authorize.searchParams.get('code_challenge_method')).toBe('S256')
  const { outcome } = await connect()
  expect(connectionOf(outcome).tenants).toEqual(['acme-holdings'])
  expect(await outcomeOf(link)).toBeNull()
})

test('an expired link neither begins nor finishes', async () => {
  await open()
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
  expect(exchanges()).toBe(0)
  expect(failureOf(await awaitConsent(world.deps, late.link, { timeoutMs: 1 }))).toMatchObject({
    code: 'consent-timeout',
    exit: 9,
  })
})

test('waiting ends with the time or with Ctrl-C, and nobody can finish afterwards', async () => {
  await open()
  const { link, url } = await world.makeLink()
  const browser = openBrowser()
  const atProvider = await browser.step('POST', url)
  const given = new AbortController()
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 600_000, signal: given.signal })
  given.abort()
  expect(failureOf(await waiting)).toMatchObject({ code: 'consent-cancelled', exit: 130 })
  const back = await browser.get(atProvider.headers.get('location') as string)
  expect(back.text).toContain('This was given up')
  expect(exchanges()).toBe(0)
})

test('a person who refuses is told so, and the consent fails with exit 4', async () => {
  await open()
  world.provider.mood.refuses = true
  const { page, outcome } = await connect(named('acme'))
  expect(page).toMatchObject({ status: 400 })
  expect(page.text).toContain('Access was refused')
  expect(failureOf(outcome)).toMatchObject({ code: 'consent-denied', exit: 4, why: 'it said access_denied' })
  expect(await world.store.read('findTenant', { name: 'acme' })).toBeNull()
})

test('a reloaded callback shows the same outcome and exchanges nothing again; the link is used up', async () => {
  await open()
  const { url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const done = await browser.post(url)
  const again = await browser.get(done.url)
  expect(again.text).toBe(done.text)
  expect((await browser.get(url)).text).toContain('Acme Holdings is connected')
  expect((await browser.post(url)).text).toContain('Acme Holdings is connected')
  expect(exchanges()).toBe(1)
})

test('two callbacks at once make one exchange', async () => {
  await open()
  const { url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const atProvider = await browser.step('POST', url)
  const back = await browser.step('GET', atProvider.headers.get('location') as string)
  const callback = back.headers.get('location') as string
  const pages = await Promise.all([1, 2, 3, 4].map(() => browser.get(callback)))
  for (const page of pages) expect(page.text).toContain('Acme Holdings is connected')
  expect(exchanges()).toBe(1)
})

test('going back and pressing Continue again gives a fresh state; the old one is void and harms nothing', async () => {
  await open()
  const { url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const first = await browser.step('POST', url)
  const second = await browser.step('POST', url)
  const stale = await browser.get(first.headers.get('location') as string)
  expect(stale).toMatchObject({ status: 400 })
  expect(stale.text).toContain('This answer belongs to no question')
  expect(exchanges()).toBe(0)
  expect((await browser.get(second.headers.get('location') as string)).text).toContain('is connected')
})

test('a callback with a made-up state, a doubled state or for another app is not taken', async () => {
  await open()
  const { url, link } = await world.makeLink()
  const browser = openBrowser()
  const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
  const callback = new URL(back.headers.get('location') as string)
  const wrong = ['?code=x&state=made-up', '?code=x', `${callback.search}&state=two`]
  for (const search of wrong) {
    expect(await browser.get(callback.origin + callback.pathname + search)).toMatchObject({ status: 400 })
  }
  expect(await browser.get(callback.href.replace('/callback/qbo', '/callback/other'))).toMatchObject({ status: 400 })
  expect(exchanges()).toBe(0)
  await browser.get(callback.href)
  expect((await outcomeOf(link))?.ok).toBe(true)
})

test('a callback in another browser is refused and nothing is lost: the first browser still finishes', async () => {
  await open()
  const { url, link } = await world.makeLink()
  const browser = openBrowser()
  const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
  const callback = back.headers.get('location') as string
  const stranger = await openBrowser().get(callback)
  expect(stranger.text).toContain('This is another browser')
  expect(await outcomeOf(link)).toBeNull()
  expect((await browser.get(callback)).text).toContain('is connected')
})

test('two consents side by side in one browser do not undo each other', async () => {
  await open()
  const browser = openBrowser()
  const [one, two] = [await world.makeLink(named('acme')), await world.makeLink(named('globex'))]
  const first = await browser.step('POST', one.url)
  world.provider.mood = { realm: '5678', companyName: 'Globex' }
  expect((await browser.post(two.url)).text).toContain('Globex is connected')
  world.provider.mood = { realm, companyName: 'Acme Holdings' }
  expect((await browser.get(first.headers.get('location') as string)).text).toContain('Acme Holdings is connected')
})

test('a process without the secret keeps the callback sealed, and the waiting one finishes', async () => {
  await open()
  const { link } = await world.makeLink(named('acme'))
  const other = await world.another({ secretsOf: async () => [] })
  const browser = openBrowser()
  const departure = await browser.step('POST', `http://localhost:${other.port}/connect/${link}`)
  const back = await browser.step('GET', departure.headers.get('location') as string)
  const callback = new URL(back.headers.get('location') as string)
  const code = callback.searchParams.get('code') as string
  callback.port = String(other.port)
  const page = browser.get(callback.href)
  await expect.poll(async () => (await world.store.read('findConsent', { linkHash: hashOf(link) }))?.state).toBe('code')
  const files = readdirSync(world.home).map(name => readFileSync(join(world.home, name)))
  expect(files.some(bytes => bytes.includes(code))).toBe(false)
  expect(exchanges()).toBe(0)
  const waiting = [1, 2].map(() => awaitConsent(world.deps, link, { timeoutMs: 30_000 }))
  for (const outcome of await Promise.all(waiting)) expect(connectionOf(outcome).tenants).toEqual(['acme'])
  expect((await page).text).toContain('Acme Holdings is connected')
  expect([exchanges(), world.ended.length, other.ended.length]).toEqual([1, 1, 0])
})

test('a process that can see the secret finishes for the waiting one, through its writer thread too', async () => {
  await open()
  const { link } = await world.makeLink(named('acme'))
  const other = await world.another()
  await other.store.startWriter()
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 30_000 })
  const browser = openBrowser()
  const departure = await browser.step('POST', `http://localhost:${other.port}/connect/${link}`)
  const back = await browser.step('GET', departure.headers.get('location') as string)
  const callback = new URL(back.headers.get('location') as string)
  callback.port = String(other.port)
  expect((await browser.get(callback.href)).text).toContain('is connected')
  expect(connectionOf(await waiting).tenants).toEqual(['acme'])
  expect([world.ended.length, other.ended.length]).toEqual([0, 1])
})

test('a realm that the new token cannot read is not believed, and nothing is stored', async () => {
  await open()
  world.provider.mood.claimedRealm = '9341453900000009999'
  const { page, outcome } = await connect(named('mallory'))
  expect(page.text).toContain('This could not be proved')
  expect(failureOf(outcome)).toMatchObject({ code: 'proof-refused', exit: 4 })
  expect(await world.store.read('findTenant', { name: 'mallory' })).toBeNull()
  expect(await world.store.read('ownersOf', { appId: 1, kind: 'realm', value: '9341453900000009999' })).toEqual([])
})

test('a realm that cannot be one never reaches a URL', async () => {
  await open()
  world.provider.mood.claimedRealm = '../../9341'
  const { outcome } = await connect()
  expect(failureOf(outcome)).toMatchObject({ code: 'bad-account', exit: 4 })
  expect(world.provider.requests.filter(request => request.startsWith('GET /v3'))).toEqual([])
  expect(exchanges()).toBe(0)
})

test('failures of the provider are told apart from refusals, and say nothing that is secret', async () => {
  await open()
  const failing = async (mood: Partial<typeof world.provider.mood>) => {
    world.provider.mood = { realm, companyName: 'Acme Holdings', ...mood }
    return connect()
  }
  const atToken = await failing({ tokenStatus: 503 })
  expect(atToken.page.status).toBe(502)
  expect(failureOf(atToken.outcome)).toMatchObject({ code: 'token-endpoint', exit: 10 })
  const refused = await failing({ tokenStatus: 400 })
  expect(failureOf(refused.outcome)).toMatchObject({ code: 'code-refused', exit: 4, why: 'it said server_error' })
  const secret = await failing({ tokenStatus: 401 })
  expect(failureOf(secret.outcome)).toMatchObject({ code: 'client-refused', exit: 4 })
  const atProof = await failing({ proofStatus: 500 })
  expect(failureOf(atProof.outcome)).toMatchObject({ code: 'proof-failed', exit: 10 })
  const forbidden = await failing({ proofStatus: 403 })
  expect(failureOf(forbidden.outcome)).toMatchObject({ code: 'proof-refused', exit: 4 })
  const nonsense = await failing({ tokenReply: { access_token: 7 } })
  expect(failureOf(nonsense.outcome)).toMatchObject({ code: 'code-refused', exit: 4 })
  const told = JSON.stringify(world.ended)
  for (const token of [...world.provider.tokens, 'very-secret']) expect(told).not.toContain(token)
  expect(await world.store.read('listTenants')).toEqual([])
})

test('a provider that is not there fails the consent with exit 10', async () => {
  await open()
  const { link, url } = await world.makeLink()
  const browser = openBrowser()
  const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
  await world.store.write('setApp', { app: 'qbo', hosts: { token: 'http://127.0.0.1:9' }, keepOldMs: 0 })
  const page = await browser.get(back.headers.get('location') as string)
  expect(page.status).toBe(502)
  expect(failureOf((await outcomeOf(link)) as ConsentOutcome)).toMatchObject({ code: 'unreachable', exit: 10 })
})

test('a token reply that deviates from the RFC is understood', async () => {
  await open()
  world.provider.mood.tokenReply = {
    token_type: undefined,
    scope: ['a.read', 'b.write'],
    expires_in: '7200',
    refresh_token: '',
    id_token: 'not.a.jwt',
  }
  const { outcome } = await connect()
  const { scopes, expiresAt } = connectionOf(outcome)
  expect(scopes).toEqual(['a.read', 'b.write'])
  expect(Math.round((expiresAt - Date.now()) / 3_600_000)).toBe(2)
  const [stored] = await world.store.read('openConnections', { tenant: 'acme-holdings', app: null })
  expect(stored?.refresh).toBeNull()
})

test('connecting again mends: same row, new tokens, also without naming the tenant', async () => {
  await open()
  const first = connectionOf((await connect(named('acme'))).outcome)
  const again = connectionOf((await connect()).outcome)
  expect(again).toMatchObject({ id: first.id, tenants: ['acme'], mended: true })
  const [stored, ...more] = await world.store.read('openConnections', { tenant: 'acme', app: 'qbo' })
  expect(more).toEqual([])
  expect(stored?.access).toBe(world.provider.tokens[2])
})

test('a second company of one tenant is a connection of its own, since it has tokens of its own', async () => {
  await open()
  const first = connectionOf((await connect(named('acme'))).outcome)
  world.provider.mood = { realm: '5678', companyName: 'Acme Two' }
  const second = connectionOf((await connect(named('acme'))).outcome)
  expect(second.mended).toBe(false)
  const stored = await world.store.read('openConnections', { tenant: 'acme', app: 'qbo' })
  expect(stored.map(({ id, accounts }) => [id, accounts[0]?.value])).toEqual([
    [first.id, realm],
    [second.id, '5678'],
  ])
})

test('without a name the tenant is a slug of the company; a taken one gets a number, or is asked about', async () => {
  const asked: string[] = []
  await open()
  expect(connectionOf((await connect()).outcome).tenants).toEqual(['acme-holdings'])
  world.provider.mood.realm = '5678'
  expect(connectionOf((await connect()).outcome).tenants).toEqual(['acme-holdings-2'])
  world.deps.askTenant = async ({ taken, account }) => {
    asked.push(`${taken} ${account.value}`)
    return 'acme-holdings'
  }
  world.provider.mood.realm = '777'
  const { link, url } = await world.makeLink()
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 30_000 })
  const page = await openBrowser().post(url)
  expect(page.text).toContain('is connected')
  expect(connectionOf(await waiting).tenants).toEqual(['acme-holdings'])
  expect(asked).toEqual(['acme-holdings 777'])
})

test('who is asked sits at the process that waits: another one leaves the exchange to it', async () => {
  await open({ deps: { askTenant: async () => 'chosen' } })
  await world.store.write('mapAccount', {
    app: 'qbo',
    kind: 'realm',
    value: '1',
    tenant: 'acme-holdings',
    release: false,
  })
  const { link, url } = await world.makeLink()
  const page = openBrowser().post(url)
  await expect.poll(async () => (await world.store.read('findConsent', { linkHash: hashOf(link) }))?.state).toBe('code')
  expect(connectionOf(await awaitConsent(world.deps, link, { timeoutMs: 30_000 })).tenants).toEqual(['chosen'])
  expect((await page).text).toContain('chosen')
})

test('while the terminal asks, the browser is told so by a page that needs no door any more', async () => {
  let answer: (tenant: string) => void = () => undefined
  const asked = new Promise<string>(resolve => {
    answer = resolve
  })
  await open({ deps: { askTenant: () => asked } })
  await world.store.write('mapAccount', {
    app: 'qbo',
    kind: 'realm',
    value: '1',
    tenant: 'acme-holdings',
    release: false,
  })
  const { link, url } = await world.makeLink()
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 30_000 })
  const page = await openBrowser().post(url)
  expect(page.text).toContain('Go on in your terminal')
  expect(page.text).not.toContain('http-equiv="refresh"')
  answer('acme')
  expect(connectionOf(await waiting).tenants).toEqual(['acme'])
})

test('an account of another tenant is refused, shared or moved, as was said', async () => {
  await open()
  await connect(named('acme'))
  const taken = await connect(named('globex'))
  expect(taken.page.text).toContain('This one is connected already')
  expect(taken.page.text).not.toContain('acme')
  expect(failureOf(taken.outcome)).toMatchObject({ code: 'account-taken', exit: 4 })
  expect(await world.store.read('findTenant', { name: 'globex' })).toBeNull()

  const shared = await connect({ ...named('globex'), claim: 'share' })
  expect(connectionOf(shared.outcome)).toMatchObject({ tenants: ['globex', 'acme'], mended: false })
  const moved = await connect({ ...named('initech'), claim: 'move' })
  expect(connectionOf(moved.outcome).tenants).toEqual(['initech'])
  for (const name of ['acme', 'globex']) {
    const tenant = await world.store.read('findTenant', { name })
    expect(tenant?.accounts).toEqual([])
    expect(tenant?.connections).toMatchObject([{ state: 'revoked', why: 'its account was moved to initech' }])
  }
})

test('an account that somebody mapped by hand belongs to that tenant', async () => {
  await open()
  await world.store.write('mapAccount', { app: 'qbo', kind: 'realm', value: realm, tenant: 'initech', release: true })
  expect(failureOf((await connect(named('acme'))).outcome)).toMatchObject({ code: 'account-taken' })
  expect(connectionOf((await connect()).outcome)).toMatchObject({ tenants: ['initech'], mended: false })
  const tenant = await world.store.read('findTenant', { name: 'initech' })
  expect(tenant?.accounts[0]?.source).toBe('connect')
})

test('only the accounts that were named are taken', async () => {
  await open()
  const other = await connect({ ...named('acme'), accounts: ['5678'] })
  expect(failureOf(other.outcome)).toMatchObject({ code: 'account-not-wished', exit: 4 })
  const tenants = [
    { tenant: 'acme', account: realm },
    { tenant: 'globex', account: '5678' },
  ]
  expect(connectionOf((await connect({ tenants })).outcome).tenants).toEqual(['acme'])
  world.provider.mood = { realm: '5678', companyName: 'Globex' }
  expect(connectionOf((await connect({ tenants })).outcome).tenants).toEqual(['globex'])
  world.provider.mood = { realm: '99', companyName: 'Nobody' }
  expect(failureOf((await connect({ tenants })).outcome)).toMatchObject({ code: 'account-not-wished' })
})

test('a pasted redirect finishes at the terminal: newest state only, never in a browser', async () => {
  await open()
  const { link } = await world.makeLink(named('acme'))
  const authorize = (await departAtTerminal(world.deps, link)) as string
  const back = await openBrowser().step('GET', authorize)
  const callback = back.headers.get('location') as string
  expect((await openBrowser().get(callback)).text).toContain('This is another browser')
  const paste = (text: string) => finishPasted(world.deps, link, text)
  await expect(paste('hello')).rejects.toMatchObject({ code: 'not-the-redirect', exit: 2 })
  await expect(paste(callback.replace('/qbo', '/other'))).rejects.toMatchObject({ code: 'not-the-redirect' })
  await expect(paste(callback.replace('state=', 'state=x'))).rejects.toMatchObject({ code: 'wrong-state' })
  await expect(paste(callback.replace(/code=\w+&/, ''))).rejects.toMatchObject({ code: 'not-the-redirect' })
  expect(connectionOf(await paste(`  "${callback}"\n`)).tenants).toEqual(['acme'])
  expect(connectionOf(await paste(callback)).tenants).toEqual(['acme'])
  expect(exchanges()).toBe(1)
  expect(await departAtTerminal(world.deps, link)).toBeNull()
})

test('a pasted refusal fails the consent', async () => {
  await open()
  world.provider.mood.refuses = true
  const { link } = await world.makeLink()
  const back = await openBrowser().step('GET', (await departAtTerminal(world.deps, link)) as string)
  const outcome = await finishPasted(world.deps, link, back.headers.get('location') as string)
  expect(failureOf(outcome)).toMatchObject({ code: 'consent-denied', exit: 4 })
})

test('an unknown link is a page, and what outside text says is escaped', async () => {
  await open()
  const browser = openBrowser()
  const unknown = await browser.get(`http://localhost:${world.port}/connect/nothing`)
  expect(unknown).toMatchObject({ status: 404 })
  world.provider.mood.companyName = '<script>alert("1")</script>\u202e&'
  const { page } = await connect()
  expect(page.text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;·&amp; is connected')
  expect(page.text).not.toContain('<script')
})

test('what was parked goes to the tenant in the same transaction, unless it shall stay', async () => {
  await open()
  const park = (id: string) => {
    const item = {
      specversion: '1.0',
      id,
      type: 'qbo.invoice.created.v1',
      time: '2026-03-17T16:19:17Z',
      intuitentityid: '130',
      intuitaccountid: realm,
    }
    const body = Buffer.from(JSON.stringify([item]))
    return world.store.write('ingestDelivery', {
      appId: 1,
      receivedAt: 1_000,
      method: 'POST',
      path: '/hooks/qbo',
      suffix: '',
      headers: '[]',
      body,
      status: 200,
      secretFingerprint: 'abcd',
      verified: 'signature',
      source: 'delivery',
      items: readItems(quickbooks, { method: 'POST', headers: [], body }),
    })
  }
  const { seq } = await park('one')
  const kept = await connect({ ...named('acme'), release: false })
  expect(connectionOf(kept.outcome).released).toEqual({ events: 0, oldestAt: null })
  const released = await connect()
  expect(connectionOf(released.outcome)).toMatchObject({ tenants: ['acme'], released: { events: 1, oldestAt: 1_000 } })
  expect(released.page.text).toContain('1 event had waited for this')
  expect(await world.store.read('eventsOfDelivery', { deliverySeq: seq })).toMatchObject([
    { tenant: 'acme', scope: 'tenant' },
  ])
})

test('over a public URL the cookie is secure, and the page prepares for ngrok’s own', async () => {
  await open()
  const { link, url } = await beginConsent(world.deps, {
    app: 'qbo',
    redirect: 'https://abc.ngrok-free.app/oauth/callback/qbo',
    wish: { tenants: [], accounts: [], claim: null, release: true },
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
  await open()
  const request = { redirect: 'http://localhost:1/oauth/callback/x', scopes: null, lifeMs: 1 }
  const wish = { tenants: [], accounts: [], claim: null, release: true }
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
