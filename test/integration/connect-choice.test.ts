import { afterEach, expect, test } from 'vitest'
import { awaitConsent } from '../../src/connect/await-consent.ts'
import type { AccountAnswer, AccountsQuestion } from '../../src/connect/choose.ts'
import type { ConsentDeps } from '../../src/connect/consent.ts'
import { disconnectTenant } from '../../src/connect/disconnect.ts'
import type { ConsentOutcome, ConsentWish } from '../../src/store/consent-ops.ts'
import { openBrowser } from '../helpers/browser.ts'
import {
  type ConsentWorld,
  connectionsOf,
  failureOf,
  named,
  openConsentWorld,
  variantOf,
} from '../helpers/consent-world.ts'

let world: ConsentWorld

afterEach(() => world.close())

const several = variantOf({
  identity: {
    from: { method: 'GET', url: '{api}/companies' },
    items: '$[*]',
    accounts: { realm: '@.id' },
    name: '@.name',
  },
})

async function openWorld(deps: Partial<ConsentDeps> = {}): Promise<void> {
  world = await openConsentWorld({ definition: several, deps })
  world.provider.api['GET /companies'] = () => ({
    body: [
      { id: 11, name: 'Acme One' },
      { id: 22, name: 'Acme Two' },
      { id: 33, name: 'Globex' },
    ],
  })
}

const pair = (tenant: string, account: string) => ({ tenant, account })
const whose = (outcome: ConsentOutcome) =>
  connectionsOf(outcome).map(({ tenants, accounts }) => `${tenants.join('+')}=${accounts[0]?.id}`)
const connect = async (wish: Partial<ConsentWish>) => (await world.connect(wish)).outcome

test('pairs say whose each account is; the others are left out', async () => {
  await openWorld()
  const { outcome, page } = await world.connect({ tenants: [pair('acme', '11'), pair('globex', 'realm:33')] })
  expect(whose(outcome)).toEqual(['acme=11', 'globex=33'])
  expect(page.text).toContain('2 accounts are connected')
  expect(await world.store.read('ownersOf', { appId: 1, kind: 'realm', value: '22' })).toEqual([])
})

test('beside pairs, a plain tenant takes the rest; named accounts alone are taken', async () => {
  await openWorld()
  const rest = { tenants: [pair('globex', '33'), { tenant: 'acme', account: null }] }
  expect(whose(await connect(rest))).toEqual(['acme=11', 'acme=22', 'globex=33'])
  expect(whose(await connect({ accounts: ['22'] }))).toEqual(['acme=22'])
  const failure = failureOf(await connect({ accounts: ['44'] }))
  expect(failure).toMatchObject({ code: 'account-not-wished', exit: 4 })
  expect(failure.what).toContain('Acme One (realmId 11), Acme Two (realmId 22)')
})

test('every account a tenant of its own, all for one tenant, or an error that lists them', async () => {
  await openWorld()
  const failure = failureOf(await connect({}))
  expect(failure).toMatchObject({ code: 'which-account', exit: 2 })
  expect(failure.why).toBe('Acme One (realmId 11), Acme Two (realmId 22), Globex (realmId 33)')
  expect(whose(await connect({ each: true }))).toEqual(['acme-one=11', 'acme-two=22', 'globex=33'])
  const again = await connect({})
  expect(whose(again)).toEqual(['acme-one=11', 'acme-two=22', 'globex=33'])
  expect(connectionsOf(again).every(({ mended }) => mended)).toBe(true)
  expect(failureOf(await connect(named('initech')))).toMatchObject({
    code: 'which-account',
    next: "whs connect qbo --tenant initech=11 --tenant <id>=22 --tenant <id>=33   (or: --tenant 'initech=*' for all of them, --each for a tenant each)",
  })
  expect(whose(await connect({ each: true }))).toEqual(['acme-one=11', 'acme-two=22', 'globex=33'])
  const all = { tenants: [pair('initech', '*')] }
  expect(failureOf(await connect(all))).toMatchObject({ code: 'account-taken' })
  const moved = await connect({ ...all, claim: 'move' })
  expect(whose(moved)).toEqual(['initech=11', 'initech=22', 'initech=33'])
  expect(whose(await connect(named('initech')))).toEqual(['initech=11', 'initech=22', 'initech=33'])
})

