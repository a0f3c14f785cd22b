import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, openConsentWorld } from '../helpers/consent-world.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome({ tenants: {} })
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(['tenants', ...args.split(' ').filter(Boolean)], { ...options, env: { WHS_HOME: home, ...options.env } })
const claim = '--app quickbooks --account 9341453900000009999'

test('an account is mapped, listed, shown and unmapped', async () => {
  const mapped = await whs(`map initech ${claim}`)
  expect(mapped).toMatchObject({ code: 0, err: '' })
  expect(mapped.records).toMatchObject([
    { type: 'mapped', tenant: 'initech', kind: 'realm', account: '9341453900000009999', isNew: true, also: [] },
  ])
  expect((await whs('')).records).toMatchObject([
    { type: 'tenant', id: 'initech', events: 0, accounts: [{ app: 'quickbooks', id: '9341453900000009999' }] },
  ])
  const row = 'initech  quickbooks sandbox  realmId 9341453900000009999  mapped by hand  no event yet\n'
  expect((await whs('list', { tty: true })).out).toBe(row)
  expect((await whs('show initech', { tty: true })).out).toMatch(
    /^initech\n {2}since .*\n {2}events +0\n {2}account +quickbooks sandbox {2}realmId 9341453900000009999 {2}mapped by hand .*\n$/,
  )
  const unmapped = await whs(`unmap initech ${claim}`, { tty: true })
  expect(unmapped.out).toBe(
    '✓ realmId 9341453900000009999 is not initech’s any more; its events are parked from now on\n',
  )
  expect((await whs(`unmap initech ${claim}`)).code).toBe(5)
  expect((await whs('list', { tty: true })).out).toBe('initech  no account  no event yet\n')
})

test('mapping releases what was parked, to the handler of the running listener, and says how much and how old', async () => {
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  const { ready } = await listenHere(home, { rules: [parseRule(handler.url)] })
  await deliver(ready.url, cloudEvents(['9341453900000009999', '9341453900000009999']))
  const mapped = await whs(`map initech ${claim}`, { tty: true })
  expect(mapped.out).toMatch(
    /^✓ realmId 9341453900000009999 belongs to initech \(a new tenant\) at quickbooks\n {2}2 parked events were released, the oldest [\d.]+ m?s old; they go out in order\n$/,
  )
  await handler.count(1)
  expect(handler.arrived[0]?.headers['whs-tenant']).toBe('initech')
})

test('--no-release leaves what is parked', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['9341453900000009999']))
  const { records } = await whs(`map initech ${claim} --no-release`)
  expect(records[0]).toMatchObject({ released: { events: 0 } })
  expect((await whs('show initech')).records[0]).toMatchObject({ events: 0 })
})

test('an account of another tenant is shared only by --share, and --yes does not mean it', async () => {
  await whs(`map initech ${claim}`)
  const refused = await runCommand(['--yes', 'tenants', 'map', 'acme', ...claim.split(' ')], {
    env: { WHS_HOME: home },
  })
  expect(refused.code).toBe(2)
  expect(JSON.parse(refused.err)).toMatchObject({ code: 'account-taken', why: expect.stringContaining('initech') })
  expect((await whs('list')).records).toHaveLength(1)
  const shared = await whs(`map acme ${claim} --share`, { tty: true })
  expect(shared.out).toBe('✓ realmId 9341453900000009999 belongs to acme (a new tenant) and initech at quickbooks\n')
  expect((await whs(`map acme ${claim}`)).code).toBe(0)
})

test.each([
  ['map bad/name --app quickbooks --account 1', 2, 'bad-tenant'],
  ['map acme --app quickbooks --account acme', 2, 'bad-account'],
  ['map acme --app quickbook --account 1', 5, 'unknown-provider'],
  ['rename nobody acme', 5, 'no-tenant'],
  ['show nobody', 5, 'no-tenant'],
  ['disconnect nobody', 5, 'no-tenant'],
  ['forget nobody --confirm nobody', 5, 'no-tenant'],
  ['ignore --app quickbooks --account x', 2, 'bad-account'],
] as const)('tenants %s: exit %i', async (line, code, name) => {
  const { code: exit, err, out } = await whs(line)
  expect([exit, out]).toEqual([code, ''])
  expect(JSON.parse(err)).toMatchObject({ code: name })
})

