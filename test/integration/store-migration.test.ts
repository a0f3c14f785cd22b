import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { migrations } from '../../src/store/schema.ts'
import { openStore } from '../../src/store/store.ts'
import { openVault } from '../../src/store/vault.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { delivery } from '../helpers/store-facts.ts'
import { queryFile, tempHome, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

/** A data directory as the first version of whs left it: two connections, one ended, events, what was parked. */
function firstHome(): string {
  const home = tempHome()
  const vault = openVault(join(home, 'key'), undefined)
  const raw = new Database(join(home, 'whs.db'))
  raw.pragma('journal_mode = WAL')
  raw.exec(migrations[0] as string)
  raw.pragma('user_version = 1')
  const run = (sql: string, ...args: unknown[]): void => void raw.prepare(sql).run(...args)
  run("INSERT INTO meta VALUES ('key_fingerprint', ?)", vault.fingerprint)
  run("INSERT INTO apps VALUES (1, 'quickbooks', 'quickbooks', 'sandbox', 'id', '{}', '{}', 1, 'https://a.example')")
  run("INSERT INTO secrets VALUES (1, 1, 'webhook', ?, 'abcd', 1, NULL)", vault.seal('secrets/1/value', 'the verifier'))
  run("INSERT INTO tenants VALUES (1, 'acme', 1), (2, 'globex', 1)")
  const seal = (seq: number, column: string): Buffer =>
    vault.seal(`connections/${seq}/${column}`, `${column} token of ${seq}`)
  const connection = `INSERT INTO connections (seq, id, app_id, tenant_id, state, why, scopes, access_sealed, refresh_sealed,
    access_expires_at, refresh_expires_at, created_at, changed_at) VALUES (?, ?, 1, ?, ?, ?, 'accounting', ?, ?, ?, ?, 5, 6)`
  run(connection, 3, 'con_3', 1, 'active', null, seal(3, 'access'), seal(3, 'refresh'), 70, 80)
  run(connection, 4, 'con_4', 2, 'revoked', 'disconnected here', null, null, 7, 8)
  run(connection, 5, 'con_5', 2, 'active', null, seal(5, 'access'), null, 90, null)
  run(
    "INSERT INTO accounts VALUES (1, 1, 'realm', '1', 'Acme', 1), (2, 1, 'realm', '2', NULL, 1), (3, 1, 'realm', '9', NULL, 1)",
  )
  run(
    "INSERT INTO mappings VALUES (7, 1, 1, 3, 'connect', 'GET answered 200', 4), (8, 2, 2, NULL, 'map', 'a person said so', 4)",
  )
  run("INSERT INTO ignored VALUES (1, '77', 3, 9)")
  const outcome = { ok: true, connection: { id: 'con_3', tenants: ['acme'] } }
  const consent = `INSERT INTO consents (link_hash, app_id, state, wish, redirect_uri, scopes, result, created_at, expires_at)
    VALUES (?, 1, ?, ?, 'http://localhost/', 'accounting', ?, 1, 1)`
  const wish = JSON.stringify({ tenants: [], accounts: [], claim: null, release: true, asks: false })
  run(consent, Buffer.from('aa', 'hex'), 'done', wish, JSON.stringify(outcome))
  run(consent, Buffer.from('bb', 'hex'), 'open', wish, null)
  run(
    `INSERT INTO deliveries VALUES (1, 'dlv_1', 'dlv_1', 1, 2, 'POST', '/hooks/quickbooks', '', '[]', CAST('[{},{}]' AS BLOB), 200, 'abcd', 'signature', 'delivery', 2, 2)`,
  )
  const event = `INSERT INTO events (seq, id, tail, delivery_seq, app_id, received_at, start, length, pointer, part, scope, reason,
    tenant_id, mapping_id, account_id, provider_event_id) VALUES (?, ?, 'tail', 1, 1, 2, ?, 2, '/0', 1, ?, ?, ?, ?, ?, ?)`
  run(event, 1, 'evt_1', 1, 'tenant', null, 1, 7, 1, 'one')
  run(event, 2, 'evt_2', 4, 'parked', 'unknown-account', null, null, 3, 'two')
  run("INSERT INTO forwards VALUES (1, 1, 1, 'http://localhost:3000/', '[1]', 2, 'open', 0, 0, NULL, NULL, NULL, NULL)")
  raw.close()
  return home
}

test('a store of the first version is kept whole: tokens open at their new places, events and claims go on', async () => {
  const home = firstHome()
  const store = await tempStore({ home })
  expect(queryFile(home, 'PRAGMA user_version')).toEqual([{ user_version: migrations.length }])
  expect(queryFile(home, 'PRAGMA foreign_key_check')).toEqual([])
  const [open, ...others] = await store.read('openConnections', { tenant: 'acme', app: null })
  expect(others).toEqual([])
  expect(open).toMatchObject({ id: 'con_3', access: 'access token of 3', refresh: 'refresh token of 3', slots: {} })
  expect(await store.read('openConnections', { tenant: 'globex', app: null })).toMatchObject([
    { id: 'con_5', access: 'access token of 5', refresh: null },
  ])
  expect((await store.read('readSecrets', { appId: 1, name: 'webhook' })).map(({ value }) => value)).toEqual([
    'the verifier',
  ])
  const acme = await store.read('findTenant', { name: 'acme' })
  expect(acme).toMatchObject({
    accounts: [{ value: '1', source: 'connect', proof: 'GET answered 200', connectionId: 'con_3' }],
    connections: [{ id: 'con_3', scopes: 'accounting', accessExpiresAt: 70, refreshExpiresAt: 80, createdAt: 5 }],
  })
  expect(await store.read('findTenant', { name: 'globex' })).toMatchObject({
    accounts: [{ value: '2', source: 'map' }],
    connections: [
      { id: 'con_4', state: 'revoked', why: 'disconnected here', accessExpiresAt: null },
      { id: 'con_5', accessExpiresAt: 90, refreshExpiresAt: null },
    ],
  })
  expect((await store.read('findConsent', { linkHash: 'aa' }))?.outcome).toEqual({
    ok: true,
    connections: [{ id: 'con_3', tenants: ['acme'] }],
  })
  expect((await store.read('findConsent', { linkHash: 'bb' }))?.wish).toMatchObject({ each: false, slots: {} })
  expect(await store.read('eventsOfDelivery', { deliverySeq: 1 })).toMatchObject([
    { id: 'evt_1', tenant: 'acme', bound: null },
    { id: 'evt_2', scope: 'parked', account: '9' },
  ])
  expect(await store.read('readForward', { seq: 1 })).toMatchObject({ tenant: 'acme', url: null, activation: null })
  const claim = { app: 'quickbooks', kind: 'realm', value: '9', tenant: 'initech', release: true }
  expect(await store.write('mapAccount', claim)).toMatchObject({ events: 1 })
  const { seq } = await store.write('ingestDelivery', delivery(1, { realm: '1', id: 'one' }, { realm: '2' }))
  expect((await store.read('eventsOfDelivery', { deliverySeq: seq })).map(one => [one.tenant, one.repeatOf])).toEqual([
    ['acme', 'evt_1'],
    ['globex', null],
  ])
  await store.write('forgetTenant', { name: 'acme' })
  expect(queryFile(home, 'SELECT id FROM token_sets')).toEqual([{ id: 5 }])
})

test('no token of the first version stands in clear after the move', async () => {
  const home = firstHome()
  const store = await tempStore({ home, writer: false })
  await store.close()
  expect(readFileSync(join(home, 'whs.db')).includes('token of')).toBe(false)
})

/** All that the first version can read, as its own statements would. */
function oldContent(home: string): unknown {
  const tables = ['apps', 'connections', 'mappings', 'consents', 'deliveries', 'events', 'secrets', 'forwards']
  return [queryFile(home, 'PRAGMA user_version'), ...tables.map(name => queryFile(home, `SELECT * FROM ${name}`))]
}

test('a migration that cannot be finished leaves the old store as it was, and is done later', async () => {
  const home = firstHome()
  const before = oldContent(home)
  renameSync(join(home, 'key'), join(home, 'key-away'))
  expect(() => openStore({ home })).toThrow(expect.objectContaining({ code: 'key-missing' }))
  expect(oldContent(home)).toEqual(before)
  renameSync(join(home, 'key-away'), join(home, 'key'))
  const store = await tempStore({ home, writer: false })
  expect(await store.read('openConnections', { tenant: 'globex', app: null })).toMatchObject([
    { access: 'access token of 5' },
  ])
})

test('a token of the first version that cannot be read stays so, and keeps nothing else from moving', async () => {
  const home = firstHome()
  queryFile(home, "UPDATE connections SET access_sealed = x'00' WHERE seq = 5")
  const store = await tempStore({ home, writer: false })
  expect(await store.read('openConnections', { tenant: 'globex', app: null })).toMatchObject([
    { id: 'con_5', access: null, refresh: null, unreadable: true },
  ])
  expect(await store.read('openConnections', { tenant: 'acme', app: null })).toMatchObject([
    { access: 'access token of 3', refresh: 'refresh token of 3', unreadable: false },
  ])
  expect(await store.read('unreadableTokens')).toEqual([
    { what: 'the tokens of globex at quickbooks', next: 'whs connect quickbooks --tenant globex' },
  ])
  expect(await store.read('unreadableSecrets')).toEqual([])
})

test('two that open an old store at once migrate it once', async () => {
  const home = firstHome()
  const first = openDatabase({ home, now: Date.now })
  const second = openDatabase({ home, now: Date.now })
  expect(first.get('SELECT count(*) AS count FROM token_sets')).toEqual({ count: 2 })
  expect(second.get('SELECT count(*) AS count FROM token_sets')).toEqual({ count: 2 })
  first.raw.close()
  second.raw.close()
})
