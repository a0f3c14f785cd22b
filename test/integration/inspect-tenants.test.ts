import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Now, ParkedView, TenantView } from '../../src/inspect/api.ts'
import { type InspectorClient, signIn } from '../helpers/inspector-client.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'

let world: InspectorWorld
let client: InspectorClient
beforeAll(async () => {
  world = await openInspectorWorld()
  client = await signIn(await world.link())
})
afterAll(() => world.close())

test('a tenant with its accounts, connections and their health, events and answer times', async () => {
  const all = await client.get<TenantView[]>('/api/tenants')
  expect(all.map(({ name }) => name)).toEqual(all.map(({ name }) => name).toSorted())
  const [acme, globex] = ['acme', 'globex'].map(name => all.find(one => one.name === name) as TenantView)
  expect(acme?.accounts).toContainEqual({ app: 'quickbooks', word: 'realmId', value: '1', name: null })
  expect(acme?.connections).toMatchObject([{ app: 'quickbooks', state: 'active', mend: null, scopes: ['read'] }])
  expect(globex?.connections).toMatchObject([
    {
      state: 'expiring',
      why: expect.stringMatching(/^it ended .* ago$/),
      mend: 'whs connect quickbooks --tenant globex',
    },
  ])
  const filter = { tenant: ['acme'], since: Date.now() - 24 * 3_600_000 }
  const stored = await world.app.store().read('countEvents', { filter })
  expect(acme?.events).toHaveLength(48)
  expect(acme?.events.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(stored)
  expect(acme?.answers.length).toBeGreaterThan(20)
  expect(Math.max(...(acme?.answers ?? []))).toBeLessThan(1_000)
  expect(all.some(({ failed }) => failed > 0)).toBe(true)
  expect(acme?.lastAt).toBeGreaterThan(Date.now() - 24 * 3_600_000)
})

test('tenants come page by page, and by a piece of their name', async () => {
  const store = world.app.store()
  for (let from = 0; from < 450; from += 50) {
    const names = Array.from({ length: 50 }, (_, index) => `many-${String(from + index).padStart(3, '0')}`)
    const claims = names.map(tenant => ({
      app: 'quickbooks',
      kind: 'realm',
      value: `5${tenant.slice(5)}`,
      tenant,
      release: false,
    }))
    await Promise.all(claims.map(one => store.write('mapAccount', one)))
  }
  const seen: string[] = []
  for (let after = ''; ; ) {
    const page = await client.get<TenantView[]>(`/api/tenants?after=${after}&search=MANY`)
    seen.push(...page.map(({ name }) => name))
    const last = page.at(-1)
    if (!last) break
    expect(page.length).toBeLessThanOrEqual(200)
    after = last.name
  }
  expect(seen).toHaveLength(450)
  expect(new Set(seen).size).toBe(450)
  expect(await client.get('/api/tenants?search=wayne')).toMatchObject([{ name: 'wayne.eu' }])
})

test('what is parked is told heap by heap, with the command that claims it', async () => {
  const heaps = await client.get<ParkedView[]>('/api/parked')
  const counted = await world.app.store().read('countParked')
  expect(heaps.map(({ events }) => events).reduce((sum, one) => sum + one, 0)).toBe(
    counted.map(({ events }) => events).reduce((sum, one) => sum + one, 0),
  )
  expect(heaps.map(({ events }) => events)).toEqual(
    heaps.map(({ events }) => events).toSorted((left, right) => right - left),
  )
  const stranger = heaps.find(({ account }) => account === '9341453900000009999')
  expect(stranger).toMatchObject({ app: 'quickbooks', word: 'realmId', reason: 'unknown-account', events: 7 })
  expect(stranger?.claim).toBe('whs tenants map <tenant> --app quickbooks --account 9341453900000009999')
  expect(stranger && stranger.lastAt - stranger.firstAt).toBe(5)
  expect(heaps.find(({ reason }) => reason === 'unreadable')).toMatchObject({ account: '', claim: null })
  const now = await client.get<Now>('/api/now')
  expect(now).toMatchObject({
    whs: 'whs',
    version: '0.0.0',
    rejected: 40,
    listener: { url: world.url, targets: [world.handler.url] },
  })
  expect(now.apps.find(({ name }) => name === 'quickbooks')).toMatchObject({
    callbackUrl: `${world.url}/hooks/quickbooks`,
    callbackField: 'Endpoint URL',
    providerName: 'QuickBooks Online',
    env: 'sandbox',
    asks: [],
  })
})
