import type { Filter } from '../core/filter.ts'
import type { Db } from './database.ts'
import type { Cursors } from './event-ops.ts'
import { among, filterJoins, filterSql } from './filter-sql.ts'

/** Which events are looked at. */
export interface EventPlace {
  filter: Filter
  /** Only numbers between these two. */
  above: number
  below: number
  /** Only these. */
  only?: number[]
}

/** The numbers of the events that pass a filter. It looks at no others than those it is told to. */
export function matchEvents(
  db: Db,
  { order, limit, ...place }: EventPlace & { order: 'newest' | 'oldest'; limit: number },
): number[] {
  const { from, args } = matching(place)
  return seqsOf(
    db,
    `SELECT e.seq ${from} ORDER BY e.seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT ?`,
    ...args,
    limit,
  )
}

/** How many of them there are. */
export function countMatches(db: Db, place: EventPlace): number {
  const { from, args } = matching(place)
  return (db.get<{ count: number }>(`SELECT count(*) AS count ${from}`, ...args) as { count: number }).count
}

function matching({ filter, above, below, only }: EventPlace): { from: string; args: (string | number)[] } {
  const { where, args } = filterSql(filter)
  where.push('e.seq > ?', 'e.seq < ?')
  args.push(above, below)
  among(only, where, args)
  return { from: `${filterJoins(filter)} WHERE ${where.join(' AND ')}`, args }
}

function seqsOf(db: Db, sql: string, ...args: (string | number)[]): number[] {
  return db.all<{ seq: number }>(sql, ...args).map(({ seq }) => seq)
}

/** How long the last try of each forward of some deliveries took, by the forward's number. */
export function lastTries(db: Db, { deliverySeqs }: { deliverySeqs: number[] }): Map<number, number> {
  const rows = db.all<{ forward: number; ms: number }>(
    `SELECT forward_seq AS forward, ms FROM attempts
     WHERE delivery_seq IN (SELECT value FROM json_each(?)) AND forward_seq IS NOT NULL ORDER BY seq`,
    JSON.stringify(deliverySeqs),
  )
  return new Map(rows.map(({ forward, ms }) => [forward, ms]))
}

/** Where a stream of changes stands: the newest of everything that it tells of. */
export interface ChangeCursors extends Cursors {
  forward: number
  record: number
}

export function changeCursors(db: Db): ChangeCursors {
  const newest = (table: string): string => `(SELECT coalesce(max(seq), 0) FROM ${table}) AS`
  return db.get<ChangeCursors>(
    `SELECT ${newest('events')} event, ${newest('attempts')} attempt, ${newest('forwards')} forward,
       ${newest('event_records')} record, ${newest('rejected')} rejected`,
  ) as ChangeCursors
}

/**
 * The events up to a number that were tried or given a way since, or whose thing was fetched, in their order; null where
 * they are too many.
 */
export function changedEvents(db: Db, { since, limit }: { since: ChangeCursors; limit: number }): number[] | null {
  const sql = `SELECT DISTINCT j.value AS seq FROM (
      SELECT events FROM attempts WHERE seq > ? UNION ALL SELECT events FROM forwards WHERE seq > ?
      UNION ALL SELECT json_array(event_seq) FROM event_records WHERE seq > ?
    ), json_each(events) j WHERE j.value <= ? LIMIT ?`
  const seqs = seqsOf(db, sql, since.attempt, since.forward, since.record, since.event, limit + 1)
  return seqs.length > limit ? null : seqs.sort((left, right) => left - right)
}

/** How much there is, as the inspector tells it. */
export interface InspectCounts {
  events: number
  parked: number
  rejected: number
}

/** How much is kept that a person may look after. */
export function countKept(db: Db): Pick<InspectCounts, 'parked' | 'rejected'> {
  const count = (of: string): string => `(SELECT count(*) FROM ${of})`
  return db.get(`SELECT ${count("events WHERE scope = 'parked'")} AS parked, ${count('rejected')} AS rejected`) as Pick<
    InspectCounts,
    'parked' | 'rejected'
  >
}

/** Another text whenever an account has become somebody's. */
export function newestMapping(db: Db): string {
  const row = db.get<{ id: number; at: number }>('SELECT id, created_at AS at FROM mappings ORDER BY id DESC LIMIT 1')
  return row ? `${row.id} ${row.at}` : ''
}

/** The first events of a delivery, by their numbers. */
export function firstEventsOf(db: Db, { deliverySeq, limit }: { deliverySeq: number; limit: number }): number[] {
  return seqsOf(db, 'SELECT seq FROM events WHERE delivery_seq = ? ORDER BY seq LIMIT ?', deliverySeq, limit)
}
