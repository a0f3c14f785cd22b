import { join } from 'node:path'
import Database from 'better-sqlite3'
import { migrations } from '../../src/store/schema.ts'
import { openVault, type Vault } from '../../src/store/vault.ts'
import { tempHome } from './temp-home.ts'

/** Every table of a database with its rows, by name. */
export type Content = Record<string, Record<string, unknown>[]>

/**
 * A data directory as the whs of an earlier schema version left it: made by the first, filled, and brought up to that
 * version, where it is given what the first could not hold. `connections`: how many there are, each with sealed tokens.
 */
export function oldHome(version: number, connections = 3): string {
  const home = tempHome()
  const vault = openVault(join(home, 'key'), undefined)
  const raw = new Database(join(home, 'whs.db'))
  raw.pragma('journal_mode = WAL')
  raw.pragma('foreign_keys = ON')
  raw.function('reseal', { deterministic: false }, (sealed: unknown, from: unknown, to: unknown) =>
    sealed === null ? null : vault.seal(String(to), vault.open(String(from), sealed as Buffer)),
  )
  for (let at = 0; at < version; at++) {
    raw.transaction(() => {
      raw.exec(migrations[at] as string)
      fill[at]?.(raw, vault, connections)
      raw.pragma(`user_version = ${at + 1}`)
    })()
  }
  raw.close()
  return home
}

/** What each version can hold that the one before could not. */
const fill: ((raw: Database.Database, vault: Vault, connections: number) => void)[] = [fillFirst, fillSecond]

function fillFirst(raw: Database.Database, vault: Vault, connections: number): void {
  const run = (sql: string, ...args: unknown[]): void => void raw.prepare(sql).run(...args)
  const seal = (place: string): Buffer => vault.seal(place, `in clear: ${place}`)
  run("INSERT INTO meta VALUES ('key_fingerprint', ?)", vault.fingerprint)
  run("INSERT INTO apps VALUES (1, 'quickbooks', 'quickbooks', 'sandbox', 'id', '{}', '{}', 1, 'https://a.example')")
  run("INSERT INTO secrets VALUES (1, 1, 'webhook', ?, 'abcd', 1, NULL)", seal('secrets/1/value'))
  run("INSERT INTO tenants VALUES (1, 'acme', 1), (2, 'globex', 1)")
  for (let seq = 1; seq <= connections; seq++) {
    run(
      "INSERT INTO connections VALUES (?, ?, 1, 1, 'active', NULL, 'accounting', ?, ?, 70, 80, 5, 6)",
      seq,
      `con_${seq}`,
      seal(`connections/${seq}/access`),
      seal(`connections/${seq}/refresh`),
    )
  }
  run("INSERT INTO accounts VALUES (1, 1, 'realm', '1', 'Acme', 1), (2, 1, 'realm', '9', NULL, 1)")
  run("INSERT INTO mappings VALUES (7, 1, 1, 1, 'connect', 'GET answered 200', 4), (8, 1, 2, NULL, 'map', NULL, 4)")
  run("INSERT INTO ignored VALUES (1, '77', 3, 9)")
  run(
    `INSERT INTO deliveries VALUES (1, 'dlv_1', 'dlv_1', 1, 2, 'POST', '/hooks/quickbooks', '', '[]',
      CAST('[{},{}]' AS BLOB), 200, 'abcd', 'signature', 'delivery', 2, 1)`,
  )
  const event = `INSERT INTO events (seq, id, tail, delivery_seq, app_id, received_at, start, length, pointer, part, scope, reason,
    tenant_id, mapping_id, account_id, provider_event_id) VALUES (?, ?, ?, 1, 1, 2, ?, 2, '/0', 1, ?, ?, ?, ?, ?, ?)`
  run(event, 1, 'evt_1', 'evt_1', 1, 'tenant', null, 1, 7, 1, 'one')
  run(event, 2, 'evt_2', 'evt_2', 4, 'parked', 'unknown-account', null, null, 2, 'two')
  run("INSERT INTO forwards VALUES (1, 1, 1, 'http://localhost:3000/', '[1]', 2, 'open', 1, 0, 2, 9, 500, NULL)")
  run(
    "INSERT INTO attempts VALUES (1, 1, 1, 1, 'http://localhost:3000/', '[1]', 1, 0, 2, 3, 500, NULL, 9, NULL, '[]', NULL)",
  )
  run(
    `INSERT INTO rejected VALUES (1, 'dlv_2', 'dlv_2', 1, 3, 'POST', '/hooks/quickbooks', '', '[]', CAST('{}' AS BLOB), 2,
      401, 'wrong-secret', 'no secret of it fits', 'delivery')`,
  )
}

function fillSecond(raw: Database.Database, vault: Vault): void {
  const run = (sql: string, ...args: unknown[]): void => void raw.prepare(sql).run(...args)
  run(
    "INSERT INTO activations VALUES (1, 'act_1', 1, 1, 1, 'realm', 'hook-1', NULL, X'AB', 'https://a.example/x', 'active', 5, NULL, NULL)",
  )
  run(
    "INSERT INTO secrets VALUES (2, 1, 'webhook', ?, 'efgh', 1, NULL, 1)",
    vault.seal('secrets/2/value', 'in clear: secrets/2/value'),
  )
  run(`INSERT INTO events (seq, id, tail, delivery_seq, app_id, received_at, start, length, pointer, part, scope, reason,
    account_id, activation_id, bound_tenant_id) VALUES (3, 'evt_3', 'evt_3', 1, 1, 2, 4, 2, '/1', 1, 'parked', 'mismatch', 2, 1, 1)`)
  run("INSERT INTO event_accounts VALUES (3, 1, 0, '/1/a'), (3, 2, 1, '/1/b')")
  run("INSERT INTO custom_providers VALUES ('mine', '{}', 'hash', 1)")
  run("INSERT INTO public_keys VALUES ('https://a.example/keys', 'k1', '{}', 1)")
}

/** All rows of all tables, and the schema version. */
export function contentOf(home: string): Content {
  const raw = new Database(join(home, 'whs.db'))
  try {
    const tables = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all()
    const rows = (tables as { name: string }[]).map(({ name }) => [name, raw.prepare(`SELECT * FROM ${name}`).all()])
    return { ...Object.fromEntries(rows), version: raw.pragma('user_version') }
  } finally {
    raw.close()
  }
}

/** How a database is made, its settings, and the highest number that each table ever gave. */
export function madeOf(home: string): unknown {
  const raw = new Database(join(home, 'whs.db'), { readonly: true })
  try {
    const made = raw.prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name').all()
    const settings = ['auto_vacuum', 'page_size'].map(name => raw.pragma(name, { simple: true }))
    return { made, settings, numbers: raw.prepare('SELECT * FROM sqlite_sequence ORDER BY name').all() }
  } finally {
    raw.close()
  }
}
