import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, addHook, claim, finishConsent, listen, namedDelivery, whose } from '../helpers/store-facts.ts'
import { queryFile, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin() {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const take = async (accounts: string[][], activation: number | null = null): Promise<number> =>
    (await store.write('ingestDelivery', namedDelivery(app.id, [{ accounts }], { activation }))).seq
  const add = (tenant: string | null, more: object = {}) =>
    store.write('addActivation', { app: 'quickbooks', tenant, state: 'active', release: true, ...more })
  return { store, app, take, add }
}

test('keys are the app’s own and those of its activations; an app’s secrets stay its own alone', async () => {
  const { store, app, add } = await begin()
  const { activation } = await add('acme', { providerId: 'h-1', secret: { name: 'webhook', value: 'hook-5ec2e7' } })
  const keys = await store.read('readKeys', { appId: app.id })
  expect(keys.map(({ name, value, activation }) => [name, value, activation])).toEqual([
    ['webhook', 'hook-5ec2e7', { id: activation.seq, providerId: 'h-1', tenant: 'acme' }],
    ['client', 'client-s3cret', null],
    ['webhook', 's3cret', null],
  ])
  expect(activation.secrets).toEqual([{ name: 'webhook', fingerprint: keys[0]?.fingerprint }])
  const own = await store.read('readSecrets', { appId: app.id, name: 'webhook' })
  expect(own.map(({ value }) => value)).toEqual(['s3cret'])
  expect((await store.read('findApp', { name: 'quickbooks' }))?.secrets.map(({ name }) => name)).toEqual([
    'client',
    'webhook',
  ])
  await store.write('setApp', { app: 'quickbooks', secrets: { webhook: 'new' }, keepOldMs: 0 })
  const values = async (): Promise<string[]> =>
    (await store.read('readKeys', { appId: app.id })).map(({ value }) => value)
  expect(await values()).toEqual(['new', 'hook-5ec2e7', 'client-s3cret'])
  for (const name of readdirSync(store.home)) {
    expect(readFileSync(join(store.home, name)).includes('hook-5ec2e7'), name).toBe(false)
  }
  await store.write('removeActivation', { id: activation.id })
  expect(await values()).toEqual(['new', 'client-s3cret'])
})

test('an activation is found by the hash of its key, at its own app alone', async () => {
  const { store, app, add } = await begin()
  const other = await addApp(store, 'qbo-live')
  const { activation } = await add('acme', { keyHash: 'ab'.repeat(32), url: 'https://a.example/hooks/quickbooks' })
  expect(activation).toMatchObject({ keyed: true, tenant: 'acme', url: 'https://a.example/hooks/quickbooks' })
  expect(activation.id).toMatch(/^act_/)
  const find = (appId: number, keyHash: string) => store.read('findActivationByKey', { appId, keyHash })
  expect(await find(app.id, 'ab'.repeat(32))).toEqual(activation)
  expect(await find(app.id, 'cd'.repeat(32))).toBeNull()
  expect(await find(other.id, 'ab'.repeat(32))).toBeNull()
  await expect(add('globex', { keyHash: 'ab'.repeat(32) })).rejects.toThrow('UNIQUE')
})

test('what waits for its secret takes it once; a secret that is there is never replaced', async () => {
  const { store, app, add } = await begin()
  const waiting = (await add('acme', { state: 'pending', kind: 'hook' })).activation
  const parked = await store.write('ingestDelivery', namedDelivery(app.id, [{ accounts: [['hook:h-1']] }]))
  const brings = { seq: waiting.seq, secret: { name: 'webhook', value: 'brought' }, providerId: 'h-1' }
  const both = await Promise.all([
    store.write('confirmActivation', brings),
    store.write('confirmActivation', { ...brings, secret: { name: 'webhook', value: 'another' } }),
  ])
  expect(both).toEqual([true, false])
  expect(await store.read('findActivation', { id: waiting.id })).toMatchObject({ state: 'active', providerId: 'h-1' })
  expect((await store.read('readKeys', { appId: app.id }))[0]?.value).toBe('brought')
  expect(await whose(store, parked.seq)).toEqual(['acme'])

  const chosen = (await add('acme', { state: 'pending', secret: { name: 'webhook', value: 'chosen' } })).activation
  const other = { seq: chosen.seq, secret: { name: 'webhook', value: 'other' } }
  expect(await store.write('confirmActivation', other)).toBe(false)
  expect(await store.write('confirmActivation', { ...other, secret: null, expiresAt: 9 })).toBe(true)
  expect(await store.read('findActivation', { id: chosen.id })).toMatchObject({ state: 'active', expiresAt: 9 })
  expect(await store.write('confirmActivation', { seq: 99, secret: null })).toBe(false)
})

test('a secret of the app that a handshake brings is taken once, only while the app waits for it', async () => {
  const { store, app, add } = await begin()
  const bring = (name: string, value: string) => store.write('addAppSecretOnce', { app: 'quickbooks', name, value })
  expect(await bring('verification', 'early')).toBe(false)
  await add('acme', { state: 'pending' })
  expect(await bring('verification', 'of a tenant')).toBe(false)
  const { activation } = await add(null, { state: 'pending' })
  expect(await bring('webhook', 'in place of one')).toBe(false)
  expect(await bring('verification', 'right')).toBe(true)
  expect(await bring('verification', 'again')).toBe(false)
  const [secret, ...more] = await store.read('readSecrets', { appId: app.id, name: 'verification' })
  expect([secret?.value, more]).toEqual(['right', []])
  expect(await store.read('findActivation', { id: activation.id })).toMatchObject({ state: 'active', tenant: null })
})

test('an activation whose id is an account makes it its tenant’s, never another’s too, and takes it along', async () => {
  const { store, take, add } = await begin()
  const parked = await take([['hook:h-1']])
  const own = { kind: 'hook', providerId: 'h-1' }
  const { activation, released } = await add('acme', own)
  expect(released).toMatchObject({ events: 1, forwards: 1 })
  expect(await whose(store, parked)).toEqual(['acme'])
  await expect(add('globex', own)).rejects.toMatchObject({ code: 'account-taken', exit: 4 })
  expect(await store.read('findTenant', { name: 'globex' })).toBeNull()
  await expect(add('acme', own)).rejects.toMatchObject({ code: 'activation-exists', exit: 2 })
  expect((await store.read('findTenant', { name: 'acme' }))?.accounts).toMatchObject([
    { kind: 'hook', value: 'h-1', source: 'activate', proof: `activation ${activation.id}` },
  ])
  expect(await store.write('changeActivation', { id: activation.id, providerId: 'h-2' })).toMatchObject({
    providerId: 'h-2',
  })
  expect(await whose(store, await take([['hook:h-1'], ['hook:h-2']]))).toEqual(['(unknown-account)', 'acme'])
  await store.write('removeActivation', { id: activation.id })
  expect(await whose(store, await take([['hook:h-2']]))).toEqual(['(unknown-account)'])
  await expect(store.write('removeActivation', { id: activation.id })).rejects.toMatchObject({
    code: 'no-activation',
    exit: 5,
  })
})

test('what a person or a consent said of the account outlives the activation', async () => {
  const { store, take, add } = await begin()
  const { activation } = await add('acme', { kind: 'realm', providerId: '1' })
  await claim(store, 'acme', '1')
  await store.write('removeActivation', { id: activation.id })
  expect(await whose(store, await take([['realm:1']]))).toEqual(['acme'])
})

test('activations are listed by app and tenant, and say when they last brought something', async () => {
  const { store, take } = await begin()
  await addApp(store, 'qbo-live')
  const [one, two] = [await addHook(store, 'acme'), await addHook(store, 'globex', { app: 'qbo-live' })]
  const list = async (query: object) => (await store.read('listActivations', query)).map(({ seq }) => seq)
  expect(await list({})).toEqual([one, two])
  expect(await list({ app: 'qbo-live' })).toEqual([two])
  expect(await list({ tenant: 'acme' })).toEqual([one])
  expect(await list({ tenant: 'acme', app: 'qbo-live' })).toEqual([])
  await take([['realm:1']], one)
  const [hook] = await store.read('listActivations', { tenant: 'acme' })
  expect(hook?.lastAt).toBeGreaterThan(Date.now() - 60_000)
  const id = hook?.id as string
  const changed = await store.write('changeActivation', { id, state: 'gone', url: 'https://b.example', expiresAt: 5 })
  expect(changed).toMatchObject({ id, state: 'gone', url: 'https://b.example', expiresAt: 5 })
})

test('a forgotten tenant takes its activations, keys, tokens and what waited for it alone', async () => {
  const { store, app, take } = await begin()
  await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }])
  await claim(store, 'globex', '2')
  const hook = await addHook(store, 'acme', { kind: 'hook', providerId: 'h-1' })
  const waiting = await take([['realm:9', 'org:9'], ['realm:2']], hook)
  expect(await whose(store, waiting)).toEqual(['(unknown-account)', '(mismatch)'])
  expect(await store.write('forgetTenant', { name: 'acme' })).toEqual({ events: 2, deliveries: 1, shared: 0 })
  expect(await store.read('readDelivery', { seq: waiting })).toBeNull()
  expect(await store.read('listActivations', {})).toEqual([])
  expect((await store.read('readKeys', { appId: app.id })).map(({ value }) => value)).toEqual([
    'client-s3cret',
    's3cret',
  ])
  for (const table of ['token_sets', 'event_accounts', 'connections']) {
    expect(queryFile(store.home, `SELECT count(*) AS count FROM ${table}`)).toEqual([{ count: 0 }])
  }
  expect(queryFile(store.home, 'SELECT value FROM accounts')).toEqual([{ value: '2' }])
  expect(queryFile(store.home, 'PRAGMA foreign_key_check')).toEqual([])
  await expect(take([['realm:1']], hook)).rejects.toMatchObject({ code: 'activation-gone' })
})