test('a tenant is renamed with all it has, never onto another one', async () => {
  await whs(`map initech ${claim}`)
  await whs('map acme --app quickbooks --account 1')
  expect(JSON.parse((await whs('rename initech acme')).err)).toMatchObject({ code: 'tenant-exists', exit: 2 })
  expect(JSON.parse((await whs('rename initech b@d!')).err)).toMatchObject({ code: 'bad-tenant', exit: 2 })
  expect((await whs('rename initech initech:1')).records).toMatchObject([{ tenant: 'initech:1', was: 'initech' }])
  expect((await whs('show initech:1')).records[0]).toMatchObject({ accounts: [{ id: '9341453900000009999' }] })
  expect(JSON.parse((await whs('show initech')).err)).toMatchObject({ why: 'did you mean initech:1?' })
})

test('ignored accounts are counted and not kept, and a mapping wins over that', async () => {
  const { ready } = await listenHere(home)
  expect((await whs('ignore --app quickbooks --account *')).records).toMatchObject([{ type: 'ignored', account: '*' }])
  await whs('map acme --app quickbooks --account 1')
  expect((await deliver(ready.url, cloudEvents(['1', '2', '3']))).status).toBe(200)
  const { records } = await runCommand(['status'], { env: { WHS_HOME: home } })
  expect(records[0]).toMatchObject({ ignored: [{ app: 'quickbooks', account: '*', times: 2 }], parked: [] })
  expect((await whs('show acme')).records[0]).toMatchObject({ events: 1 })
})

/** A tenant that consented, at a provider on loopback; commands work on that home. */
async function consented(): Promise<ConsentWorld> {
  const world = await openConsentWorld()
  onTestFinished(() => world.close())
  const { url } = await world.makeLink({ tenants: [{ tenant: 'acme', account: null }] })
  expect((await openBrowser().post(url)).text).toContain('is connected')
  home = world.home
  return world
}

test('a consent is listed as a record, ended at the provider too, and then can be made again', async () => {
  const world = await consented()
  expect((await whs('')).records).toMatchObject([
    { type: 'tenant', id: 'acme', accounts: [{ source: 'connect' }] },
    { type: 'connection', app: 'qbo', tenants: ['acme'], state: 'active', mend: null },
  ])
  expect((await whs('list', { tty: true })).out).toMatch(
    /^acme {2}qbo simulator {2}.*realmId \d+ {2}connected {2}no event/,
  )
  const unsure = await whs('disconnect acme', { tty: true, answers: [[/End the consents/, 'n']] })
  expect(unsure).toMatchObject({ code: 0, out: '' })
  expect(world.provider.revoked).toEqual([])
  const ended = await whs('disconnect acme')
  expect(ended.records).toMatchObject([
    { type: 'connection', state: 'revoked', atProvider: 'revoked', tenants: ['acme'] },
  ])
  expect(world.provider.revoked).toHaveLength(1)
  expect((await whs('show acme')).records[1]).toMatchObject({
    state: 'revoked',
    mend: 'whs connect qbo --tenant acme',
  })
})

test('what could not be taken back at the provider is said', async () => {
  const world = await consented()
  Object.assign(world.provider.mood, { revokeStatus: 500 })
  const ended = await whs('disconnect acme', { env: { WHS_OUTPUT: 'text' } })
  expect(ended.code).toBe(0)
  expect(ended.out).toMatch(/^✓ acme is disconnected from qbo \(.*\), but not at the provider\n$/)
  expect(ended.err).toContain('the token of acme at qbo stays valid at the provider: Intuit answered 500')
})

test('forgetting wants the name, ends the consent first and leaves nothing', async () => {
  const world = await consented()
  const refused = await whs('forget acme')
  expect(JSON.parse(refused.err)).toMatchObject({
    code: 'not-confirmed',
    next: 'whs tenants forget acme --confirm acme',
  })
  expect(world.provider.revoked).toEqual([])
  const asked = await whs('forget acme', { tty: true, answers: [[/Type acme/, 'acme']] })
  expect(asked.err).toContain('This will end the consents of acme and delete all of it, with 0 events.')
  expect(asked.out).toMatch(/acme is forgotten: 0 events, 0 deliveries\n$/)
  expect(world.provider.revoked).toHaveLength(1)
  expect((await whs('', { tty: true })).out).toContain('No tenant yet')
})