test('a person is asked which of them, and whose they are', async () => {
  let answers: AccountAnswer[] = []
  const questions: AccountsQuestion[] = []
  await openWorld({
    askAccounts: async question => {
      questions.push(question)
      return answers
    },
  })
  await world.store.write('mapAccount', { app: 'qbo', kind: 'realm', value: '22', tenant: 'known', release: false })
  const ask = async (wish: Partial<ConsentWish>, given: AccountAnswer[]): Promise<ConsentOutcome> => {
    answers = given
    const { link, url } = await world.makeLink(wish)
    const [outcome] = await Promise.all([
      awaitConsent(world.deps, link, { timeoutMs: 30_000 }),
      openBrowser().post(url),
    ])
    return outcome
  }
  const both = [
    { value: '22', tenant: null },
    { value: '33', tenant: 'mine' },
  ]
  expect(whose(await ask({}, both))).toEqual(['known=22', 'mine=33'])
  expect(questions[0]).toMatchObject({ app: 'qbo', why: 'several', noun: 'company', word: 'realmId', tenant: null })
  expect(questions[0]?.accounts.map(({ value, owners, suggested }) => [value, owners, suggested])).toEqual([
    ['11', [], 'acme-one'],
    ['22', ['known'], 'known'],
    ['33', [], 'globex'],
  ])
  expect(whose(await ask(named('acme'), [{ value: '11', tenant: null }]))).toEqual(['acme=11'])
  expect(questions[1]?.accounts[0]?.suggested).toBe('acme')
  expect(failureOf(await ask({}, []))).toMatchObject({ code: 'nothing-chosen', exit: 4 })
  expect(failureOf(await ask({}, [{ value: '11', tenant: 'no tenant' }]))).toMatchObject({ code: 'bad-tenant' })
  expect(questions).toHaveLength(4)
  expect(whose(await connect({ accounts: ['11'] }))).toEqual(['acme=11'])
})

test('what excludes each other is refused before anybody is sent anywhere', async () => {
  await openWorld()
  const both = { ...named('acme'), each: true }
  await expect(world.makeLink(both)).rejects.toMatchObject({ code: 'each-and-tenant', exit: 2 })
  const two = { tenants: [...named('acme').tenants, ...named('globex').tenants] }
  await expect(world.makeLink(two)).rejects.toMatchObject({ code: 'which-tenant', exit: 2 })
})

test('tokens that several tenants share are taken back when the last of them goes', async () => {
  await openWorld()
  await connect({ tenants: [pair('acme', '11'), pair('acme', '22'), pair('globex', '33')] })
  expect(await disconnectTenant(world.deps, { tenant: 'acme', app: null })).toMatchObject([
    { atProvider: 'kept', why: expect.stringContaining('globex came with the same consent') },
    { atProvider: 'kept' },
  ])
  expect(world.provider.revoked).toEqual([])
  expect(await disconnectTenant(world.deps, { tenant: 'globex', app: null })).toMatchObject([{ atProvider: 'revoked' }])
  expect(world.provider.revoked).toHaveLength(1)
})

test('tokens that the connections of one tenant share are taken back once', async () => {
  await openWorld()
  await connect({ tenants: [pair('acme', '*')] })
  const ended = await disconnectTenant(world.deps, { tenant: 'acme', app: 'qbo' })
  expect(ended.map(({ atProvider }) => atProvider)).toEqual(['revoked', 'revoked', 'revoked'])
  expect(world.provider.revoked).toEqual([world.provider.tokens[1]])
})
