import { type EventWish, eventConditions, whereSql } from './count-events.ts'
import type { Db } from './database.ts'
import { idSql } from './row-ids.ts'

/** An event as every view shows it. Times are milliseconds since 1970. */
export interface StoredEvent {
  seq: number
  id: string
  deliverySeq: number
  deliveryId: string
  appId: number
  app: string
  provider: string
  env: string
  scope: 'tenant' | 'parked' | 'app'
  reason: string | null
  fault: string | null
  tenant: string | null
  /** The tenant whose activation verified it, and who alone may ever get it. */
  bound: string | null
  accountKind: string | null
  account: string | null
  place: string | null
  pointer: string
  shape: string | null
  part: number
  parts: number
  event: string | null
  providerEvent: string | null
  providerEventId: string | null
  derivedId: string | null
  resourceType: string | null
  resourceId: string | null
  deletedId: string | null
  occurredAt: string | null
  receivedAt: number
  verified: 'signature' | 'token' | 'none'
  source: string
  repeatOf: string | null
  /** How often the event that this one repeats (or this one itself) came again. */
  repeats: number
  releasedAt: number | null
  /** Where it goes: a JSON array of EventForward, in the order in which they were made. */
  forwards: string
  /** Its bytes in the body of its delivery. */
  start: number
  length: number
  /** Of an import: what the store that it came from said of it, as JSON. */
  origin: string | null
}

/** One way an event goes, as views show it. */
export interface EventForward {
  seq: number
  target: string
  state: 'open' | 'done' | 'failed' | 'final'
  tries: number
  status: number | null
  error: string | null
  nextAt: number | null
}

const columns = `e.seq, e.id, e.delivery_seq AS deliverySeq, d.id AS deliveryId, e.app_id AS appId, a.name AS app, a.provider, a.env, e.scope, e.reason,
  e.fault, t.name AS tenant, b.name AS bound, c.kind AS accountKind, c.value AS account, e.place, e.pointer, e.shape, e.part, d.parts, e.event,
  e.provider_event AS providerEvent, e.provider_event_id AS providerEventId, e.derived_id AS derivedId,
  e.resource_type AS resourceType, e.resource_id AS resourceId, e.deleted_id AS deletedId, e.occurred_at AS occurredAt,
  e.received_at AS receivedAt, d.verified, d.source, (SELECT ${idSql('events', 'o')} FROM events o WHERE o.seq = e.repeat_of) AS repeatOf, coalesce((SELECT repeats FROM events WHERE seq = e.repeat_of), e.repeats) AS repeats,
  e.released_at AS releasedAt, e.start, e.length,
  iif(d.source = 'import', (SELECT origin FROM imports WHERE delivery_seq = d.seq), NULL) AS origin`
const joins = `CROSS JOIN deliveries d ON d.seq = e.delivery_seq CROSS JOIN apps a ON a.id = e.app_id
  LEFT JOIN tenants t ON t.id = e.tenant_id LEFT JOIN tenants b ON b.id = e.bound_tenant_id LEFT JOIN accounts c ON c.id = e.account_id`

/**
 * Gives events their ids (an event came when its delivery did) and their forwards, which are read once for all of them.
 */
function withForwards(db: Db, events: Omit<StoredEvent, 'forwards'>[]): StoredEvent[] {
  const deliveries = [...new Set(events.map(({ deliverySeq }) => deliverySeq))]
  const rows = db.all<EventForward & { events: string }>(
    `SELECT seq, target, state, tries, last_status AS status, last_error AS error, next_at AS nextAt, events
     FROM forwards WHERE delivery_seq IN (SELECT value FROM json_each(?)) ORDER BY seq`,
    JSON.stringify(deliveries),
  )
  const found = new Map<number, EventForward[]>()
  for (const { events: seqs, ...forward } of rows) {
    for (const seq of JSON.parse(seqs) as number[]) {
      const all = found.get(seq)
      if (all) all.push(forward)
      else found.set(seq, [forward])
    }
  }
  return events.map(event => {
    const forwards = found.get(event.seq)
    event.id ||= db.ids.events.idOf(event.seq, event.receivedAt)
    event.deliveryId ||= db.ids.deliveries.idOf(event.deliverySeq, event.receivedAt)
    return Object.assign(event, { forwards: forwards ? JSON.stringify(forwards) : '[]' })
  })
}

export interface EventQuery extends EventWish {
  /** `newest` first, or `oldest` first. */
  order: 'newest' | 'oldest'
  /** Only behind this seq (in the direction of the order). */
  after?: number
  limit: number
}

