import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, addHook, finishConsent, listen, namedDelivery, whose } from '../helpers/store-facts.ts'
import { queryFile, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin() {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  return { store, app }
}

function open(store: Store, tenant: string) {
  return store.read('openConnections', { tenant, app: null })
}

function tokenSets(store: Store): number[] {
  return queryFile<{ id: number }>(store.home, 'SELECT id FROM token_sets ORDER BY id').map(({ id }) => id)
}

async function disconnect(store: Store, tenant: string): Promise<void> {
  await store.write('disconnect', { ids: (await open(store, tenant)).map(({ id }) => id) })
}

test('one consent of several accounts makes several connections, which live of one set of tokens', async () => {
  const { store, app } = await begin()
  const items = ['1', '2', '3'].map(value => ({ accounts: [[`realm:${value}`]] }))
  const parked = await store.write('ingestDelivery', namedDelivery(app.id, items))
  const results = await finishConsent(store, [
    { tenant: 'acme', accounts: ['realm:1'], slots: { site: 'acme' } },
    { tenant: 'globex', accounts: ['realm:2', 'org:2'] },
    { tenant: 'acme', accounts: ['realm:3'] },
  ])
  expect(
    results.map(({ tenants, accounts, released }) => [tenants, accounts.map(({ id }) => id), released.events]),
  ).toEqual([
    [['acme'], ['1'], 1],
    [['globex'], ['2', '2'], 1],
    [['acme'], ['3'], 1],
  ])
  expect(new Set(results.map(({ id }) => id)).size).toBe(3)
  expect(await whose(store, parked.seq)).toEqual(['acme', 'globex', 'acme'])
  expect(tokenSets(store)).toHaveLength(1)
  const [one, two] = await open(store, 'acme')
  const [other] = await open(store, 'globex')
  expect(one).toMatchObject({ slots: { site: 'acme' }, sharesTokensWith: ['globex', 'acme'] })
  expect(two?.accounts).toMatchObject([{ kind: 'realm', value: '3' }])
  expect([one?.access, two?.access]).toEqual([other?.access, other?.access])
  expect(one?.access).toMatch(/^access \d+$/)
  expect((await store.read('findTenant', { name: 'acme' }))?.connections).toMatchObject([
    { slots: { site: 'acme' }, accessExpiresAt: 1, refreshExpiresAt: 2 },
    { slots: {} },
  ])
  for (const name of readdirSync(store.home)) {
    expect(readFileSync(join(store.home, name)).includes(one?.access as string), name).toBe(false)
  }
})

test('a set of tokens dies with the last connection that lives of it', async () => {
  const { store } = await begin()
  await finishConsent(store, [
    { tenant: 'acme', accounts: ['realm:1'] },
    { tenant: 'globex', accounts: ['realm:2'] },
  ])
  await disconnect(store, 'acme')
  const [left] = await open(store, 'globex')
  expect(left).toMatchObject({ sharesTokensWith: [], refresh: expect.stringMatching(/^refresh/) as string })
  expect(tokenSets(store)).toHaveLength(1)
  await disconnect(store, 'globex')
  expect(tokenSets(store)).toEqual([])
  expect((await store.read('findTenant', { name: 'globex' }))?.connections).toMatchObject([
    { state: 'revoked', why: 'disconnected here', accessExpiresAt: null },
  ])
})

test('connecting one of them again mends it alone: the others keep their tokens', async () => {
  const { store } = await begin()
  const [first] = await finishConsent(store, [
    { tenant: 'acme', accounts: ['realm:1'] },
    { tenant: 'globex', accounts: ['realm:2'] },
  ])
  const [old] = tokenSets(store)
  const [again] = await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'], slots: { site: 'new' } }])
  expect(again).toMatchObject({ id: first?.id, mended: true, slots: { site: 'new' } })
  expect(tokenSets(store)).toHaveLength(2)
  await finishConsent(store, [{ tenant: 'globex', accounts: ['realm:2'] }])
  expect(tokenSets(store)).toHaveLength(2)
  expect(tokenSets(store)).not.toContain(old)
})

test('a consent that gives no tokens keeps none', async () => {
  const { store } = await begin()
  const none = { access: null, refresh: null, accessExpiresAt: null, refreshExpiresAt: null }
  const [made] = await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }], none)
  expect(made).toMatchObject({ state: 'active', expiresAt: null })
  expect(tokenSets(store)).toEqual([])
  expect(await open(store, 'acme')).toMatchObject([{ access: null, refresh: null, sharesTokensWith: [] }])
})

