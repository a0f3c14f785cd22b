import type { Account } from '../core/account.ts'
import type { Db } from './database.ts'

/** A tenant that has an account, by which row. */
export interface AccountOwner {
  tenantId: number
  tenant: string
  mappingId: number | null
  /** Only a hook of the tenant itself says so. */
  taught: boolean
}

/** Whose an account is, as the writer remembers it while the configuration stands still. */
export interface OwnedAccount {
  accountId: number
  owners: AccountOwner[]
  /** By which word it is ignored: its own value, or `*`. */
  ignored: string | null
}

/** An account with its owners; it is made when it was never seen. */
export function ownedAccount(db: Db, appId: number, { kind, value }: Account, seenAt: number): OwnedAccount {
  const key = ownerKey(appId, { kind, value })
  const known = db.cache.get(key)
  if (known) return known as OwnedAccount
  const accountId = accountIdOf(db, appId, kind, value, seenAt)
  const ignored = db.get<{ value: string }>(
    "SELECT value FROM ignored WHERE app_id = ? AND value IN (?, '*') ORDER BY value = '*' LIMIT 1",
    appId,
    value,
  )
  const owned: OwnedAccount = { accountId, owners: ownersOfAccount(db, accountId), ignored: ignored?.value ?? null }
  if (db.cache.size > 100_000) db.cache.clear()
  db.cache.set(key, owned)
  return owned
}

/** Lets the account's owners be looked up anew. */
export function forgetOwned(db: Db, appId: number, account: Account): void {
  db.cache.delete(ownerKey(appId, account))
}

function ownerKey(appId: number, { kind, value }: Account): string {
  return `owner ${appId} ${kind} ${value}`
}

/** Who has an account now, in the order of the claims. */
export function ownersOfAccount(db: Db, accountId: number): AccountOwner[] {
  const rows = db.all<Omit<AccountOwner, 'taught'> & { taught: number }>(
    `SELECT m.tenant_id AS tenantId, t.name AS tenant, m.id AS mappingId, m.taught_by IS NOT NULL AS taught
     FROM mappings m JOIN tenants t ON t.id = m.tenant_id WHERE m.account_id = ? ORDER BY m.id`,
    accountId,
  )
  return rows.map(row => ({ ...row, taught: row.taught === 1 }))
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

/** The accounts that a consent gave, in its order. */
export function accountsOfConnection(db: Db, connectionSeq: number): (Account & { name: string | null })[] {
  return db.all(
    `SELECT c.kind, c.value, c.name FROM mappings m JOIN accounts c ON c.id = m.account_id
     WHERE m.connection_seq = ? AND m.source = 'connect' ORDER BY m.id`,
    connectionSeq,
  )
}
