import { statSync } from 'node:fs'
import type { Db } from './database.ts'

/** What the database says of itself. */
export interface Health {
  /** `ok`, or what SQLite found broken. */
  check: string[]
  schema: number
  keyFingerprint: string
  file: string
  /** Permission bits of the file. */
  mode: number
  /** Of the whole database, as far as it is used or kept free. */
  bytes: number
}

/** Lets SQLite look over the whole database (`PRAGMA quick_check`), which takes a while where it is large. */
export function checkHealth(db: Db): Health {
  const rows = db.raw.pragma('quick_check(10)') as { quick_check: string }[]
  const { mode } = statSync(db.raw.name)
  const number = (pragma: string): number => db.raw.pragma(pragma, { simple: true }) as number
  return {
    check: rows.map(row => row.quick_check),
    schema: number('user_version'),
    keyFingerprint: db.vault.fingerprint,
    file: db.raw.name,
    mode: mode & 0o777,
    bytes: number('page_count') * number('page_size'),
  }
}

/** Parked events of one account (or, without an account, of one reason) of an app, bound alike. */
export interface ParkedCount {
  app: string
  provider: string
  kind: string | null
  account: string | null
  reason: string
  /** The only tenant that can claim them. */
  bound: string | null
  events: number
  oldestAt: number
}

/** What is parked, the largest heap first. */
export function countParked(db: Db): ParkedCount[] {
  return db.all<ParkedCount>(
    `SELECT a.name AS app, a.provider, c.kind, c.value AS account, e.reason, b.name AS bound, count(*) AS events, min(e.received_at) AS oldestAt
     FROM events e JOIN apps a ON a.id = e.app_id LEFT JOIN accounts c ON c.id = e.account_id
     LEFT JOIN tenants b ON b.id = e.bound_tenant_id
     WHERE e.scope = 'parked' GROUP BY e.app_id, e.account_id, e.reason, e.bound_tenant_id ORDER BY events DESC, a.name, c.value`,
  )
}

export interface IgnoredCount {
  app: string
  value: string
  times: number
  lastAt: number | null
}

/** What is ignored, and how often it was. */
export function countIgnored(db: Db): IgnoredCount[] {
  return db.all<IgnoredCount>(
    `SELECT a.name AS app, i.value, i.times, i.last_at AS lastAt FROM ignored i JOIN apps a ON a.id = i.app_id
     ORDER BY a.name, i.value`,
  )
}

/** Forwards that no handler took and that are not tried any more. */
export function countFailed(db: Db): { failed: number; newestAt: number | null } {
  return db.get(
    "SELECT count(*) AS failed, max(created_at) AS newestAt FROM forwards WHERE state IN ('failed', 'final')",
  ) as { failed: number; newestAt: number | null }
}
