import { isSuccess } from '../core/retry.ts'
import type { Db } from './database.ts'
import { idSql } from './row-ids.ts'

/** An open forward without its bytes: what lanes hold in memory. */
export interface OpenForward {
  seq: number
  tenantId: number | null
  target: string
  tries: number
  busy: number
  /** When its own retry schedule is due (ms since 1970); null: it waits for its turn in the lane. */
  nextAt: number | null
}

/** Open forwards behind a seq, oldest first. */
export function openForwards(db: Db, { after, limit }: { after: number; limit: number }): OpenForward[] {
  return db.all<OpenForward>(
    `SELECT seq, tenant_id AS tenantId, target, tries, busy, next_at AS nextAt FROM forwards
     WHERE state = 'open' AND target <> '' AND seq > ? ORDER BY seq LIMIT ?`,
    after,
    limit,
  )
}

/** Everything that is needed to send one part of a delivery. */
export interface ForwardWork {
  seq: number
  state: string
  deliverySeq: number
  deliveryId: string
  appId: number
  app: string
  provider: string
  tenantId: number | null
  tenant: string | null
  target: string
  method: string
  suffix: string
  headers: string
  body: Buffer
  secretFingerprint: string | null
  verified: string
  /** Which scheme of the definition verified it, and over which callback URL where it signs that. */
  scheme: number | null
  url: string | null
  /** The number of the activation whose key or secret verified it. */
  activation: number | null
  source: string
  receivedAt: number
  /** How many items the delivery has, also those that are not of this forward. */
  items: number
  parts: number
  tries: number
  busy: number
  firstTryAt: number | null
  events: ForwardEvent[]
}
export interface ForwardEvent {
  seq: number
  id: string
  start: number
  part: number
  account: string | null
  event: string | null
}

/** One forward with its delivery, or null when it is gone. */
export function readForward(db: Db, { seq }: { seq: number }): ForwardWork | null {
  const row = db.get<Omit<ForwardWork, 'events'> & { eventSeqs: string }>(
    `SELECT f.seq, f.state, f.delivery_seq AS deliverySeq, f.tenant_id AS tenantId, t.name AS tenant, f.target, f.tries, f.busy,
       f.first_try_at AS firstTryAt, f.events AS eventSeqs, ${deliveryColumns}
     FROM forwards f JOIN deliveries d ON d.seq = f.delivery_seq JOIN apps a ON a.id = d.app_id
     LEFT JOIN tenants t ON t.id = f.tenant_id WHERE f.seq = ?`,
    seq,
  )
  if (!row) return null
  const { eventSeqs, ...work } = row
  return { ...work, events: readForwardEvents(db, JSON.parse(eventSeqs) as number[]) }
}

/** Of a delivery d of an app a. */
export const deliveryColumns = `${idSql('deliveries', 'd')} AS deliveryId, d.app_id AS appId, a.name AS app, a.provider, d.method, d.suffix, d.headers, d.body,
  d.secret_fingerprint AS secretFingerprint, d.verified, d.scheme, d.url, d.activation_id AS activation, d.source, d.received_at AS receivedAt, d.items, d.parts`

function readForwardEvents(db: Db, seqs: number[]): ForwardEvent[] {
  return seqs.flatMap(seq => {
    const sql = `SELECT e.seq, ${idSql('events', 'e')} AS id, e.start, e.part, e.event, c.value AS account FROM events e
      LEFT JOIN accounts c ON c.id = e.account_id WHERE e.seq = ?`
    const row = db.get<ForwardEvent>(sql, seq)
    return row ? [row] : []
  })
}

/** One try at a forward, or a person's replay. */
export interface NewAttempt {
  /** Null for a replay, which closes an open forward of the same delivery, tenant and target by a 2xx. */
  forwardSeq: number | null
  deliverySeq: number
  tenantId: number | null
  target: string
  eventSeqs: number[]
  number: number
  at: number
  ms: number
  status: number | null
  error: string | null
  hint: string | null
  answerHeaders: string | null
  answerBody: Uint8Array | null
  /** What a person changed for a replay, in words; such a one closes nothing. */
  changed?: string | null
  /** A replay with the signature as it came. */
  kept?: boolean
  /** What becomes of the forward. Ignored for a replay. */
  state: 'open' | 'done' | 'failed' | 'final'
  busy: number
  nextAt: number | null
}

/**
 * Writes an attempt down and moves its forward on. Of a tenant or app that is gone meanwhile nothing is kept; `seq` is
 * then 0.
 */
export function recordAttempt(db: Db, input: NewAttempt): { seq: number } {
  const sql = 'SELECT 1 FROM events WHERE seq = ? AND +tenant_id IS ?'
  if (!input.eventSeqs.some(seq => db.get(sql, seq, input.tenantId))) return { seq: 0 }
  const events = JSON.stringify(input.eventSeqs)
  const { lastInsertRowid: seq } = db.run(
    `INSERT INTO attempts (forward_seq, delivery_seq, tenant_id, target, events, number, replay, changed, at, ms, status, error, next_at, hint,
       answer_headers, answer_body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    input.forwardSeq,
    input.deliverySeq,
    input.tenantId,
    input.target,
    events,
    input.number,
    input.forwardSeq !== null ? 0 : input.kept ? 2 : 1,
    input.changed ?? null,
    input.at,
    input.ms,
    input.status,
    input.error,
    input.nextAt,
    input.hint,
    input.answerHeaders,
    input.answerBody,
  )
  if (input.forwardSeq !== null) {
    db.run(
      `UPDATE forwards SET state = ?, tries = ?, busy = ?, next_at = ?, first_try_at = coalesce(first_try_at, ?),
         last_status = ?, last_error = ? WHERE seq = ? AND state = 'open'`,
      input.state,
      input.number,
      input.busy,
      input.nextAt,
      input.at,
      input.status,
      input.error,
      input.forwardSeq,
    )
  } else if (!input.changed && isSuccess(input.status)) {
    closeByReplay(db, input)
  }
  return { seq }
}

function closeByReplay(db: Db, input: NewAttempt): void {
  const sent = new Set(input.eventSeqs)
  const sql =
    "SELECT seq, events FROM forwards WHERE delivery_seq = ? AND tenant_id IS ? AND target = ? AND state IN ('open', 'failed', 'final')"
  for (const forward of db.all<{ seq: number; events: string }>(sql, input.deliverySeq, input.tenantId, input.target)) {
    if (!(JSON.parse(forward.events) as number[]).every(event => sent.has(event))) continue
    db.run(
      "UPDATE forwards SET state = 'done', next_at = NULL, last_status = ? WHERE seq = ?",
      input.status,
      forward.seq,
    )
  }
}

/** Tries a forward's attempts were answered by: whether it is still open (a replay may have closed it meanwhile). */
export function forwardState(db: Db, { seq }: { seq: number }): string | null {
  return db.get<{ state: string }>('SELECT state FROM forwards WHERE seq = ?', seq)?.state ?? null
}
