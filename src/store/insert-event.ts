import type { Db } from './database.ts'
import { firstEvent } from './first-event.ts'
import type { NewDelivery } from './ingest-ops.ts'
import { lifeShape } from './life-shape.ts'
import type { Draft } from './resolve.ts'
import type { RoutableEvent } from './route-forwards.ts'

/** What of a delivery stands in its row. */
export type DeliveryRow = Omit<NewDelivery, 'items' | 'refused' | 'rejectedSeq' | 'origin'>

/** Stores a delivery without its events; `items` are all that it has. Returns its number. */
export function insertDelivery(db: Db, input: DeliveryRow, items: number, parts: number): number {
  const { lastInsertRowid } = db.run(
    `INSERT INTO deliveries (id, app_id, received_at, method, path, suffix, headers, body, status,
       secret_fingerprint, verified, scheme, url, activation_id, source, items, parts)
     VALUES ('', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    input.scheme,
    input.url,
    input.activation,
    input.source,
    items,
    parts,
  )
  return lastInsertRowid
}

/** The event that a draft repeats: by the provider's own id, or, where there is none in common, what was caught up before. */
export function repeatedBy(db: Db, draft: Draft): number | null {
  const { item, accountId, tenantId, boundTenantId } = draft
  const first = firstEvent(db, { accountId, providerEventId: item.providerEventId, tenantId, boundTenantId })
  return first === null && item.change !== undefined ? caughtBefore(db, draft) : first
}

/** What was caught up of the same change, for the same tenant. */
export function caughtBefore(db: Db, { item: { change }, accountId, tenantId }: Draft): number | null {
  if (change === undefined || accountId === null || tenantId === null) return null
  const { resource, at, within } = change
  const row = db.get<{ seq: number }>(
    `SELECT c.event_seq AS seq FROM caught c JOIN events e ON e.seq = c.event_seq
     WHERE c.account_id = ? AND c.resource = ? AND c.at BETWEEN ? AND ? AND e.tenant_id = ? ORDER BY abs(c.at - ?) LIMIT 1`,
    accountId,
    resource,
    at - within,
    at + within,
    tenantId,
    at,
  )
  return row?.seq ?? null
}

/** Stores an event, which may repeat another one. */
export function insertEvent(
  db: Db,
  input: Pick<NewDelivery, 'appId' | 'receivedAt' | 'source'>,
  deliverySeq: number,
  draft: Draft,
  repeatOf: number | null,
): RoutableEvent {
  const { item, account, scope } = draft
  if (repeatOf !== null) db.run('UPDATE events SET repeats = repeats + 1 WHERE seq = ?', repeatOf)
  const { lastInsertRowid: seq } = db.run(
    `INSERT INTO events (id, delivery_seq, app_id, received_at, start, length, pointer, shape, part, scope, reason,
       fault, tenant_id, mapping_id, activation_id, bound_tenant_id, account_id, place, provider_event, event,
       provider_event_id, derived_id, occurred_at, resource_type, resource_id, deleted_id, repeat_of)
     VALUES ('', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    draft.activation,
    draft.boundTenantId,
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
  for (const [position, { accountId, place }] of draft.several.entries()) {
    // A delivery can name one account at two places.
    const insert = 'INSERT INTO event_accounts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
    db.run(insert, seq, accountId, position, place)
  }
  if (draft.resolution !== undefined) db.run('INSERT INTO event_resolutions VALUES (?, ?)', seq, draft.resolution)
  if (item.feed !== undefined && input.source !== 'import') db.run('INSERT INTO pings VALUES (?, ?)', seq, item.feed)
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
      life: item.shape === lifeShape,
    },
  }
}