test('an app is removed with its activations, keys and tokens', async () => {
  const { store, take } = await begin()
  await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }])
  await take([['realm:9', 'org:9']], await addHook(store, 'acme'))
  await store.write('removeApp', { app: 'quickbooks' })
  for (const table of ['token_sets', 'activations', 'secrets', 'event_accounts', 'accounts', 'events']) {
    expect(queryFile(store.home, `SELECT count(*) AS count FROM ${table}`)).toEqual([{ count: 0 }])
  }
  expect(queryFile(store.home, 'PRAGMA foreign_key_check')).toEqual([])
})

test('a hook hears of deliveries that its account or tenant tells, and the first one ends its wait', async () => {
  const { store, take, add } = await begin()
  await claim(store, 'acme', '1')
  const only = (await add('acme', { state: 'pending' })).activation
  await claim(store, 'globex', '2')
  const [named, other] = [await add('globex', { kind: 'realm', providerId: '3' }), await add('globex')]
  await take([['realm:1'], ['realm:3']])
  const hooks = await store.read('listActivations', {})
  expect(hooks.map(({ id, state, lastAt }) => [id, state, lastAt !== null])).toEqual([
    [only.id, 'active', true],
    [named.activation.id, 'active', true],
    [other.activation.id, 'active', false],
  ])
})
