import type { Filter } from '../core/filter.ts'
import { configVersionOf, type Db } from './database.ts'
import { filterSql } from './filter-sql.ts'
import type { Source } from './ingest-ops.ts'
import { idSql } from './row-ids.ts'

/** A request that did not verify. `bytes` is the length of the whole body, of which at most 64 KiB are given. */
export interface NewRejected {
  appId: number
  receivedAt: number
  method: string
  path: string
  suffix: string
  headers: string
  body: Uint8Array
  bytes: number
  status: number
  reason: string
  detail: string
  source: Source
  /** The number of the activation whose key stood in the URL. */
  activation: number | null
  /** The configuration that it was judged by. */
  judgedBy?: number
}
const rejectedKept = 1000

/**
 * Keeps a rejected request beside the rest; the last 1,000 of an app stay. Where the configuration is another one by now
 * nothing is kept and `seq` is 0: it is to be judged again, since whoever changed a secret has looked at the kept ones
 * already.
 */
export function keepRejected(db: Db, input: NewRejected): { seq: number } {
  const { judgedBy } = input
  if (judgedBy !== undefined && judgedBy !== configVersionOf(db)) return { seq: 0 }
  const { lastInsertRowid: seq } = db.run(
    `INSERT INTO rejected (id, app_id, received_at, method, path, suffix, headers, body, bytes, status, reason, detail, source,
       activation_id) VALUES ('', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    input.appId,
    input.receivedAt,
    input.method,
    input.path,
    input.suffix,
    input.headers,
    input.body,
    input.bytes,
    input.status,
    input.reason,
    input.detail,
    input.source,
    input.activation,
  )
  db.run(
    `DELETE FROM rejected WHERE app_id = ? AND seq <= (
       SELECT seq FROM rejected WHERE app_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
    input.appId,
    input.appId,
    rejectedKept,
  )
  return { seq }
}

/** A kept rejected request. */
export interface StoredRejected {
  seq: number
  id: string
  appId: number
  app: string
  provider: string
  env: string
  receivedAt: number
  method: string
  path: string
  suffix: string
  headers: string
  body: Buffer
  /** Of the whole body as it arrived. */
  bytes: number
  status: number
  reason: string
  detail: string
  source: Source
  activation: number | null
}

const columns = `r.seq, ${idSql('rejected', 'r')} AS id, r.app_id AS appId, a.name AS app, a.provider, a.env, r.received_at AS receivedAt, r.method, r.path, r.suffix, r.headers, r.body, r.bytes, r.status,
  r.reason, r.detail, r.source, r.activation_id AS activation`

export interface RejectedQuery {
  /** Of a filter, what can be known of a request that did not verify; the rest is not looked at. */
  filter: Filter
  order: 'newest' | 'oldest'
  after?: number
  limit: number
}

/** Kept rejected requests. */
export function listRejected(db: Db, query: RejectedQuery): StoredRejected[] {
  const newest = query.order === 'newest'
  const { where, args } = rejectedSql(query.filter)
  if (query.after !== undefined) {
    where.push(newest ? 'r.seq < ?' : 'r.seq > ?')
    args.push(query.after)
  }
  const sql = `SELECT ${columns} FROM rejected r JOIN apps a ON a.id = r.app_id WHERE ${where.join(' AND ')}
    ORDER BY r.seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`
  return db.all<StoredRejected>(sql, ...args, query.limit)
}

/** How many are kept. */
export function countRejected(db: Db, { filter }: Pick<RejectedQuery, 'filter'>): number {
  const { where, args } = rejectedSql(filter)
  const sql = `SELECT count(*) AS count FROM rejected r JOIN apps a ON a.id = r.app_id WHERE ${where.join(' AND ')}`
  return (db.get<{ count: number }>(sql, ...args) as { count: number }).count
}

/** Rejected requests of one app that failed alike. */
export interface RejectedHeap {
  app: string
  reason: string
  /** Of the latest of them. */
  detail: string
  id: string
  times: number
  lastAt: number
}

/** What is kept of rejected requests, heap by heap, the latest first. */
export function rejectedHeaps(db: Db): RejectedHeap[] {
  // Beside max() SQLite takes the other columns from the row that has it.
  return db.all<RejectedHeap & { newest: number }>(
    `SELECT a.name AS app, r.reason, r.detail, ${idSql('rejected', 'r')} AS id, count(*) AS times, r.received_at AS lastAt,
       max(r.seq) AS newest
     FROM rejected r JOIN apps a ON a.id = r.app_id GROUP BY r.app_id, r.reason ORDER BY newest DESC`,
  )
}

function rejectedSql({ app, provider, env, since, until }: Filter): ReturnType<typeof filterSql> {
  const { where, args } = filterSql({ ...(app && { app }), ...(provider && { provider }), ...(env && { env }) })
  where.push('r.received_at >= ?', 'r.received_at < ?')
  args.push(since ?? 0, until ?? Number.MAX_SAFE_INTEGER)
  return { where, args }
}

export function readRejected(db: Db, { seq }: { seq: number }): StoredRejected | null {
  return (
    db.get<StoredRejected>(`SELECT ${columns} FROM rejected r JOIN apps a ON a.id = r.app_id WHERE r.seq = ?`, seq) ??
    null
  )
}
