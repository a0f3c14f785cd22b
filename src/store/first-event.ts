import type { Db } from './database.ts'

export interface RepeatKey {
  accountId: number | null
  providerEventId: string | null
  /** Null where it is parked. */
  tenantId: number | null
  /** Of a parked event: who alone may get it. What two activations brought is never one event. */
  boundTenantId: number | null
}

const first = `SELECT seq FROM events WHERE account_id = ? AND provider_event_id = ? AND repeat_of IS NULL`
// A parameter against the column of a partial index would have the statement compiled anew each time.
const firstOfTenant = `${first} AND tenant_id = ? ORDER BY seq LIMIT 1`
const firstParked = `${first} AND scope = 'parked' AND +bound_tenant_id IS ? ORDER BY seq LIMIT 1`

/**
 * The first event with the provider's own id for the same account and tenant, or null. Without such an id there is none:
 * derived ids never fold.
 */
export function firstEvent(db: Db, { accountId, providerEventId, tenantId, boundTenantId }: RepeatKey): number | null {
  if (providerEventId === null || accountId === null) return null
  const row =
    tenantId === null
      ? db.get<{ seq: number }>(firstParked, accountId, providerEventId, boundTenantId)
      : db.get<{ seq: number }>(firstOfTenant, accountId, providerEventId, tenantId)
  return row?.seq ?? null
}
