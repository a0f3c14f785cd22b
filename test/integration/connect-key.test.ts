import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSimulator } from '../../src/app/demo.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { hubspot } from '../../src/providers/hubspot.ts'
import { providers } from '../../src/providers/index.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { type CliWorld, companiesOf, openCliWorld } from '../helpers/cli-world.ts'
import { appHere } from '../helpers/listener-here.ts'
import { myCrm } from '../helpers/my-crm.ts'
import { queryFile } from '../helpers/temp-home.ts'

const error = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) as string)

/** The keys of the companies at a simulator. */
async function keysAt(base: string, provider: string): Promise<{ company: string; key: string }[]> {
  return (await (await fetch(`${base}/${provider}/portal/keys`)).json()) as { company: string; key: string }[]
}

async function opened(definition: ProviderDefinition): Promise<CliWorld & { key: string; other: string }> {
  const world = await openCliWorld([definition])
  await world.add(definition.id)
  const [one, two] = await keysAt(world.simulator.base, definition.id)
  return { ...world, key: one?.key ?? '', other: two?.key ?? '' }
}

const keyed = providers.filter(({ credentials }) => credentials !== undefined)

test.each(keyed.map(one => [one.id, one] as const))(
  '%s: a key from stdin is proved by a call, and connects',
  async (id, definition) => {
    const world = await opened(definition)
    const [company] = companiesOf(definition)
    const each = definition.identity.items === undefined ? '' : '=*'
    const ran = await world.whs(`connect ${id} --tenant acme${each} --no-activate --key -`, { stdin: `${world.key}\n` })
    expect([ran.code, ran.err.includes('error')]).toEqual([0, false])
    const main = Object.keys(definition.identity.accounts)[0] ?? ''
    expect(ran.records).toMatchObject([{ type: 'connection', tenants: ['acme'], state: 'active', scopes: [] }])
    const accounts = (ran.records[0] as { accounts: { id: string }[] }).accounts.map(one => one.id.toLowerCase())
    expect(accounts).toContain(company?.values[main]?.toLowerCase())
    const called = await world.whs('api acme GET /nothing-of-that-name')
    expect([called.code, error(called.err).code]).toEqual([10, 'api-failed'])
  },
)

test('a key that the provider refuses connects nobody, and is not repeated', async () => {
  const world = await opened(hubspot)
  const ran = await world.whs('connect hubspot --tenant acme --key -', { stdin: 'wrong-key-5ec2e7\n' })
  expect([ran.code, error(ran.err)]).toMatchObject([
    4,
    {
      code: 'key-refused',
      why: expect.stringContaining('answered 401'),
      next: 'whs connect hubspot --tenant acme --key -',
    },
  ])
  expect(ran.err).not.toContain('5ec2e7')
  expect((await world.whs('tenants')).records).toEqual([])
})

test('at a terminal it is asked for, unseen', async () => {
  const world = await opened(hubspot)
  const answers: [RegExp, string][] = [[/Private app access token/, world.key]]
  const ran = await world.whs('connect hubspot --tenant acme --no-activate --key -', { tty: true, answers })
  expect(ran.code).toBe(0)
  expect(ran.out).toContain('✓ acme is connected')
  expect(ran.out + ran.err).not.toContain(world.key)
})

test('a key that is refused later breaks the connection; another key mends it, and its history stays', async () => {
  const world = await opened(hubspot)
  await world.whs('connect hubspot --tenant acme --no-activate --key -', { stdin: `${world.key}\n` })
  const [before] = (await world.whs('tenants')).records.filter(({ type }) => type === 'connection')
  const control = `${world.simulator.base}/hubspot/control`
  await fetch(control, { method: 'POST', body: JSON.stringify({ fail: { call: 'api', status: 401, times: 2 } }) })
  const refused = await world.whs('api acme GET /account-info/v3/details')
  const mend = 'whs connect hubspot --tenant acme --key -'
  expect([refused.code, error(refused.err)]).toMatchObject([4, { code: 'connection-broken', next: mend }])
  expect((await world.whs('tenants')).records).toContainEqual(expect.objectContaining({ state: 'broken', mend }))
  const again = await world.whs('connect hubspot --tenant acme --no-activate --key -', { stdin: `${world.key}\n` })
  expect(again.records).toMatchObject([{ id: before?.id, mended: true }])
})

