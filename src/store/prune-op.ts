import type { Filter } from '../core/filter.ts'
import type { Db } from './database.ts'
import { filterSql } from './filter-sql.ts'
import { raiseSearchEpoch } from './search-index.ts'

/** What may go: events that pass a filter, or rejected requests of an age. */
export interface PruneWish {
  filter: Pick<Filter, 'until' | 'tenant' | 'parked'>
  events: boolean
  rejected: boolean
}

/** What would go, or has gone. `bytes` are those of bodies, headers and fetched things of which nothing else is left. */
export interface Pruned {
  events: number
  deliveries: number
  rejected: number
  bytes: number
}

const joins = 'FROM events e LEFT JOIN tenants t ON t.id = e.tenant_id'
/** What a target still waits for stays whole. */
const isClosed = "NOT EXISTS (SELECT 1 FROM forwards f WHERE f.delivery_seq = e.delivery_seq AND f.state = 'open')"

function chosen({ filter }: PruneWish): { condition: string; args: (string | number)[] } {
  const { where, args } = filterSql(filter)
  return { condition: [...where, isClosed].join(' AND '), args }
}

/** What a pruning would take. */
export function countPrunable(db: Db, wish: PruneWish): Pruned {
  const { condition, args } = chosen(wish)
  const events = wish.events
    ? db.get<{ count: number }>(`SELECT count(*) AS count ${joins} WHERE ${condition}`, ...args)
    : undefined
  const deliveries = wish.events
    ? db.get<{ count: number; bytes: number }>(
        `SELECT count(*) AS count, coalesce(sum(length(d.body) + length(d.headers)), 0) AS bytes FROM deliveries d JOIN
           (SELECT e.delivery_seq AS seq, count(*) AS taken ${joins} WHERE ${condition} GROUP BY e.delivery_seq) x ON x.seq = d.seq
         WHERE x.taken = (SELECT count(*) FROM events o WHERE o.delivery_seq = d.seq)`,
        ...args,
      )
    : undefined
  const rejected = wish.rejected
    ? db.get<{ count: number; bytes: number }>(
        'SELECT count(*) AS count, coalesce(sum(length(body) + length(headers)), 0) AS bytes FROM rejected WHERE received_at < ?',
        wish.filter.until ?? Number.MAX_SAFE_INTEGER,
      )
    : undefined
  const fetched = wish.events
    ? db.get<{ bytes: number }>(
        `SELECT coalesce(sum(length(r.body)), 0) AS bytes FROM records r WHERE NOT EXISTS (SELECT 1 FROM event_records x
           WHERE x.record_seq = r.seq AND x.event_seq NOT IN (SELECT e.seq ${joins} WHERE ${condition}))`,
        ...args,
      )
    : undefined
  return {
    events: events?.count ?? 0,
    deliveries: deliveries?.count ?? 0,
    rejected: rejected?.count ?? 0,
    bytes: (deliveries?.bytes ?? 0) + (rejected?.bytes ?? 0) + (fetched?.bytes ?? 0),
  }
}

/** Takes at most so many events (and as many rejected requests) away; `isDone` where none is left. */
export function pruneSlice(db: Db, { limit, ...wish }: PruneWish & { limit: number }): Pruned & { isDone: boolean } {
  const pruned = { events: 0, deliveries: 0, rejected: 0, bytes: 0 }
  let isDone = true
  if (wish.events) {
    const { condition, args } = chosen(wish)
    const select = `SELECT e.seq, e.delivery_seq AS deliverySeq ${joins} WHERE ${condition} ORDER BY e.seq LIMIT ?`
    const found = db.all<{ seq: number; deliverySeq: number }>(select, ...args, limit)
    const before = fetchedBytes(db)
    for (const { seq } of found) {
      db.run('UPDATE events SET repeat_of = NULL WHERE repeat_of = ?', seq)
      pruned.events += db.run('DELETE FROM events WHERE seq = ?', seq).changes
    }
    pruned.bytes += before - fetchedBytes(db)
    for (const seq of new Set(found.map(({ deliverySeq }) => deliverySeq))) pruneDelivery(db, seq, pruned)
    isDone = found.length < limit
  }
  if (wish.rejected) {
    const select = 'SELECT seq, length(body) + length(headers) AS bytes FROM rejected WHERE received_at < ? LIMIT ?'
    const found = db.all<{ seq: number; bytes: number }>(select, wish.filter.until ?? Number.MAX_SAFE_INTEGER, limit)
    for (const { seq, bytes } of found) {
      pruned.rejected += db.run('DELETE FROM rejected WHERE seq = ?', seq).changes
      pruned.bytes += bytes
    }
    isDone &&= found.length < limit
  }
  if (pruned.deliveries > 0) raiseSearchEpoch(db)
  return { ...pruned, isDone }
}

/** The bytes of what was fetched; that of an event goes with it. */
function fetchedBytes(db: Db): number {
  return db.get<{ bytes: number }>('SELECT coalesce(sum(length(body)), 0) AS bytes FROM records')?.bytes ?? 0
}

/** A delivery of which nothing is left, with what was sent of it. */
function pruneDelivery(db: Db, seq: number, pruned: Pruned): void {
  if (db.get('SELECT 1 FROM events WHERE delivery_seq = ?', seq)) return
  const size = 'SELECT length(body) + length(headers) AS bytes FROM deliveries WHERE seq = ?'
  pruned.bytes += db.get<{ bytes: number }>(size, seq)?.bytes ?? 0
  db.run('DELETE FROM forwards WHERE delivery_seq = ?', seq)
  db.run('DELETE FROM attempts WHERE delivery_seq = ?', seq)
  pruned.deliveries += db.run('DELETE FROM deliveries WHERE seq = ?', seq).changes
}
