import { exits, WhsError } from '../core/errors.ts'
import type { ConnectionState } from './connection-state.ts'
import { configChanged, type Db } from './database.ts'
import { lifeShape } from './life-shape.ts'
import type { MappingSource } from './mapping-row.ts'
import { raiseSearchEpoch } from './search-index.ts'

export interface Tenant {
  id: number
  name: string
  createdAt: number
  events: number
  lastEventAt: number | null
  accounts: TenantAccount[]
  connections: TenantConnection[]
}
export interface TenantAccount {
  app: string
  provider: string
  env: string
  kind: string
  value: string
  name: string | null
  source: MappingSource
  proof: string | null
  since: number
  connectionId: string | null
}
export interface TenantConnection {
  id: string
  app: string
  provider: string
  env: string
  state: ConnectionState
  why: string | null
  scopes: string
  /** What was asked or learned: slot → value. */
  slots: Record<string, string>
  accessExpiresAt: number | null
  refreshExpiresAt: number | null
  /** Its token is a key that a person made. */
  byKey: boolean
  /** Whether it has a refresh token; when its tokens were given. */
  refreshes: boolean
  issuedAt: number | null
  createdAt: number
  changedAt: number
}

type TenantRow = Pick<Tenant, 'id' | 'name' | 'createdAt'>
const columns = 'id, name, created_at AS createdAt'
const eventCounts = 'count(*) AS events, max(received_at) AS lastEventAt FROM events'

/** All tenants by name, with their accounts and connections, each read in one pass over all. */
export function listTenants(db: Db): Tenant[] {
  const counted = db.all<EventCounts & { id: number }>(
    `SELECT tenant_id AS id, ${eventCounts} WHERE tenant_id IS NOT NULL GROUP BY tenant_id`,
  )
  const life = lifeByTenant(db)
  const counts = new Map(counted.map(({ id, ...count }) => [id, providersOwn(db, id, count, life.get(id))]))
  const [accounts, connections] = [accountsByTenant(db), connectionsByTenant(db)]
  const rows = db.all<TenantRow>(`SELECT ${columns} FROM tenants ORDER BY name`)
  return rows.map(row => ({
    ...row,
    ...(counts.get(row.id) ?? { events: 0, lastEventAt: null }),
    accounts: accounts.get(row.id) ?? [],
    connections: connections.get(row.id) ?? [],
  }))
}

export function findTenant(db: Db, { name }: { name: string }): Tenant | null {
  const row = db.get<TenantRow>(`SELECT ${columns} FROM tenants WHERE name = ?`, name)
  if (!row) return null
  const all = db.get<EventCounts>(`SELECT ${eventCounts} WHERE tenant_id = ?`, row.id) as EventCounts
  const counts = providersOwn(db, row.id, all, lifeByTenant(db, row.id).get(row.id))
  const [accounts, connections] = [accountsByTenant(db, row.id), connectionsByTenant(db, row.id)]
  return { ...row, ...counts, accounts: accounts.get(row.id) ?? [], connections: connections.get(row.id) ?? [] }
}

type EventCounts = Pick<Tenant, 'events' | 'lastEventAt'>

/** The events that tell of a consent, of every tenant or of one alone. */
function lifeByTenant(db: Db, ...only: number[]): Map<number, EventCounts> {
  const rows = db.all<EventCounts & { id: number }>(
    `SELECT tenant_id AS id, ${eventCounts} WHERE shape = '${lifeShape}' AND tenant_id IS NOT NULL
     ${only.length > 0 ? 'AND tenant_id = ?' : ''} GROUP BY tenant_id`,
    ...only,
  )
  return new Map(rows.map(({ id, ...counts }) => [id, counts]))
}

/** The same without those: no provider sent them. */
function providersOwn(db: Db, tenantId: number, all: EventCounts, life: EventCounts | undefined): EventCounts {
  if (!life) return all
  const events = all.events - life.events
  if (life.lastEventAt !== all.lastEventAt) return { events, lastEventAt: all.lastEventAt }
  const last = db.get<{ at: number }>(
    `SELECT received_at AS at FROM events WHERE tenant_id = ? AND shape IS NOT '${lifeShape}'
     ORDER BY received_at DESC LIMIT 1`,
    tenantId,
  )
  return { events, lastEventAt: last?.at ?? null }
}

/** The accounts of every tenant, or of one alone. */
export function accountsByTenant(db: Db, ...only: number[]): Map<number, TenantAccount[]> {
  const rows = db.all<TenantAccount & { tenantId: number }>(
    `SELECT m.tenant_id AS tenantId, a.name AS app, a.provider, a.env, c.kind, c.value, c.name, m.source, m.proof,
       m.created_at AS since, n.id AS connectionId
     FROM mappings m JOIN accounts c ON c.id = m.account_id JOIN apps a ON a.id = c.app_id
     LEFT JOIN connections n ON n.seq = m.connection_seq ${only.length > 0 ? 'WHERE m.tenant_id = ?' : ''} ORDER BY m.id`,
    ...only,
  )
  return byTenant(rows)
}

type ConnectionRow = Omit<TenantConnection, 'slots' | 'refreshes' | 'byKey'> & {
  slots: string
  refreshes: number
  byKey: number
  tenantId: number
}