/** Stored events that pass a filter. */
export function listEvents(db: Db, query: EventQuery): StoredEvent[] {
  const newest = query.order === 'newest'
  const { after = 0 } = query
  const looking = { hint: newest || after === 0 || isFar(db, after), time: after === 0 }
  const { where, args } = eventConditions(db, query, looking)
  if (query.after !== undefined) {
    where.push(newest ? 'e.seq < ?' : 'e.seq > ?')
    args.push(query.after)
  }
  const sql = `SELECT ${columns} FROM events e NOT INDEXED ${joins} ${whereSql(where)} ORDER BY e.seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`
  return withForwards(db, db.all<Omit<StoredEvent, 'forwards'>>(sql, ...args, query.limit))
}

/** Whether so much lies behind an event that an index pays. */
function isFar(db: Db, after: number): boolean {
  const { seq } = db.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM events') ?? { seq: 0 }
  return seq - after > 2_000
}

/** The bytes of an event's item. */
export function readItem(db: Db, { seq }: { seq: number }): Buffer | null {
  const sql = `SELECT substr(d.body, e.start + 1, e.length) AS item FROM events e JOIN deliveries d ON d.seq = e.delivery_seq WHERE e.seq = ?`
  return db.get<{ item: Buffer }>(sql, seq)?.item ?? null
}

/** The bytes of a delivery. */
export function readBody(db: Db, { seq }: { seq: number }): Buffer | null {
  return db.get<{ body: Buffer }>('SELECT body FROM deliveries WHERE seq = ?', seq)?.body ?? null
}

/** The newest of each stream: where a follower begins. */
export interface Cursors {
  event: number
  attempt: number
  rejected: number
}

export function readCursors(db: Db): Cursors {
  return db.get<Cursors>(
    `SELECT (SELECT coalesce(max(seq), 0) FROM events) AS event, (SELECT coalesce(max(seq), 0) FROM attempts) AS attempt,
       (SELECT coalesce(max(seq), 0) FROM rejected) AS rejected`,
  ) as Cursors
}

/**
 * Where a follower begins that wants what came at or after a time: behind everything that is older than the first of
 * it. What is rechecked is stored later than it came, so seqs and times are not in one order.
 */
export function cursorsAt(db: Db, { at }: { at: number }): Cursors {
  const newest = readCursors(db)
  const before = (table: 'events' | 'attempts' | 'rejected', column: 'received_at' | 'at'): number | undefined => {
    const first = db.get<{ seq: number | null }>(`SELECT min(seq) AS seq FROM ${table} WHERE ${column} >= ?`, at)?.seq
    return first ? first - 1 : undefined
  }
  return {
    event: before('events', 'received_at') ?? newest.event,
    attempt: before('attempts', 'at') ?? newest.attempt,
    rejected: before('rejected', 'received_at') ?? newest.rejected,
  }
}

export interface StoredDeliveryRow {
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
  status: number
  secretFingerprint: string | null
  verified: string
  /** Which scheme of the definition verified it, and over which callback URL where it signs that. */
  scheme: number | null
  url: string | null
  /** The number of the activation whose key or secret verified it. */
  activation: number | null
  source: string
  items: number
  parts: number
}

export function readDelivery(db: Db, { seq }: { seq: number }): StoredDeliveryRow | null {
  const row = db.get<StoredDeliveryRow>(
    `SELECT d.seq, ${idSql('deliveries', 'd')} AS id, d.app_id AS appId, a.name AS app, a.provider, a.env, d.received_at AS receivedAt, d.method, d.path, d.suffix, d.headers, d.body,
       d.status, d.secret_fingerprint AS secretFingerprint, d.verified, d.scheme, d.url, d.activation_id AS activation, d.source,
       d.items, d.parts
     FROM deliveries d JOIN apps a ON a.id = d.app_id WHERE d.seq = ?`,
    seq,
  )
  return row ?? null
}

/** One event with all columns, or null. */
export function readEvent(db: Db, { seq }: { seq: number }): StoredEvent | null {
  const sql = `SELECT ${columns} FROM events e ${joins} WHERE e.seq = ?`
  return withForwards(db, db.all<Omit<StoredEvent, 'forwards'>>(sql, seq))[0] ?? null
}

export function eventsOfDelivery(db: Db, { deliverySeq }: { deliverySeq: number }): StoredEvent[] {
  const sql = `SELECT ${columns} FROM events e ${joins} WHERE e.delivery_seq = ? ORDER BY e.seq`
  return withForwards(db, db.all<Omit<StoredEvent, 'forwards'>>(sql, deliverySeq))
}

/**
 * The newest event (or the newest whose forward failed), or null: the ids `last` and `last-failed`. One that tells of a
 * consent is meant only where nothing else came lately.
 */
export function lastEvent(db: Db, { failed }: { failed: boolean }): StoredEvent | null {
  const events = listEvents(db, { filter: failed ? { failed } : {}, order: 'newest', limit: 20 })
  return events.find(({ source }) => source !== 'lifecycle') ?? events[0] ?? null
}