test('disconnecting says that the key is taken back by hand, and where', async () => {
  const world = await opened(hubspot)
  await world.whs('connect hubspot --tenant acme --no-activate --key -', { stdin: `${world.key}\n` })
  const { records } = await world.whs('tenants disconnect acme --yes')
  expect(records).toMatchObject([{ atProvider: 'kept', why: expect.stringContaining('Private Apps') }])
  expect(queryFile(world.home, 'SELECT * FROM token_sets')).toEqual([])
})

test('where nobody takes a key, and where one stands in argv, is said', async () => {
  const world = await opened(quickbooks)
  const none = await world.whs('connect quickbooks --tenant acme --key -', { stdin: 'x\n' })
  expect([none.code, error(none.err).code]).toEqual([2, 'no-key-here'])
  const argv = await world.whs('connect quickbooks --tenant acme --key s3cret')
  expect([argv.code, error(argv.err).code, argv.err.includes('s3cret')]).toEqual([2, 'secret-in-argv', false])
  const link = await world.whs('connect quickbooks --tenant acme --key - --link', { stdin: 'x\n' })
  expect([link.code, error(link.err).code]).toEqual([2, 'no-consent-here'])
})

/** A provider without OAuth, as a person writes it. */
function keyOnly(): object {
  const { oauth: _oauth, portal, secrets, ...rest } = myCrm
  const { clientId: _clientId, redirectUri: _redirectUri, ...places } = portal
  return {
    ...rest,
    id: 'my-shop',
    portal: places,
    secrets: { webhook: secrets.webhook ?? { label: 'Secret', where: 'Settings' } },
    identity: { from: { method: 'GET', url: '{api}/me' }, accounts: { account: '$.account_id' }, name: '$.name' },
    credentials: { key: { label: 'API key', where: 'My CRM > Settings > API' } },
  }
}

test('a provider without OAuth is written without it: set up, asked for a key, called, doctored', async () => {
  const world = await openCliWorld([])
  const { home, whs } = world
  const file = join(home, 'my-shop.json')
  writeFileSync(file, JSON.stringify(keyOnly()))
  const checked = await whs(`providers check ${file}`)
  expect([checked.code, checked.records]).toMatchObject([0, [{ ok: true, faults: [] }]])
  await whs(`providers add ${file}`)
  const shown = (await whs('providers show my-shop', { tty: true, columns: 200 })).out
  expect(shown).toContain('API key: My CRM > Settings > API (whs connect … --key -)')
  expect(shown).not.toContain('client id')
  expect((await whs('app add my-shop --yes --webhook-secret -', { stdin: 'hook-secret\n' })).code).toBe(0)
  const doctor = (await whs('doctor')).records.filter(({ name }) => name === 'app my-shop')
  expect(doctor).toMatchObject([{ level: 'warning', detail: expect.stringContaining('no callback URL was ever') }])
  const steps = (await whs('setup my-shop --print')).out
  expect(steps).toContain('--key -')
  expect(steps).not.toContain('Redirect')
  await whs('app remove my-shop --confirm my-shop')

  const simulator = await openSimulator(appHere(home), 0)
  onTestFinished(() => simulator.close())
  await whs(`app add my-shop --env simulator --host simulator=${simulator.base}`)
  const [one] = await keysAt(simulator.base, 'my-shop')
  const alone = await whs('connect my-shop --tenant acme')
  expect([alone.code, error(alone.err)]).toMatchObject([
    2,
    { code: 'secret-missing', next: 'whs connect my-shop --tenant acme --key -' },
  ])
  const connected = await whs('connect my-shop --tenant acme --key -', { stdin: `${one?.key}\n` })
  expect(connected.records).toMatchObject([{ type: 'connection', tenants: ['acme'], state: 'active' }])
  expect((await whs('api acme GET /me')).code).toBe(0)
})

test('what a definition lacks that has neither OAuth nor a key is said', async () => {
  const { home, whs } = await openCliWorld([])
  const { credentials: _credentials, ...rest } = keyOnly() as { credentials: object }
  const file = join(home, 'my-shop.json')
  writeFileSync(file, JSON.stringify(rest))
  const none = await whs(`providers check ${file}`)
  expect(none.code).toBe(2)
  expect(none.out + none.err).toContain('oauth: it is missing (or credentials, where tenants have keys instead)')
  writeFileSync(file, JSON.stringify({ ...keyOnly(), identity: { from: 'callback', accounts: {} } }))
  const unproved = await whs(`providers check ${file}`)
  expect(unproved.out + unproved.err).toContain(
    'credentials: no call names or proves the account with the key (identity)',
  )
})
