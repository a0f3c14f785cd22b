import type { IngestedItem } from '../core/read-item.ts'
import type { Binding } from './bindings.ts'
import type { Db } from './database.ts'
import type { Source } from './ingest-ops.ts'
import { insertDelivery, insertEvent } from './insert-event.ts'
import { draftEvents } from './resolve.ts'
import { makeForwards } from './route-forwards.ts'

/** Where deliveries come from that nobody posted to a callback URL. */
export type OwnSource = Extract<Source, 'catch-up' | 'follow-up' | 'lifecycle'>

const ownSources: string[] = ['catch-up', 'follow-up', 'lifecycle'] satisfies OwnSource[]

/** Whether a delivery is one of our own making: it has no request that could be sent on, only events. */
export function isOwn(source: string): boolean {
  return ownSources.includes(source)
}

/** A delivery that nobody posted: an API's answer, or a fact of ours. */
export interface OwnDelivery {
  appId: number
  receivedAt: number
  source: OwnSource
  /** The call that gave it; of a fact of ours `EVENT` and what it is about. */
  method: string
  path: string
  body: Uint8Array
  /** How many items it has. */
  items: number
  /** How it came about. */
  facts: object
}

/** Stores the row of such a delivery, without its events. Returns its number. */
export function insertOwnDelivery(db: Db, input: OwnDelivery): number {
  const { appId, receivedAt, source, method, path, body, items, facts } = input
  const headers = JSON.stringify(['content-type', 'application/json'])
  const proof = { status: 200, secretFingerprint: '', verified: 'token', scheme: null, url: null } as const
  const request = { method, path, suffix: '', headers, body, activation: null, source }
  // Its events go out one by one, so that there are no parts.
  const seq = insertDelivery(db, { appId, receivedAt, ...request, ...proof }, items, 1)
  db.run('INSERT INTO own_deliveries VALUES (?, ?)', seq, JSON.stringify(facts))
  return seq
}

/**
 * Part of a write: stores such a delivery whole, its events and its forwards, bound to whom `by` says. Returns the numbers
 * of its events.
 */
export function storeOwnDelivery(
  db: Db,
  input: Omit<OwnDelivery, 'items'> & { items: IngestedItem[]; by?: Binding },
): number[] {
  const { items, by, ...delivery } = input
  const { drafts } = draftEvents(db, { ...delivery, items, activation: null, verified: 'token', ...(by ? { by } : {}) })
  if (drafts.length === 0) return []
  const seq = insertOwnDelivery(db, { ...delivery, items: items.length })
  const events = drafts.map(draft => insertEvent(db, delivery, seq, { ...draft, part: 1 }, null))
  makeForwards(db, seq, delivery.appId, events)
  return events.map(event => event.seq)
}

/** How a delivery of our own making came about; null for one that was posted. */
export function ownFacts(db: Db, { deliverySeq }: { deliverySeq: number }): Record<string, unknown> | null {
  const sql = 'SELECT facts FROM own_deliveries WHERE delivery_seq = ?'
  const row = db.get<{ facts: string }>(sql, deliverySeq)
  return row ? (JSON.parse(row.facts) as Record<string, unknown>) : null
}
