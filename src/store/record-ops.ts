import type { Db } from './database.ts'

/** Why a thing could not be fetched, in the words of the terminal. */
export interface RecordFailure {
  code: string
  what: string
  why: string | null
  next: string | null
}

/** What the API was asked for, for events that are about one thing. */
export interface NewRecord {
  eventSeqs: number[]
  at: number
  ms: number
  /** Null where the API was not asked, or did not answer. */
  status: number | null
  /** The thing is not there any more. */
  deleted: boolean
  /** The call, without host and query. */
  call: string | null
  /** The answer, whole, and where in it the thing stands. */
  body: Uint8Array | null
  start: number
  length: number
  failure: RecordFailure | null
  /** When it is asked again. */
  nextAt: number | null
}

/** A record as views show it. */
export interface StoredRecord extends Omit<NewRecord, 'eventSeqs' | 'body'> {
  /** Its place among all, by which followers go on. */
  seq: number
  eventSeq: number
  eventId: string
  body: Buffer | null
}

/**
 * Keeps what was fetched beside its events, in the place of what was kept before: a failure takes the place of failures alone.
 * One that is tried again and says the same as before is no second record. What is not tried again is wanted no more.
 */
export function keepRecord(db: Db, input: NewRecord): void {
  const { eventSeqs, failure, nextAt } = input
  const told = eventSeqs.filter(seq => !isSameAgain(db, seq, input))
  if (told.length > 0) {
    const seq = insertRecord(db, input)
    const older = `DELETE FROM event_records WHERE event_seq = ? AND record_seq <> ?
      ${failure === null ? '' : 'AND record_seq IN (SELECT seq FROM records WHERE failure IS NOT NULL)'}`
    for (const eventSeq of told) {
      db.run('INSERT INTO event_records (event_seq, record_seq) VALUES (?, ?)', eventSeq, seq)
      db.run(older, eventSeq, seq)
    }
  }
  const again = 'UPDATE wanted_records SET tries = tries + 1, next_at = ? WHERE event_seq = ?'
  for (const eventSeq of eventSeqs) {
    if (nextAt === null) db.run('DELETE FROM wanted_records WHERE event_seq = ?', eventSeq)
    else db.run(again, nextAt, eventSeq)
  }
}

function insertRecord(
  db: Db,
  { at, ms, status, deleted, call, body, start, length, failure, nextAt }: NewRecord,
): number {
  const said = failure && JSON.stringify(failure)
  return db.run(
    `INSERT INTO records (at, ms, status, deleted, call, body, start, length, failure, next_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    at,
    Math.round(ms),
    status,
    deleted ? 1 : 0,
    call,
    body,
    start,
    length,
    said,
    nextAt,
  ).lastInsertRowid
}

function isSameAgain(db: Db, eventSeq: number, { failure, nextAt }: NewRecord): boolean {
  if (failure === null || nextAt === null) return false
  const last = db.get<{ code: string | null }>(
    `SELECT json_extract(r.failure, '$.code') AS code FROM event_records e JOIN records r ON r.seq = e.record_seq
     WHERE e.event_seq = ? ORDER BY e.seq DESC LIMIT 1`,
    eventSeq,
  )
  return last?.code === failure.code
}

type Row = Omit<StoredRecord, 'deleted' | 'failure' | 'eventId'> & {
  deleted: number
  failure: string | null
  receivedAt: number
}

const select = `SELECT x.seq, x.event_seq AS eventSeq, e.received_at AS receivedAt, r.at, r.ms, r.status, r.deleted, r.call, r.body,
    r.start, r.length, r.failure, r.next_at AS nextAt
  FROM event_records x JOIN records r ON r.seq = x.record_seq JOIN events e ON e.seq = x.event_seq`

function recordOfRow(db: Db, { deleted, failure, receivedAt, ...row }: Row): StoredRecord {
  const said = failure === null ? null : (JSON.parse(failure) as RecordFailure)
  const eventId = db.ids.events.idOf(row.eventSeq, receivedAt)
  return { ...row, eventId, deleted: deleted === 1, failure: said }
}

/** What is kept of an event's thing: the newest that was fetched, else why that failed; null where it was never asked for. */
export function recordOf(db: Db, { eventSeq }: { eventSeq: number }): StoredRecord | null {
  const sql = `${select} WHERE x.event_seq = ? ORDER BY r.failure IS NOT NULL, x.seq DESC LIMIT 1`
  const row = db.get<Row>(sql, eventSeq)
  return row ? recordOfRow(db, row) : null
}

/** The records behind a number, in the order in which they came. */
export function recordsAfter(db: Db, { after, limit }: { after: number; limit: number }): StoredRecord[] {
  return db.all<Row>(`${select} WHERE x.seq > ? ORDER BY x.seq LIMIT ?`, after, limit).map(row => recordOfRow(db, row))
}

/** The number of the newest record; 0 where there is none. */
export function lastRecord(db: Db): number {
  return db.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM event_records')?.seq ?? 0
}

/**
 * The connection (`con_…`) with whose token an event's thing is read: that by which the event is its tenant's. Null where there
 * is none, such as for an account that was mapped by hand: the token of another one would not find the thing.
 */
export function recordConnection(db: Db, { eventSeq }: { eventSeq: number }): string | null {
  const live = "n.state <> 'revoked'"
  const row = db.get<{ id: string | null }>(
    `SELECT coalesce(
       (SELECT n.id FROM mappings m JOIN connections n ON n.seq = m.connection_seq WHERE m.id = e.mapping_id AND ${live}),
       (SELECT n.id FROM activations v JOIN connections n ON n.seq = v.connection_seq WHERE v.seq = e.activation_id AND ${live}),
       (SELECT n.id FROM mappings m JOIN connections n ON n.seq = m.connection_seq
          WHERE m.account_id = e.account_id AND m.tenant_id = e.tenant_id AND ${live} ORDER BY n.seq DESC LIMIT 1),
       (SELECT iif(count(*) = 1, max(n.id), NULL) FROM connections n
          WHERE n.app_id = e.app_id AND n.tenant_id = e.tenant_id AND ${live} AND NOT EXISTS
            (SELECT 1 FROM mappings m WHERE m.account_id = e.account_id AND m.source IN ('connect', 'map')))
     ) AS id FROM events e WHERE e.seq = ?`,
    eventSeq,
  )
  return row?.id ?? null
}
