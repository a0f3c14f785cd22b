import { randomFillSync } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { exits, WhsError } from '../core/errors.ts'
import { type IdKind, makeId } from '../core/ids.ts'
import { openRowIds, type TableIds } from './row-ids.ts'
import { migrations } from './schema.ts'
import { openVault, type Vault } from './vault.ts'

export type Row = Record<string, unknown>

/** What every store operation works with: prepared statements, the clock, ids and the vault. */
export interface Db {
  /** Runs one statement, prepared once. `args` are bound by position. */
  run(sql: string, ...args: unknown[]): { changes: number; lastInsertRowid: number }
  get<T>(sql: string, ...args: unknown[]): T | undefined
  all<T>(sql: string, ...args: unknown[]): T[]
  now(): number
  makeId(kind: IdKind): string
  /** The ids of rows that are made of their numbers. */
  ids: TableIds
  vault: Vault
  /** What this connection may remember until the configuration changes; emptied by `configChanged`. */
  cache: Map<string, unknown>
  raw: Database.Database
}

/** How long one process waits for another's lock. */
const patientMs = 15_000

export interface DatabaseOptions {
  /** The data directory. */
  home: string
  now(): number
}

/**
 * Opens (or makes) the database of a data directory, with its key and all migrations done.
 * @throws WhsError `home-unwritable`, `home-foreign`, `database-newer`, `database-broken`, and those of the vault (exit 2)
 */
export function openDatabase(options: DatabaseOptions): Db {
  const { home, now } = options
  makeHome(home)
  const file = join(home, 'whs.db')
  const raw = openFile(file)
  try {
    // So that free pages can be given back one by one. It counts only where the file is new, and would write elsewhere.
    if (raw.pragma('page_count', { simple: true }) === 0) raw.pragma('auto_vacuum = INCREMENTAL')
    useWal(raw)
    raw.pragma('synchronous = FULL')
    raw.pragma('fullfsync = ON')
    raw.pragma('checkpoint_fullfsync = ON')
    raw.pragma('foreign_keys = ON')
    raw.pragma('wal_autocheckpoint = 4000')
    raw.pragma('cache_size = -8000')
    const keyFile = join(home, 'key')
    migrate(raw, file, keyFile)
    const vault = raw.transaction(() => vaultOf(raw, keyFile)).immediate()
    return wrap(raw, now, vault)
  } catch (error) {
    raw.close()
    throw error instanceof WhsError ? error : broken(file, error)
  }
}

function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    if (process.platform === 'win32' || (statSync(home).mode & 0o077) === 0) return
    const names = readdirSync(home)
    if (names.length > 0 && !names.includes('whs.db')) throw foreign(home)
    chmodSync(home, 0o700)
  } catch (cause) {
    throw cause instanceof WhsError ? cause : unwritable(home, cause)
  }
}

/** Closing a directory such as /tmp to everyone else would harm whatever lives in it. */
function foreign(home: string): WhsError {
  return new WhsError({
    code: 'home-foreign',
    exit: exits.usage,
    what: `the data directory holds other things: ${home}`,
    why: 'it must be closed to everyone but you, and they would be closed too',
    next: 'set WHS_HOME to an empty directory, or to one that is not there yet',
  })
}

function unwritable(path: string, cause: unknown): WhsError {
  return new WhsError({
    code: 'home-unwritable',
    exit: exits.usage,
    what: `the data directory cannot be used: ${path}`,
    why: (cause as Error).message,
    next: 'make it writable, or set WHS_HOME to a directory of yours',
    cause,
  })
}

function broken(file: string, cause: unknown): WhsError {
  const code = (cause as { code?: string }).code ?? ''
  if (code === 'SQLITE_READONLY' || code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_READONLY'))
    return unwritable(file, cause)
  return new WhsError({
    code: 'database-broken',
    exit: exits.usage,
    what: `the database cannot be opened: ${file}`,
    why: (cause as Error).message,
    next: 'whs doctor',
    cause,
  })
}

/**
 * Two that open a new file at once both read it, then both want it alone: SQLite refuses one of them at once, without
 * waiting its time-out, since neither could ever go on.
 */
function useWal(raw: Database.Database): void {
  const until = performance.now() + patientMs
  for (;;) {
    try {
      raw.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || performance.now() > until) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function openFile(file: string): Database.Database {
  const isNew = !existsSync(file)
  try {
    const raw = new Database(file, { timeout: patientMs })
    if (isNew && process.platform !== 'win32') chmodSync(file, 0o600)
    return raw
  } catch (cause) {
    throw broken(file, cause)
  }
}

function migrate(raw: Database.Database, file: string, keyFile: string): void {
  const target = migrations.length
  const version = (): number => raw.pragma('user_version', { simple: true }) as number
  if (version() > target) {
    throw new WhsError({
      code: 'database-newer',
      exit: exits.usage,
      what: `the database is newer than this whs: ${file}`,
      why: `it has schema ${version()}, this program knows ${target}`,
      next: 'npm install -g whs-cli@latest',
    })
  }
  while (version() < target) {
    raw
      .transaction(() => {
        const at = version()
        if (at >= target) return
        if (at > 0) giveReseal(raw, vaultOf(raw, keyFile))
        raw.exec(migrations[at] as string)
        raw.pragma(`user_version = ${at + 1}`)
      })
      .immediate()
  }
}

/** Migrations move sealed values, each of which opens at its own place alone. One that opens nowhere stays as it is. */
function giveReseal(raw: Database.Database, vault: Vault): void {
  raw.function('reseal', { deterministic: false }, (sealed: unknown, from: unknown, to: unknown) => {
    const text = sealed === null ? null : vault.tryOpen(String(from), sealed as Buffer)
    return text === null ? sealed : vault.seal(String(to), text)
  })
}

function vaultOf(raw: Database.Database, keyFile: string): Vault {
  const known = raw.prepare("SELECT value FROM meta WHERE key = 'key_fingerprint'").get() as
    | { value: string }
    | undefined
  const vault = openVault(keyFile, known?.value)
  if (!known) raw.prepare("INSERT INTO meta VALUES ('key_fingerprint', ?)").run(vault.fingerprint)
  return vault
}

function wrap(raw: Database.Database, now: () => number, vault: Vault): Db {
  const statements = new Map<string, Database.Statement>()
  const random = new Uint8Array(10_000)
  let used = random.length
  function prepared(sql: string): Database.Statement {
    let statement = statements.get(sql)
    if (!statement) {
      statement = raw.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  return {
    ids: openRowIds(raw),
    run(sql, ...args) {
      const { changes, lastInsertRowid } = prepared(sql).run(...args)
      return { changes, lastInsertRowid: Number(lastInsertRowid) }
    },
    get: <T>(sql: string, ...args: unknown[]) => prepared(sql).get(...args) as T | undefined,
    all: <T>(sql: string, ...args: unknown[]) => prepared(sql).all(...args) as T[],
    now,
    makeId(kind) {
      if (used + 10 > random.length) {
        randomFillSync(random)
        used = 0
      }
      used += 10
      return makeId(kind, now(), random.subarray(used - 10, used))
    },
    vault,
    cache: new Map(),
    raw,
  }
}

/** Grows when apps, secrets, mappings, ignored accounts or rules change. */
export function configVersionOf(db: Db): number {
  return Number(db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'config_version'")?.value)
}

/** To be called by every operation that changes apps, secrets, mappings, ignored accounts or rules. */
export function configChanged(db: Db): void {
  db.run("UPDATE meta SET value = value + 1 WHERE key = 'config_version'")
  db.cache.clear()
}
