import type { IngestedItem, NamedAccount } from '../core/ingest.ts'
import type { Db } from './database.ts'

/** Who an account belongs to, as the writer remembers it while the configuration stands still. */
interface Owner {
  accountId: number
  owners: { tenantId: number; tenant: string; mappingId: number }[]
  ignored: string | null
}
/** An event on its way into the store: an item for one tenant, or parked. */
export interface Draft {
  item: IngestedItem
  part: number
  account: NamedAccount | null
  accountId: number | null
  tenantId: number | null
  tenant: string | null
  mappingId: number | null
  reason: string | null
}
/**
 * Whose each item is. An item whose account belongs to two tenants becomes two events, one of an unknown account is
 * parked, one of an ignored account is counted and left out.
 */
export function draftEvents(db: Db, input: { appId: number; receivedAt: number; items: IngestedItem[] }): Draft[] {
  const drafts: Draft[] = []
  const parts = new Map<string, number>()
  const partOf = (owner: string): number => {
    const known = parts.get(owner)
    if (known) return known
    parts.set(owner, parts.size + 1)
    return parts.size
  }
  for (const item of input.items) {
    if (item.fault !== null) {
      const nobody = { account: null, accountId: null, tenantId: null, tenant: null, mappingId: null }
      drafts.push({ item, part: partOf('unreadable'), ...nobody, reason: 'unreadable' })
      continue
    }
    for (const account of item.accounts) {
      const { accountId, owners, ignored } = ownerOf(db, input.appId, account, input.receivedAt)
      if (owners.length === 0 && ignored !== null) {
        const count = 'UPDATE ignored SET times = times + 1, last_at = ? WHERE app_id = ? AND value = ?'
        db.run(count, input.receivedAt, input.appId, ignored)
        continue
      }
      for (const { tenantId, tenant, mappingId } of owners) {
        const part = partOf(`tenant ${tenantId}`)
        drafts.push({ item, part, account, accountId, tenantId, tenant, mappingId, reason: null })
      }
      if (owners.length > 0) continue
      const nobody = { tenantId: null, tenant: null, mappingId: null }
      drafts.push({
        item,
        part: partOf(`account ${accountId}`),
        account,
        accountId,
        ...nobody,
        reason: 'unknown-account',
      })
    }
  }
  return onePerTenant(drafts)
}

/** An item that names two accounts of one tenant is one event of it, not two. */
function onePerTenant(drafts: Draft[]): Draft[] {
  const seen = new Set<string>()
  return drafts.filter(draft => {
    if (draft.tenantId === null) return true
    const key = `${draft.item.start} ${draft.tenantId}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function ownerOf(db: Db, appId: number, account: NamedAccount, seenAt: number): Owner {
  const key = `owner ${appId} ${account.kind} ${account.value}`
  const known = db.cache.get(key)
  if (known) return known as Owner
  const accountId = accountIdOf(db, appId, account.kind, account.value, seenAt)
  const owners = db.all<Owner['owners'][number]>(
    `SELECT m.tenant_id AS tenantId, t.name AS tenant, m.id AS mappingId
     FROM mappings m JOIN tenants t ON t.id = m.tenant_id WHERE m.account_id = ? ORDER BY m.id`,
    accountId,
  )
  const ignored = db.get<{ value: string }>(
    "SELECT value FROM ignored WHERE app_id = ? AND value IN (?, '*') ORDER BY value = '*' LIMIT 1",
    appId,
    account.value,
  )
  const owner: Owner = { accountId, owners, ignored: ignored?.value ?? null }
  if (db.cache.size > 100_000) db.cache.clear()
  db.cache.set(key, owner)
  return owner
}

/**
 * The first event with the provider's own id for the same account and tenant, or null. Without such an id there is none:
 * derived ids never fold.
 */
export function firstEvent(
  db: Db,
  key: { accountId: number | null; providerEventId: string | null; tenantId: number | null },
): number | null {
  if (key.providerEventId === null || key.accountId === null) return null
  const row = db.get<{ seq: number }>(
    `SELECT seq FROM events WHERE account_id = ? AND provider_event_id = ? AND repeat_of IS NULL AND tenant_id IS ?
     ORDER BY seq LIMIT 1`,
    key.accountId,
    key.providerEventId,
    key.tenantId,
  )
  return row?.seq ?? null
}

/** The id of an account, which is made when it was never seen. */
export function accountIdOf(db: Db, appId: number, kind: string, value: string, seenAt: number): number {
  const row = db.get<{ id: number }>(
    'SELECT id FROM accounts WHERE app_id = ? AND kind = ? AND value = ?',
    appId,
    kind,
    value,
  )
  if (row) return row.id
  const insert = 'INSERT INTO accounts (app_id, kind, value, first_seen_at) VALUES (?, ?, ?, ?)'
  return db.run(insert, appId, kind, value, seenAt).lastInsertRowid
}
