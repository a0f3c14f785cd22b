import { afterEach, expect, test } from 'vitest'
import { awaitConsent } from '../../src/connect/await-consent.ts'
import type { AccountsQuestion } from '../../src/connect/choose.ts'
import type { ConsentOutcome } from '../../src/store/consent-ops.ts'
import { openBrowser } from '../helpers/browser.ts'
import {
  type ConsentWorld,
  connectionOf,
  failureOf,
  named,
  openConsentWorld,
  variantOf,
  type WorldOptions,
} from '../helpers/consent-world.ts'

let world: ConsentWorld

afterEach(() => world.close())

const shopHost = 'https://{shop}.shops.example'
const shopAccounts = variantOf({}).accounts.map(account => ({ ...account, pattern: '^[a-z0-9-]{1,63}$' }))
/** The tenant's shop is asked before the start, and all hosts are the shop's own. */
const byShop = variantOf({
  ask: [{ name: 'shop', label: 'shop', example: 'acme', pattern: '[a-z0-9.-]+', suffix: '.shops.example' }],
  hosts: { production: { authorize: shopHost, token: shopHost, api: shopHost, platform: shopHost } },
  accounts: shopAccounts,
  identity: {
    from: 'ask',
    accounts: { realm: '$.shop' },
    prove: { call: { method: 'GET', url: '{api}/me' }, equals: '$.shop', name: '$.name' },
  },
})

async function openShopWorld(options: WorldOptions = {}): Promise<void> {
  world = await openConsentWorld({ definition: byShop, ...options })
  const shop = ({ bearer }: { bearer: string }) =>
    world.provider.tokens.includes(bearer)
      ? { body: { shop: 'acme-shop', name: 'Acme Shop' } }
      : { status: 401, body: {} }
  world.provider.api['GET /api~acme-shop/me'] = shop
  world.provider.api['GET /api~other/me'] = shop
}

test('what was asked fills the label of every host, and is kept with the connection', async () => {
  await openShopWorld()
  const { outcome } = await world.connect({
    ...named('acme'),
    slots: { shop: ' https://Acme-Shop.shops.example/admin ' },
  })
  expect(connectionOf(outcome).accounts).toEqual([{ id: 'acme-shop', kind: 'realm', name: 'Acme Shop' }])
  expect(world.provider.requests).toEqual([
    'GET /authorize~acme-shop/connect/oauth2',
    'POST /token~acme-shop/oauth2/v1/tokens/bearer',
    'GET /api~acme-shop/me',
  ])
  const tenant = await world.store.read('findTenant', { name: 'acme' })
  expect(tenant?.connections[0]?.slots).toEqual({ shop: 'acme-shop' })
  const again = connectionOf((await world.connect(named('acme'))).outcome)
  expect(again.mended).toBe(true)
  expect(failureOf((await world.connect({ slots: { shop: 'other' } })).outcome)).toMatchObject({
    code: 'proof-refused',
  })
})

test('without it nobody is sent anywhere: it is asked, or an error that names the flag', async () => {
  const asked: string[] = []
  await openShopWorld()
  await expect(world.makeLink(named('acme'))).rejects.toMatchObject({
    code: 'missing-slot',
    exit: 2,
    next: 'whs connect qbo --tenant acme --set shop=acme',
  })
  await expect(world.makeLink({ slots: { store: 'x' } })).rejects.toMatchObject({
    code: 'unknown-slot',
    why: 'known: shop',
  })
  world.deps.askSlots = async ({ asks, name }) => {
    asked.push(`${name}: ${asks.map(({ label }) => label).join()}`)
    return { shop: 'acme-shop' }
  }
  expect(connectionOf((await world.connect(named('acme'))).outcome).tenants).toEqual(['acme'])
  expect(asked).toEqual(['QuickBooks Online: shop'])
})

test.each([
  '',
  'a b',
  'evil.example/',
  'acme@evil',
  '..',
  'x'.repeat(64),
  'acme%2e',
  'a{b}',
  'evil.example',
  '-',
  'a-',
])('a shop "%s" is no label of a host, whatever the pattern lets through', async shop => {
  await openShopWorld()
  await expect(world.makeLink({ slots: { shop } })).rejects.toMatchObject({ code: 'bad-slot', exit: 2 })
})

test('what is not asked for is no slot of a definition without questions', async () => {
  world = await openConsentWorld()
  await expect(world.makeLink({ slots: { shop: 'acme' } })).rejects.toMatchObject({ code: 'unknown-slot', exit: 2 })
})

/** Nothing proves the account that the browser brings, so a person says whether it is right. */
const unproved = variantOf({ identity: { from: 'callback', accounts: { realm: '$.realmId' } } })

async function confirmed(isRight: boolean, claim: 'move' | null = null): Promise<ConsentOutcome> {
  const questions: AccountsQuestion[] = []
  world.deps.askAccounts = async question => {
    questions.push(question)
    return isRight ? question.accounts.map(({ value }) => ({ value, tenant: null })) : []
  }
  const { link, url } = await world.makeLink({ ...named('acme'), claim })
  const [outcome] = await Promise.all([awaitConsent(world.deps, link, { timeoutMs: 30_000 }), openBrowser().post(url)])
  expect(questions).toMatchObject([{ why: 'confirm', tenant: 'acme', accounts: [{ value: '9341453900000001234' }] }])
  return outcome
}

test('an account that nothing proves is confirmed by a person, or nothing is connected', async () => {
  world = await openConsentWorld({ definition: unproved })
  expect(failureOf(await confirmed(false))).toMatchObject({ code: 'nothing-chosen', exit: 4 })
  expect(connectionOf(await confirmed(true)).tenants).toEqual(['acme'])
})

test('a person cannot confirm another tenant’s account away', async () => {
  world = await openConsentWorld({ definition: unproved })
  const taken = { app: 'qbo', kind: 'realm', value: '9341453900000001234', tenant: 'globex', release: false }
  await world.store.write('mapAccount', taken)
  const failure = failureOf(await confirmed(true, 'move'))
  expect(failure).toMatchObject({ code: 'account-taken', exit: 4 })
  expect(failure.why).toContain('globex')
})