test('where one of the accounts is another’s, nothing of the consent is kept', async () => {
  const { store } = await begin()
  await finishConsent(store, [{ tenant: 'globex', accounts: ['realm:2'] }])
  const both = [
    { tenant: 'acme', accounts: ['realm:1'] },
    { tenant: 'initech', accounts: ['realm:2'] },
  ]
  await expect(finishConsent(store, both)).rejects.toMatchObject({ code: 'account-taken', exit: 4 })
  expect(await store.read('findTenant', { name: 'acme' })).toBeNull()
  expect(tokenSets(store)).toHaveLength(1)
})

test('a connection that ends takes the hooks that were made with its token; a hook made by hand stays', async () => {
  const { store, app } = await begin()
  const [made] = await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }])
  const own = await addHook(store, 'acme', { connectionId: made?.id as string, kind: 'hook', providerId: 'h-1' })
  const byHand = await addHook(store, 'acme', { kind: 'hook', providerId: 'h-2' })
  await disconnect(store, 'acme')
  expect((await store.read('listActivations', {})).map(({ seq }) => seq)).toEqual([byHand])
  const keys = await store.read('readKeys', { appId: app.id })
  expect(keys.flatMap(({ activation }) => activation?.id ?? [])).toEqual([byHand])
  expect(own).not.toBe(byHand)
  expect((await store.read('findTenant', { name: 'acme' }))?.accounts).toMatchObject([{ value: 'h-2' }])
})

test('a custom provider is never replaced silently, nor removed while an app is of it', async () => {
  const { store } = await begin()
  const add = (hash: string, replace = false) =>
    store.write('addCustomProvider', { id: 'forge', definition: `{"id":"forge","hash":"${hash}"}`, hash, replace })
  expect(await add('a1')).toMatchObject({ id: 'forge', hash: 'a1' })
  await add('a1')
  await expect(add('b2')).rejects.toMatchObject({ code: 'provider-exists', exit: 2 })
  await add('b2', true)
  expect(await store.read('listCustomProviders')).toMatchObject([{ definition: '{"id":"forge","hash":"b2"}' }])
  const app = { name: 'forge', provider: 'forge', env: 'production' as const, clientId: null, hosts: {}, settings: {} }
  expect(await store.write('addApp', { ...app, secrets: {}, definitionHash: 'b2' })).toMatchObject({
    definitionHash: 'b2',
  })
  expect(await store.write('setApp', { app: 'forge', definitionHash: 'c3', keepOldMs: 0 })).toMatchObject({
    definitionHash: 'c3',
  })
  await add('d4', true)
  expect((await store.read('findApp', { name: 'forge' }))?.definitionHash).toBe('d4')
  expect(store.readNow('findCustomProvider', { id: 'forge' })?.hash).toBe('d4')
  await expect(store.write('removeCustomProvider', { id: 'forge' })).rejects.toMatchObject({ code: 'provider-used' })
  await store.write('removeApp', { app: 'forge' })
  await store.write('removeCustomProvider', { id: 'forge' })
  expect(await store.read('findCustomProvider', { id: 'forge' })).toBeNull()
  await expect(store.write('removeCustomProvider', { id: 'forge' })).rejects.toMatchObject({
    code: 'no-provider',
    exit: 5,
  })
})

test('published keys are kept as a set: a newer set takes the place of the older', async () => {
  const { store } = await begin()
  const url = 'https://keys.example/jwks'
  const keep = (keys: Record<string, Record<string, unknown>>, fetchedAt: number) =>
    store.write('keepPublicKeys', { url, keys, fetchedAt })
  await keep({ a: { kty: 'RSA', n: 'aa' }, b: { kty: 'RSA' } }, 1)
  await store.write('keepPublicKeys', { url: 'https://other.example/', keys: { a: { kty: 'EC' } }, fetchedAt: 2 })
  await keep({ b: { kty: 'RSA', n: 'bb' } }, 3)
  expect(await store.read('readPublicKeys')).toEqual([
    { url, kid: 'b', key: { kty: 'RSA', n: 'bb' }, fetchedAt: 3 },
    { url: 'https://other.example/', kid: 'a', key: { kty: 'EC' }, fetchedAt: 2 },
  ])
})
