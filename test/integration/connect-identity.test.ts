import { afterEach, expect, test } from 'vitest'
import type { AccountKind, Identity } from '../../src/core/definition.ts'
import {
  type ConsentWorld,
  connectionOf,
  connectionsOf,
  failureOf,
  named,
  openConsentWorld,
  variantOf,
} from '../helpers/consent-world.ts'

let world: ConsentWorld

afterEach(() => world.close())

const kind = (name: string, normalise: AccountKind['normalise'], pattern: string): AccountKind => ({
  kind: name,
  word: `${name}Id`,
  noun: name,
  normalise,
  pattern,
  shape: pattern,
  from: 'consent',
})
const accounts = [kind('cloud', 'lower', '^[0-9a-z]{1,20}$'), kind('site', 'origin', '^[a-z0-9.]{1,60}$')]
const withIdentity = (identity: Identity, more: Parameters<typeof variantOf>[0] = {}) =>
  variantOf({ ...more, accounts, identity })

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** A JWT that nobody signed: what came from the token endpoint needs no signature. */
const jwt = (claims: object): string => `${encode({ alg: 'none' })}.${encode(claims)}.AA`
const soon = (): number => Math.floor(Date.now() / 1000) + 300

test('the token endpoint names the account', async () => {
  world = await openConsentWorld({
    definition: withIdentity({
      from: 'token',
      accounts: { cloud: '$.team.id', site: '$.team.url' },
      name: '$.team.name',
    }),
  })
  world.provider.mood.tokenReply = { team: { id: 'T1', url: 'https://Acme.example.com/x', name: 'Acme' } }
  const connection = connectionOf((await world.connect(named('acme'))).outcome)
  expect(connection.accounts).toEqual([
    { id: 't1', kind: 'cloud', name: 'Acme' },
    { id: 'acme.example.com', kind: 'site', name: 'Acme' },
  ])
  world.provider.mood.tokenReply = { team: { url: 'https://only.example.com' } }
  expect(connectionOf((await world.connect(named('globex'))).outcome).accounts).toMatchObject([{ kind: 'site' }])
  world.provider.mood.tokenReply = { team: null }
  expect(failureOf((await world.connect()).outcome)).toMatchObject({ code: 'no-account', exit: 4 })
  world.provider.mood.tokenReply = { team: { id: '../x' } }
  expect(failureOf((await world.connect()).outcome)).toMatchObject({ code: 'bad-account', exit: 4 })
})

test('the ID token names the account, where it is meant for this client and has not expired', async () => {
  world = await openConsentWorld({
    definition: withIdentity({ from: 'id-token', accounts: { cloud: '$.tid' }, name: '$.name' }),
  })
  const claims = { tid: 'ab12', name: 'Acme', aud: 'client-1', exp: soon() }
  const connectWith = async (id_token: unknown) => {
    world.provider.mood.tokenReply = { id_token }
    return (await world.connect()).outcome
  }
  expect(connectionOf(await connectWith(jwt(claims))).tenants).toEqual(['acme'])
  expect(connectionOf(await connectWith(jwt({ ...claims, aud: ['other', 'client-1'] }))).mended).toBe(true)
  const bad = [jwt({ ...claims, aud: 'other' }), jwt({ ...claims, exp: 1 }), jwt({ tid: 'ab12' }), 'nonsense', null]
  for (const token of bad) expect(failureOf(await connectWith(token))).toMatchObject({ code: 'bad-id-token', exit: 10 })
})

const listed: Identity = {
  from: {
    method: 'GET',
    url: '{api}/sites?event={access.event}',
    page: { by: 'cursor', parameter: 'after', at: '$.next' },
  },
  items: '$.values[*]',
  where: { at: '@.type', is: 'good' },
  accounts: { cloud: '@.id', site: '@.url' },
  name: '@.name',
}

test('an API’s answer names several accounts, over pages; some do not count, and one comes twice', async () => {
  world = await openConsentWorld({ definition: withIdentity(listed) })
  world.provider.mood.tokenReply = { access_token: jwt({ event: 'e 1' }) }
  const item = (id: string, type = 'good') => ({ id, type, name: `Site ${id}`, url: `https://${id}.example.com` })
  const asked: string[] = []
  world.provider.api['GET /sites'] = ({ query, bearer }) => {
    asked.push(`${query.get('event')} ${query.get('after')} ${bearer.length > 0}`)
    if (query.get('after') === 'p2') return { body: { values: [item('b'), item('a')] } }
    return { body: { values: [item('a'), item('x', 'bad')], next: 'p2' } }
  }
  const connections = connectionsOf((await world.connect({ each: true })).outcome)
  expect(connections.map(({ tenants, accounts }) => [tenants, accounts.map(({ id }) => id)])).toEqual([
    [['site-a'], ['a', 'a.example.com']],
    [['site-b'], ['b', 'b.example.com']],
  ])
  expect(asked).toEqual(['e 1 null true', 'e 1 p2 true'])
  const tenant = await world.store.read('findTenant', { name: 'site-b' })
  expect(tenant?.accounts[0]?.proof).toBe('GET /sites named it to the new token')
})

