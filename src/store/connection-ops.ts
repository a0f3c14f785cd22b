import { accountsOfConnection } from './accounts.ts'
import { type ConnectionState, changeState } from './connection-state.ts'
import { configChanged, type Db } from './database.ts'
import { mustTenant } from './tenant-ops.ts'
import { type OpenTokens, openTokenSet } from './token-sets.ts'

/** A connection with its tokens in clear, for calls and for revoking. */
export interface OpenConnection extends OpenTokens {
  id: string
  app: string
  /** What was asked or learned: slot → value. */
  slots: Record<string, string>
  /** Whose other connections live of the same tokens. */
  sharesTokensWith: string[]
  accounts: { kind: string; value: string; name: string | null; alsoOf: string[] }[]
}

/** The connections of a tenant (at one app) that are not revoked. @throws WhsError `no-tenant` (exit 5) */
export function openConnections(db: Db, input: { tenant: string; app: string | null }): OpenConnection[] {
  const { id: tenantId } = mustTenant(db, input.tenant)
  const rows = db.all<{ seq: number; id: string; app: string; slots: string; tokenSet: number | null }>(
    `SELECT n.seq, n.id, a.name AS app, n.slots, n.token_set_id AS tokenSet FROM connections n
     JOIN apps a ON a.id = n.app_id WHERE n.tenant_id = ? AND n.state <> 'revoked' AND a.name = coalesce(?, a.name)`,
    tenantId,
    input.app,
  )
  return rows.map(({ seq, tokenSet, slots, ...row }) => ({
    ...row,
    ...openTokenSet(db, tokenSet),
    slots: JSON.parse(slots) as Record<string, string>,
    sharesTokensWith: sharers(db, seq, tokenSet),
    accounts: db
      .all<{ id: number; kind: string; value: string; name: string | null }>(
        `SELECT c.id, c.kind, c.value, c.name FROM mappings m JOIN accounts c ON c.id = m.account_id
         WHERE m.connection_seq = ? ORDER BY m.id`,
        seq,
      )
      .map(({ id, ...account }) => ({ ...account, alsoOf: otherOwners(db, [id], tenantId) })),
  }))
}

/** A connection as calls of its hooks need it. */
export interface CallingConnection extends OpenTokens {
  id: string
  app: string
  tenant: string
  state: ConnectionState
  /** Why it is so, where it is not well. */
  why: string | null
  /** Its token is a key that a person made. */
  byKey: boolean
  /** As granted; empty where the provider did not say. */
  scopes: string
  slots: Record<string, string>
  accessExpiresAt: number | null
  refreshExpiresAt: number | null
  /** Which tokens these are: the set, how often it was refreshed, and when it was last; null where there are none. */
  tokenSet: number | null
  tokenVersion: number | null
  issuedAt: number | null
  accounts: { kind: string; value: string }[]
}

export function findConnection(db: Db, { id }: { id: string }): CallingConnection | null {
  const row = db.get<ConnectionRow>(
    `SELECT n.seq, n.id, a.name AS app, t.name AS tenant, n.state, n.why, n.by_key AS byKey, n.scopes, n.slots,
       n.token_set_id AS tokenSet,
       s.access_expires_at AS accessExpiresAt, s.refresh_expires_at AS refreshExpiresAt, s.version AS tokenVersion,
       s.changed_at AS issuedAt
     FROM connections n JOIN apps a ON a.id = n.app_id JOIN tenants t ON t.id = n.tenant_id
     LEFT JOIN token_sets s ON s.id = n.token_set_id WHERE n.id = ?`,
    id,
  )
  if (!row) return null
  const { seq, slots, byKey, ...rest } = row
  const accounts = accountsOfConnection(db, seq).map(({ kind, value }) => ({ kind, value }))
  const tokens = openTokenSet(db, row.tokenSet)
  return { ...rest, ...tokens, byKey: byKey === 1, slots: JSON.parse(slots) as Record<string, string>, accounts }
}

type ConnectionRow = Omit<CallingConnection, keyof OpenTokens | 'slots' | 'accounts' | 'byKey'> & {
  seq: number
  slots: string
  byKey: number
}

function sharers(db: Db, seq: number, tokenSet: number | null): string[] {
  const sql = `SELECT t.name FROM connections n JOIN tenants t ON t.id = n.tenant_id
    WHERE n.token_set_id = ? AND n.seq <> ? ORDER BY n.seq`
  return db.all<{ name: string }>(sql, tokenSet, seq).map(({ name }) => name)
}

/** Who else has one of these accounts. */
export function otherOwners(db: Db, accountIds: number[], tenantId: number): string[] {
  const sql = `SELECT DISTINCT t.name FROM mappings m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.account_id IN (SELECT value FROM json_each(?)) AND t.id <> ? ORDER BY t.name`
  return db.all<{ name: string }>(sql, JSON.stringify(accountIds), tenantId).map(row => row.name)
}

/** Ends connections: their mappings, activations and tokens go, the tenant and its history stay. */
export function disconnect(db: Db, { ids }: { ids: string[] }): void {
  for (const id of ids) {
    const row = db.get<{ seq: number }>('SELECT seq FROM connections WHERE id = ?', id)
    if (row) endConnection(db, row.seq, 'disconnected here')
  }
  configChanged(db)
}

/** Part of a write that tells of the change: all that a connection brought goes with it. */
export function endConnection(db: Db, seq: number, why: string): void {
  changeState(db, seq, { state: 'revoked', why })
  db.run('DELETE FROM mappings WHERE connection_seq = ?', seq)
  db.run('DELETE FROM activations WHERE connection_seq = ?', seq)
  db.run('UPDATE connections SET token_set_id = NULL WHERE seq = ?', seq)
}
