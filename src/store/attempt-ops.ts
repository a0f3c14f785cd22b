import type { Filter } from '../core/filter.ts'
import type { Db } from './database.ts'
import { filterSql } from './filter-sql.ts'

/** One try at relaying a part, as views show it. `body` is what the handler answered, cut at 64 KiB. */
export interface StoredAttempt {
  seq: number
  forwardSeq: number | null
  deliverySeq: number
  tenant: string | null
  target: string
  eventIds: string[]
  eventSeqs: number[]
  number: number
  /** A person's. */
  replay: boolean
  /** A replay with the signature as it came, not made anew. */
  kept: boolean
  /** What a person changed for the replay, in words (`edited`, `as globex`); null where it went as it came. */
  changed: string | null
  at: number
  ms: number
  status: number | null
  error: string | null
  nextAt: number | null
  hint: string | null
  headers: string | null
  body: Buffer | null
  /** Of the delivery: whether it came by `trigger`, say. */
  source: string
}

const columns = `p.seq, p.forward_seq AS forwardSeq, p.delivery_seq AS deliverySeq, t.name AS tenant, p.target, p.events, p.number, p.replay, p.changed, p.at, p.ms, p.status,
  p.error, p.next_at AS nextAt, p.hint, p.answer_headers AS headers, p.answer_body AS body, d.source, d.received_at AS receivedAt`
const joins = `FROM attempts p JOIN deliveries d ON d.seq = p.delivery_seq LEFT JOIN tenants t ON t.id = p.tenant_id`

type AttemptRow = Omit<StoredAttempt, 'eventIds' | 'eventSeqs' | 'replay' | 'kept'> & {
  events: string
  replay: number
  receivedAt: number
}

function attemptOf(db: Db, { events, receivedAt, ...rest }: AttemptRow): StoredAttempt {
  const eventSeqs = JSON.parse(events) as number[]
  const eventIds = eventSeqs.map(seq => db.ids.events.idOf(seq, receivedAt))
  return Object.assign(rest, { replay: rest.replay !== 0, kept: rest.replay === 2, eventSeqs, eventIds })
}

export interface AttemptQuery {
  /** At least one of the attempt's events passes it. */
  filter: Filter
  after: number
  limit: number
}

/** Attempts behind a seq, oldest first. */
export function listAttempts(db: Db, { filter, after, limit }: AttemptQuery): StoredAttempt[] {
  const { where, args } = filterSql(filter)
  const passes = `EXISTS (SELECT 1 FROM json_each(p.events) j JOIN events e ON e.seq = j.value
    JOIN deliveries d ON d.seq = e.delivery_seq JOIN apps a ON a.id = e.app_id LEFT JOIN tenants t ON t.id = e.tenant_id
    LEFT JOIN accounts c ON c.id = e.account_id WHERE ${where.join(' AND ')})`
  const condition = where.length > 0 ? `AND ${passes}` : ''
  const sql = `SELECT ${columns} ${joins} WHERE p.seq > ? ${condition} ORDER BY p.seq LIMIT ?`
  const rows = db.all<AttemptRow>(sql, after, ...args, limit)
  return rows.map(row => attemptOf(db, row))
}

export function attemptsOfDelivery(db: Db, { deliverySeq }: { deliverySeq: number }): StoredAttempt[] {
  const rows = db.all<AttemptRow>(`SELECT ${columns} ${joins} WHERE p.delivery_seq = ? ORDER BY p.seq`, deliverySeq)
  return rows.map(row => attemptOf(db, row))
}

/** A forward of a delivery, as views show it. */
export interface StoredForward {
  seq: number
  deliverySeq: number
  tenant: string | null
  target: string
  /** The rules that chose it, as they were written; none where that was not kept yet. */
  rules: string[]
  eventSeqs: number[]
  state: 'open' | 'done' | 'failed' | 'final'
  tries: number
  nextAt: number | null
  lastStatus: number | null
  lastError: string | null
}

export function forwardsOfDelivery(db: Db, { deliverySeq }: { deliverySeq: number }): StoredForward[] {
  const rows = db.all<Omit<StoredForward, 'eventSeqs' | 'rules'> & { events: string; rule: string | null }>(
    `SELECT f.seq, f.delivery_seq AS deliverySeq, t.name AS tenant, f.target, f.rule, f.events, f.state, f.tries, f.next_at AS nextAt, f.last_status AS lastStatus, f.last_error AS lastError
     FROM forwards f LEFT JOIN tenants t ON t.id = f.tenant_id WHERE f.delivery_seq = ? ORDER BY f.seq`,
    deliverySeq,
  )
  return rows.map(({ events, rule, ...rest }) => ({
    ...rest,
    rules: rule?.split('\n') ?? [],
    eventSeqs: JSON.parse(events) as number[],
  }))
}