test('an API that refuses, fails or gives a page elsewhere connects nothing', async () => {
  world = await openConsentWorld({
    definition: withIdentity({ ...listed, from: { method: 'GET', url: '{api}/sites' } }),
  })
  const connectWith = async (status: number, body: unknown) => {
    world.provider.api['GET /sites'] = () => ({ status, body })
    return failureOf((await world.connect()).outcome)
  }
  expect(await connectWith(403, {})).toMatchObject({ code: 'identity-refused', exit: 4 })
  expect(await connectWith(500, {})).toMatchObject({ code: 'identity-failed', exit: 10 })
  expect(await connectWith(200, 'nonsense')).toMatchObject({ exit: 10 })
  expect(await connectWith(200, { values: [] })).toMatchObject({ code: 'no-account', exit: 4 })
  expect(await world.store.read('listTenants')).toEqual([])
})

test('a next page on another host is not followed', async () => {
  const from = { method: 'GET', url: '{api}/sites', page: { by: 'url', at: '$.next' } } as const
  world = await openConsentWorld({ definition: withIdentity({ ...listed, from }) })
  world.provider.api['GET /sites'] = () => ({ body: { values: [], next: 'http://localhost:9/steal' } })
  expect(failureOf((await world.connect()).outcome)).toMatchObject({ code: 'bad-page', exit: 10 })
})

const hosts = {
  production: { authorize: 'https://a.example', token: 'https://t.example', api: 'https://{dc}.api.example' },
}

test('a slot that the token reply or the identity gives leads the later calls, and is kept', async () => {
  world = await openConsentWorld({
    definition: withIdentity(
      {
        from: { method: 'GET', url: '{api}/me' },
        accounts: { cloud: '$.id' },
        learn: { region: '$.region' },
        prove: { call: { method: 'GET', url: '{api}/{region}/{account.cloud}' }, equals: '$.ids[*]', name: '$.ids[*]' },
      },
      { hosts, oauth: { reply: { learn: { dc: '$.dc' } } } },
    ),
  })
  world.provider.mood.tokenReply = { dc: 'us7' }
  world.provider.api['GET /api~us7/me'] = () => ({ body: { id: 'ab', region: 'eu' } })
  world.provider.api['GET /api~us7/eu/ab'] = () => ({ body: { ids: ['x', 'AB'] } })
  const { outcome } = await world.connect(named('acme'))
  expect(connectionOf(outcome).accounts).toEqual([{ id: 'ab', kind: 'cloud', name: 'AB' }])
  const tenant = await world.store.read('findTenant', { name: 'acme' })
  expect(tenant?.connections[0]?.slots).toEqual({ dc: 'us7', region: 'eu' })
  world.provider.api['GET /api~us7/eu/ab'] = () => ({ body: { ids: ['x', 'y'] } })
  expect(failureOf((await world.connect()).outcome)).toMatchObject({
    code: 'proof-refused',
    why: 'the API named another account',
  })
})

test.each(['evil.example/', 'a/../b', 'a b', '@evil', 'us7#', 'x'.repeat(64)])(
  'a learned value "%s" is refused and no call is made with it',
  async dc => {
    world = await openConsentWorld({
      definition: withIdentity(
        { from: { method: 'GET', url: '{api}/me' }, accounts: { cloud: '$.id' } },
        { hosts, oauth: { reply: { learn: { dc: '$.dc' } } } },
      ),
    })
    world.provider.mood.tokenReply = { dc }
    expect(failureOf((await world.connect()).outcome)).toMatchObject({ code: 'bad-learned', exit: 10 })
    expect(world.provider.requests.filter(request => request.startsWith('GET /api'))).toEqual([])
  },
)

test('a learned word with dots is no label of a host', async () => {
  world = await openConsentWorld({
    definition: withIdentity(
      { from: { method: 'GET', url: '{api}/me' }, accounts: { cloud: '$.id' } },
      { hosts, oauth: { reply: { learn: { dc: '$.dc' } } } },
    ),
  })
  world.provider.mood.tokenReply = { dc: 'evil.example' }
  expect(failureOf((await world.connect()).outcome)).toMatchObject({ code: 'bad-label', exit: 4 })
})
