import type { Db } from './database.ts'
import { accountsByTenant, connectionsByTenant, type Tenant } from './tenant-ops.ts'

/** A tenant with what it has, and without its events, which are many. */
export type TenantShown = Pick<Tenant, 'id' | 'name' | 'accounts' | 'connections'>

/** Tenants by name, those behind a name, whose own name holds a text (lower case). */
export function tenantsShown(
  db: Db,
  { after, search, limit }: { after: string; search: string; limit: number },
): TenantShown[] {
  const rows = db.all<{ id: number; name: string }>(
    "SELECT id, name FROM tenants WHERE name > ? AND (? = '' OR instr(lower(name), ?) > 0) ORDER BY name LIMIT ?",
    after,
    search,
    search,
    limit,
  )
  return rows.map(row => ({
    ...row,
    accounts: accountsByTenant(db, row.id).get(row.id) ?? [],
    connections: connectionsByTenant(db, row.id).get(row.id) ?? [],
  }))
}

/** The first names of tenants. */
export function tenantNames(db: Db, { limit }: { limit: number }): string[] {
  return db.all<{ name: string }>('SELECT name FROM tenants ORDER BY name LIMIT ?', limit).map(({ name }) => name)
}

/** How many events of a tenant came in each step of a span of time (ms; the end excluded), where any did. */
export function countTenantEvents(
  db: Db,
  { tenantId, from, to, stepMs }: { tenantId: number; from: number; to: number; stepMs: number },
): { step: number; count: number }[] {
  return db.all(
    `SELECT CAST((received_at - ?) / ? AS INTEGER) AS step, count(*) AS count FROM events
     WHERE tenant_id = ? AND received_at >= ? AND received_at < ? GROUP BY step`,
    from,
    stepMs,
    tenantId,
    from,
    to,
  )
}

export function lastEventAt(db: Db, { tenantId }: { tenantId: number }): number | null {
  return (
    db.get<{ at: number | null }>('SELECT max(received_at) AS at FROM events WHERE tenant_id = ?', tenantId)?.at ?? null
  )
}

/** The tenants of forwards that are open, or were given up, behind a number; `seq` is where to go on, null at the end. */
export function waitingSlice(
  db: Db,
  { state, after, limit }: { state: 'open' | 'failed'; after: number; limit: number },
): { seq: number | null; tenants: number[] } {
  const where = state === 'open' ? "state = 'open'" : "state IN ('failed', 'final')"
  const rows = db.all<{ seq: number; tenantId: number | null }>(
    `SELECT seq, tenant_id AS tenantId FROM forwards WHERE ${where} AND seq > ? ORDER BY seq LIMIT ?`,
    after,
    limit,
  )
  return {
    seq: rows.length < limit ? null : (rows.at(-1)?.seq ?? null),
    tenants: rows.flatMap(({ tenantId }) => tenantId ?? []),
  }
}

/** So many of a tenant's newest events are looked at. */
const lookedAt = 300

/** How long a tenant's handlers took for its last first tries, oldest first. */
export function answerTimes(db: Db, { tenantId, limit }: { tenantId: number; limit: number }): number[] {
  const rows = db.all<{ ms: number }>(
    `SELECT p.ms FROM (
       SELECT DISTINCT delivery_seq AS seq FROM (
         SELECT delivery_seq FROM events WHERE tenant_id = ? ORDER BY received_at DESC LIMIT ${lookedAt})
     ) d JOIN attempts p ON p.delivery_seq = d.seq
     WHERE p.tenant_id = ? AND p.number = 1 AND p.replay = 0 AND p.status IS NOT NULL ORDER BY p.seq DESC LIMIT ?`,
    tenantId,
    tenantId,
    limit,
  )
  return rows.map(({ ms }) => ms).reverse()
}

/** One parked event as it counts for its account. */
export interface ParkedEvent {
  seq: number
  accountId: number
  app: string
  provider: string
  kind: string | null
  account: string | null
  reason: string
  bound: string | null
  receivedAt: number
}

/**
 * Parked events in slices, those without an account first: behind the account and number of the last one that was read
 * (0 and 0 at first).
 */
export function parkedSlice(
  db: Db,
  { behind, limit }: { behind: Pick<ParkedEvent, 'accountId' | 'seq'>; limit: number },
): ParkedEvent[] {
  const read = (where: string, ...args: number[]): ParkedEvent[] =>
    db.all<ParkedEvent>(
      `SELECT e.seq, coalesce(e.account_id, 0) AS accountId, a.name AS app, a.provider, c.kind, c.value AS account, e.reason,
         b.name AS bound, e.received_at AS receivedAt
       FROM events e JOIN apps a ON a.id = e.app_id LEFT JOIN accounts c ON c.id = e.account_id
       LEFT JOIN tenants b ON b.id = e.bound_tenant_id
       WHERE e.scope = 'parked' AND ${where} ORDER BY e.account_id, e.seq LIMIT ?`,
      ...args,
    )
  const { accountId, seq } = behind
  const nobodys = accountId === 0 ? read('e.account_id IS NULL AND e.seq > ?', seq, limit) : []
  if (nobodys.length === limit) return nobodys
  const [account, last] = accountId === 0 ? [0, 0] : [accountId, seq]
  return [...nobodys, ...read('(e.account_id, e.seq) > (?, ?)', account, last, limit - nobodys.length)]
}

/** The kind of an account for which something is parked at an app; null where nothing is. */
export function parkedKind(db: Db, { app, value }: { app: string; value: string }): string | null {
  const sql = `SELECT c.kind FROM accounts c JOIN apps a ON a.id = c.app_id
    WHERE a.name = ? AND c.value = ? AND EXISTS (SELECT 1 FROM events e WHERE e.account_id = c.id AND e.scope = 'parked')`
  return db.get<{ kind: string }>(sql, app, value)?.kind ?? null
}

/** How many tenants have an account at each app, by the app's number. */
export function countTenantsOfApps(db: Db): Map<number, number> {
  const rows = db.all<{ app: number; count: number }>(
    'SELECT c.app_id AS app, count(DISTINCT m.tenant_id) AS count FROM mappings m JOIN accounts c ON c.id = m.account_id GROUP BY c.app_id',
  )
  return new Map(rows.map(({ app, count }) => [app, count]))
}
