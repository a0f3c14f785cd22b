import { tailOf } from '../core/ids.ts'
import type { IngestedItem } from '../core/ingest.ts'
import type { Db } from './database.ts'
import { type Draft, draftEvents, firstEvent } from './resolve.ts'
import { makeForwards, type RoutableEvent } from './route-forwards.ts'

/** A delivery that verified, with what `ingest` read from it. */
export interface NewDelivery {
  appId: number
  receivedAt: number
  method: string
  /** The path of the callback URL that was called, without what follows it. */
  path: string
  /** What follows it: further path and query. */
  suffix: string
  /** Raw headers as a JSON array. */
  headers: string
  body: Uint8Array
  status: number
  secretFingerprint: string
  verified: 'signature' | 'token' | 'none'
  source: Source
  items: IngestedItem[]
  /** The rejected request that this was before its secret was known; it leaves that list. */
  rejectedSeq?: number
}
export type Source = 'delivery' | 'trigger' | 'catch-up' | 'follow-up' | 'lifecycle' | 'import'

/** What was stored; `events` is 0 where every account in it is ignored, and then nothing is kept. */
export interface StoredDelivery {
  seq: number
  events: number
}

/** Stores a delivery, its events and its forwards, and resolves whose each event is: one decision, in one transaction. */
export function ingestDelivery(db: Db, input: NewDelivery): StoredDelivery {
  if (input.rejectedSeq !== undefined) {
    // Two processes may look at the same kept request: the one that comes second finds it taken.
    const { changes } = db.run('DELETE FROM rejected WHERE seq = ?', input.rejectedSeq)
    if (changes === 0) return { seq: 0, events: 0 }
  }
  const drafts = draftEvents(db, input)
  if (drafts.length === 0) return { seq: 0, events: 0 }
  const parts = drafts.reduce((most, draft) => Math.max(most, draft.part), 0)
  const id = db.makeId('dlv')
  const { lastInsertRowid: seq } = db.run(
    `INSERT INTO deliveries (id, tail, app_id, received_at, method, path, suffix, headers, body, status,
       secret_fingerprint, verified, source, items, parts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    tailOf(id),
    input.appId,
    input.receivedAt,
    input.method,
    input.path,
    input.suffix,
    input.headers,
    input.body,
    input.status,
    input.secretFingerprint,
    input.verified,
    input.source,
    input.items.length,
    parts,
  )
  const inserted = drafts.map(draft => insertEvent(db, input, seq, draft))
  makeForwards(db, seq, input.appId, inserted)
  return { seq, events: drafts.length }
}

function insertEvent(db: Db, input: NewDelivery, deliverySeq: number, draft: Draft): RoutableEvent {
  const { item, account } = draft
  const repeatOf = firstEvent(db, { ...draft, providerEventId: item.providerEventId })
  if (repeatOf !== null) db.run('UPDATE events SET repeats = repeats + 1 WHERE seq = ?', repeatOf)
  const scope = draft.tenantId === null ? 'parked' : 'tenant'
  const id = db.makeId('evt')
  const { lastInsertRowid: seq } = db.run(
    `INSERT INTO events (id, tail, delivery_seq, app_id, received_at, start, length, pointer, shape, part, scope, reason,
       fault, tenant_id, mapping_id, account_id, place, provider_event, event, provider_event_id, derived_id, occurred_at,
       resource_type, resource_id, deleted_id, repeat_of)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    tailOf(id),
    deliverySeq,
    input.appId,
    input.receivedAt,
    item.start,
    item.length,
    item.pointer,
    item.shape,
    draft.part,
    scope,
    draft.reason,
    item.fault,
    draft.tenantId,
    draft.mappingId,
    draft.accountId,
    account?.place ?? null,
    item.providerEvent,
    item.event,
    item.providerEventId,
    item.derivedId,
    item.occurredAt,
    item.resource?.type ?? null,
    item.resource?.id ?? null,
    item.resource?.deletedId ?? null,
    repeatOf,
  )
  return {
    seq,
    tenantId: draft.tenantId,
    repeatOf,
    facts: {
      tenant: draft.tenant,
      account: account?.value ?? null,
      scope,
      event: item.event,
      providerEvent: item.providerEvent,
      resource: item.resource ? `${item.resource.type}/${item.resource.id}` : null,
    },
  }
}