/** The connections of every tenant, or of one alone. */
export function connectionsByTenant(db: Db, ...only: number[]): Map<number, TenantConnection[]> {
  const rows = db.all<ConnectionRow>(
    `SELECT n.tenant_id AS tenantId, n.id, a.name AS app, a.provider, a.env, n.state, n.why, n.by_key AS byKey, n.scopes, n.slots,
       s.access_expires_at AS accessExpiresAt, s.refresh_expires_at AS refreshExpiresAt,
       s.refresh_sealed IS NOT NULL AS refreshes, s.changed_at AS issuedAt, n.created_at AS createdAt, n.changed_at AS changedAt
     FROM connections n JOIN apps a ON a.id = n.app_id LEFT JOIN token_sets s ON s.id = n.token_set_id
     ${only.length > 0 ? 'WHERE n.tenant_id = ?' : ''} ORDER BY n.seq`,
    ...only,
  )
  return byTenant(
    rows.map(row => ({
      ...row,
      slots: JSON.parse(row.slots) as Record<string, string>,
      refreshes: row.refreshes === 1,
      byKey: row.byKey === 1,
    })),
  )
}

function byTenant<T extends { tenantId: number }>(rows: T[]): Map<number, Omit<T, 'tenantId'>[]> {
  const found = new Map<number, Omit<T, 'tenantId'>[]>()
  for (const { tenantId, ...row } of rows) {
    const list = found.get(tenantId)
    if (list) list.push(row)
    else found.set(tenantId, [row])
  }
  return found
}

/** The number of a tenant, which is made when there is none of that name. */
export function tenantIdOf(db: Db, name: string): number {
  const row = db.get<{ id: number }>('SELECT id FROM tenants WHERE name = ?', name)
  return row?.id ?? db.run('INSERT INTO tenants (name, created_at) VALUES (?, ?)', name, db.now()).lastInsertRowid
}

/** @throws WhsError `no-tenant` (exit 5) */
export function mustTenant(db: Db, name: string): { id: number } {
  const row = db.get<{ id: number }>('SELECT id FROM tenants WHERE name = ?', name)
  if (row) return row
  throw new WhsError({
    code: 'no-tenant',
    exit: exits.unknown,
    what: `there is no tenant ${name}`,
    why: 'a tenant comes into being by connect or map',
    next: 'whs tenants',
  })
}

/** Gives a tenant another name; all it has stays with it. @throws WhsError `no-tenant`, `tenant-exists` */
export function renameTenant(db: Db, { name, to }: { name: string; to: string }): void {
  const { id } = mustTenant(db, name)
  if (name !== to && db.get('SELECT 1 FROM tenants WHERE name = ?', to)) {
    throw new WhsError({
      code: 'tenant-exists',
      exit: exits.usage,
      what: `the tenant ${to} is there already`,
      why: 'tenants are never merged silently',
      next: `whs tenants show ${to}`,
    })
  }
  db.run('UPDATE tenants SET name = ? WHERE id = ?', to, id)
  configChanged(db)
}

/** What tells of the tenant's consents goes uncounted. */
function forgetLife(db: Db, tenantId: number): void {
  const seqs = db.all<{ seq: number }>(
    `SELECT delivery_seq AS seq FROM events WHERE tenant_id = ? AND shape = '${lifeShape}'`,
    tenantId,
  )
  for (const { seq } of seqs) {
    for (const table of ['forwards', 'attempts', 'events']) db.run(`DELETE FROM ${table} WHERE delivery_seq = ?`, seq)
    db.run('DELETE FROM deliveries WHERE seq = ?', seq)
  }
}

/**
 * Deletes all of a tenant: connections, tokens, activations with what was rejected at their URLs, mappings, forwards,
 * attempts, its events with those that could only become its own, and accounts that are nobody else's. A delivery goes too
 * where nothing of another tenant or of nobody is left in it; otherwise its bytes stay, since they are the others' as well.
 * @throws WhsError `no-tenant`
 */
export function forgetTenant(
  db: Db,
  { name }: { name: string },
): { events: number; deliveries: number; shared: number } {
  const { id } = mustTenant(db, name)
  const own = 'tenant_id = ? OR bound_tenant_id = ?'
  forgetLife(db, id)
  const deliveries = db.all<{ seq: number }>(`SELECT DISTINCT delivery_seq AS seq FROM events WHERE ${own}`, id, id)
  const accounts = db.all<{ id: number }>(
    `SELECT account_id AS id FROM mappings WHERE tenant_id = ? UNION
     SELECT account_id FROM events WHERE bound_tenant_id = ? AND account_id IS NOT NULL UNION
     SELECT a.account_id FROM event_accounts a JOIN events e ON e.seq = a.event_seq WHERE e.bound_tenant_id = ?`,
    id,
    id,
    id,
  )
  const { changes: events } = db.run(`DELETE FROM events WHERE ${own}`, id, id)
  let gone = 0
  for (const { seq } of deliveries) {
    db.run('DELETE FROM forwards WHERE delivery_seq = ? AND tenant_id = ?', seq, id)
    db.run('DELETE FROM attempts WHERE delivery_seq = ? AND tenant_id = ?', seq, id)
    if (db.get('SELECT 1 FROM events WHERE delivery_seq = ?', seq)) continue
    gone += db.run('DELETE FROM deliveries WHERE seq = ?', seq).changes
  }
  db.run('DELETE FROM rejected WHERE activation_id IN (SELECT seq FROM activations WHERE tenant_id = ?)', id)
  db.run("DELETE FROM consents WHERE instr(wish || coalesce(result, ''), json_quote(?)) > 0", name)
  db.run('DELETE FROM tenants WHERE id = ?', id)
  for (const account of accounts) {
    const others = `SELECT 1 FROM mappings WHERE account_id = ? UNION ALL SELECT 1 FROM events WHERE account_id = ? UNION ALL
      SELECT 1 FROM event_accounts WHERE account_id = ?`
    if (!db.get(others, account.id, account.id, account.id)) db.run('DELETE FROM accounts WHERE id = ?', account.id)
  }
  raiseSearchEpoch(db)
  configChanged(db)
  return { events, deliveries: gone, shared: deliveries.length - gone }
}
