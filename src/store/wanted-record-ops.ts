import type { Db } from './database.ts'

/** More wait in no queue: what comes beyond is not fetched by itself. */
const mostWanted = 10_000
const cursor = 'records_upto'

/** From where a listener that fetches goes on: null unless the last one was killed. */
export function wantedUpTo(db: Db): number | null {
  const row = db.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', cursor)
  return row ? Number(row.value) : null
}

/**
 * Notes that the things of these events are to be fetched, and up to which event all have been looked at. Returns how many had
 * no room any more.
 */
export function wantRecords(
  db: Db,
  { events, upTo, at }: { events: number[]; upTo: number; at: number },
): { left: number } {
  const count = db.get<{ count: number }>('SELECT count(*) AS count FROM wanted_records')?.count ?? 0
  const wanted = events.slice(0, Math.max(0, mostWanted - count))
  for (const seq of wanted) {
    // Somebody may have forgotten its tenant meanwhile.
    const insert = `INSERT INTO wanted_records (event_seq, next_at) SELECT seq, ? FROM events WHERE seq = ?
      ON CONFLICT DO NOTHING`
    db.run(insert, at, seq)
  }
  db.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', cursor, String(upTo))
  return { left: events.length - wanted.length }
}

/** A listener that fetches ends in order, or one begins that does not: what comes from now on is not looked at. */
export function endWanting(db: Db): void {
  db.run('DELETE FROM meta WHERE key = ?', cursor)
}

/** Lets what failed be tried at once, since something has changed. */
export function hurryWanted(db: Db, { now }: { now: number }): void {
  db.run('UPDATE wanted_records SET next_at = ? WHERE tries > 0 AND next_at > ?', now, now)
}

/** An event whose thing is to be fetched, and what that is. */
export interface WantedRecord {
  eventSeq: number
  tries: number
  nextAt: number
  appId: number
  tenantId: number
  accountId: number | null
  type: string
  id: string
}

const wanted = `SELECT w.event_seq AS eventSeq, w.tries, w.next_at AS nextAt, e.app_id AS appId, e.tenant_id AS tenantId,
    e.account_id AS accountId, e.resource_type AS type, e.resource_id AS id
  FROM wanted_records w JOIN events e ON e.seq = w.event_seq`

/** Those that are due, longest first. */
export function dueRecords(db: Db, { now, limit }: { now: number; limit: number }): WantedRecord[] {
  return db.all<WantedRecord>(`${wanted} WHERE w.next_at <= ? ORDER BY w.next_at, w.event_seq LIMIT ?`, now, limit)
}

/** All that wait for the same thing, due or not. */
export function wantedAlike(db: Db, thing: Omit<WantedRecord, 'eventSeq' | 'tries' | 'nextAt'>): WantedRecord[] {
  return db.all<WantedRecord>(
    `${wanted} WHERE e.app_id = ? AND e.tenant_id = ? AND e.account_id IS ? AND e.resource_type = ? AND e.resource_id = ?
     ORDER BY w.event_seq`,
    thing.appId,
    thing.tenantId,
    thing.accountId,
    thing.type,
    thing.id,
  )
}

/** How many wait. */
export function countWanted(db: Db): number {
  return db.get<{ count: number }>('SELECT count(*) AS count FROM wanted_records')?.count ?? 0
}
