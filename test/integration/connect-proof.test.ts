import { afterEach, beforeEach, expect, test } from 'vitest'
import { quickbooks } from '../../src/providers/quickbooks.ts'
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

const realm = '9341453900000001234'
let world: ConsentWorld

beforeEach(async () => {
  world = await openConsentWorld()
})
afterEach(() => world.close())

test('a realm that the new token cannot read is not believed, and nothing is stored', async () => {
  world.provider.mood.claimedRealm = '9341453900000009999'
  const { page, outcome } = await world.connect(named('mallory'))
  expect(page.text).toContain('This could not be proved')
  expect(failureOf(outcome)).toMatchObject({ code: 'proof-refused', exit: 4 })
  expect(await world.store.read('findTenant', { name: 'mallory' })).toBeNull()
  expect(await world.store.read('ownersOf', { appId: 1, kind: 'realm', value: '9341453900000009999' })).toEqual([])
})

test('a realm that cannot be one never reaches a URL', async () => {
  world.provider.mood.claimedRealm = '../../9341'
  const { outcome } = await world.connect()
  expect(failureOf(outcome)).toMatchObject({ code: 'bad-account', exit: 4 })
  expect(world.provider.requests.filter(request => request.startsWith('GET /v3'))).toEqual([])
  expect(world.exchanges()).toBe(0)
})

test('a second account that the browser brings is not believed with the proved one', async () => {
  await world.close()
  const [company] = quickbooks.accounts
  if (!company) throw new Error('no account kind')
  world = await openConsentWorld({
    definition: variantOf({
      accounts: [company, { ...company, kind: 'group', word: 'groupId' }],
      identity: { ...quickbooks.identity, accounts: { realm: '$.realmId', group: '$.groupId' } },
    }),
  })
  world.provider.dialect.callback = code => ({ code, realmId: realm, groupId: '77' })
  const { outcome } = await world.connect(named('mallory'))
  expect(connectionOf(outcome).accounts).toMatchObject([{ kind: 'realm', id: realm }])
  expect(await world.store.read('ownersOf', { appId: 1, kind: 'group', value: '77' })).toEqual([])
})

test('failures of the provider are told apart from refusals, and say nothing that is secret', async () => {
  const failing = async (mood: Partial<typeof world.provider.mood>) => {
    world.provider.mood = { realm, companyName: 'Acme Holdings', ...mood }
    return world.connect()
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
  const { link, url } = await world.makeLink()
  const browser = openBrowser()
  const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
  await world.store.write('setApp', { app: 'qbo', hosts: { token: 'http://127.0.0.1:9' }, keepOldMs: 0 })
  const page = await browser.get(back.headers.get('location') as string)
  expect(page.status).toBe(502)
  expect(failureOf((await world.outcomeOf(link)) as ConsentOutcome)).toMatchObject({ code: 'unreachable', exit: 10 })
})

test('a token reply that deviates from the RFC is understood', async () => {
  world.provider.mood.tokenReply = {
    token_type: undefined,
    scope: ['a.read', 'b.write'],
    expires_in: '7200',
    refresh_token: '',
    id_token: 'not.a.jwt',
  }
  const { outcome } = await world.connect()
  expect(connectionOf(outcome).scopes).toEqual(['a.read', 'b.write'])
  const tenant = await world.store.read('findTenant', { name: 'acme-holdings' })
  const accessEnd = tenant?.connections[0]?.accessExpiresAt ?? 0
  expect(Math.round((accessEnd - Date.now()) / 3_600_000)).toBe(2)
  const [stored] = await world.store.read('openConnections', { tenant: 'acme-holdings', app: null })
  expect(stored?.refresh).toBeNull()
})
