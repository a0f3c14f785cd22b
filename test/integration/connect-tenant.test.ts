import { afterEach, expect, test } from 'vitest'
import { awaitConsent } from '../../src/connect/await-consent.ts'
import { hashOf } from '../../src/connect/consent.ts'
import { readItems } from '../../src/core/ingest.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, connectionOf, failureOf, named, openConsentWorld } from '../helpers/consent-world.ts'

const realm = '9341453900000001234'
let world: ConsentWorld

afterEach(() => world.close())

test('connecting again mends: same row, new tokens, also without naming the tenant', async () => {
  world = await openConsentWorld()
  const first = connectionOf((await world.connect(named('acme'))).outcome)
  const again = connectionOf((await world.connect()).outcome)
  expect(again).toMatchObject({ id: first.id, tenants: ['acme'], mended: true })
  const [stored, ...more] = await world.store.read('openConnections', { tenant: 'acme', app: 'qbo' })
  expect(more).toEqual([])
  expect(stored?.access).toBe(world.provider.tokens[2])
})

test('a second company of one tenant is a connection of its own, since it has tokens of its own', async () => {
  world = await openConsentWorld()
  const first = connectionOf((await world.connect(named('acme'))).outcome)
  world.provider.mood = { realm: '5678', companyName: 'Acme Two' }
  const second = connectionOf((await world.connect(named('acme'))).outcome)
  expect(second.mended).toBe(false)
  const stored = await world.store.read('openConnections', { tenant: 'acme', app: 'qbo' })
  expect(stored.map(({ id, accounts }) => [id, accounts[0]?.value])).toEqual([
    [first.id, realm],
    [second.id, '5678'],
  ])
})

test('without a name the tenant is a slug of the company; a taken one gets a number, or is asked about', async () => {
  const asked: string[] = []
  world = await openConsentWorld()
  expect(connectionOf((await world.connect()).outcome).tenants).toEqual(['acme-holdings'])
  world.provider.mood.realm = '5678'
  expect(connectionOf((await world.connect()).outcome).tenants).toEqual(['acme-holdings-2'])
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
  world = await openConsentWorld({ deps: { askTenant: async () => 'chosen' } })
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
  world = await openConsentWorld({ deps: { askTenant: () => asked } })
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
  world = await openConsentWorld()
  await world.connect(named('acme'))
  const taken = await world.connect(named('globex'))
  expect(taken.page.text).toContain('This one is connected already')
  expect(taken.page.text).not.toContain('acme')
  expect(failureOf(taken.outcome)).toMatchObject({ code: 'account-taken', exit: 4 })
  expect(await world.store.read('findTenant', { name: 'globex' })).toBeNull()

  const shared = await world.connect({ ...named('globex'), claim: 'share' })
  expect(connectionOf(shared.outcome)).toMatchObject({ tenants: ['globex', 'acme'], mended: false })
  const moved = await world.connect({ ...named('initech'), claim: 'move' })
  expect(connectionOf(moved.outcome).tenants).toEqual(['initech'])
  for (const name of ['acme', 'globex']) {
    const tenant = await world.store.read('findTenant', { name })
    expect(tenant?.accounts).toEqual([])
    expect(tenant?.connections).toMatchObject([{ state: 'revoked', why: 'its account was moved to initech' }])
  }
})

test('an account that somebody mapped by hand belongs to that tenant', async () => {
  world = await openConsentWorld()
  await world.store.write('mapAccount', { app: 'qbo', kind: 'realm', value: realm, tenant: 'initech', release: true })
  expect(failureOf((await world.connect(named('acme'))).outcome)).toMatchObject({ code: 'account-taken' })
  expect(connectionOf((await world.connect()).outcome)).toMatchObject({ tenants: ['initech'], mended: false })
  const tenant = await world.store.read('findTenant', { name: 'initech' })
  expect(tenant?.accounts[0]?.source).toBe('connect')
})

test('only the accounts that were named are taken', async () => {
  world = await openConsentWorld()
  const other = await world.connect({ ...named('acme'), accounts: ['5678'] })
  expect(failureOf(other.outcome)).toMatchObject({ code: 'account-not-wished', exit: 4 })
  const tenants = [
    { tenant: 'acme', account: realm },
    { tenant: 'globex', account: '5678' },
  ]
  expect(connectionOf((await world.connect({ tenants })).outcome).tenants).toEqual(['acme'])
  world.provider.mood = { realm: '5678', companyName: 'Globex' }
  expect(connectionOf((await world.connect({ tenants })).outcome).tenants).toEqual(['globex'])
  world.provider.mood = { realm: '99', companyName: 'Nobody' }
  expect(failureOf((await world.connect({ tenants })).outcome)).toMatchObject({ code: 'account-not-wished' })
})

test('what was parked goes to the tenant in the same transaction, unless it shall stay', async () => {
  world = await openConsentWorld()
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
      scheme: 0,
      url: null,
      activation: null,
      source: 'delivery',
      items: readItems(quickbooks, { method: 'POST', headers: [], body }),
    })
  }
  const { seq } = await park('one')
  const kept = await world.connect({ ...named('acme'), release: false })
  expect(connectionOf(kept.outcome).released).toEqual({ events: 0, oldestAt: null })
  const released = await world.connect()
  expect(connectionOf(released.outcome)).toMatchObject({ tenants: ['acme'], released: { events: 1, oldestAt: 1_000 } })
  expect(released.page.text).toContain('1 event had waited for this')
  expect(await world.store.read('eventsOfDelivery', { deliverySeq: seq })).toMatchObject([
    { tenant: 'acme', scope: 'tenant' },
  ])
})
