import { type AccountOwner, ownersOfAccount } from './accounts.ts'
import type { Db } from './database.ts'
import { decideOwners } from './decide-owners.ts'
import { firstEvent } from './first-event.ts'
import { factsOfEvent } from './reroute-op.ts'
import { makeForwards, type RoutableEvent } from './route-forwards.ts'
import { ownerBehind } from './standing.ts'

/** What a claim released from the parked. */
export interface Released {
  events: number
  deliveries: number
  forwards: number
  oldestAt: number | null
}

export const nothingReleased: Released = { events: 0, deliveries: 0, forwards: 0, oldestAt: null }

interface ParkedRow {
  seq: number
  deliverySeq: number
  appId: number
  receivedAt: number
  reason: string
  start: number
  accountId: number | null
  place: string | null
  repeatOf: number | null
  providerEventId: string | null
  boundTenantId: number | null
  source: string
  /** For which account the API said that it stands; and whether that is still asked. */
  standsFor: number | null
  isAsked: number
}

/**
 * Looks again at the parked events that name an account, or that stand for it, in `seq` order: those on whose owners everything
 * agrees now go to them, with forwards at the end of the lanes (but for imports, which only a person sends). Where there are several
 * owners, one event becomes one for each. What an activation bounds goes to its tenant alone; what disagrees stays.
 */
export function releaseParked(db: Db, accountId: number): Released {
  const about = `SELECT seq FROM events WHERE account_id = ? AND scope = 'parked' UNION
    SELECT event_seq FROM event_accounts WHERE account_id = ? UNION
    SELECT x.event_seq FROM resolutions r JOIN event_resolutions x ON x.resolution_id = r.id WHERE r.account_id = ?`
  return releaseRows(db, about, accountId, accountId, accountId)
}

/** The same for the parked among the events whose numbers a query gives. */
export function releaseRows(db: Db, query: string, ...args: number[]): Released {
  const rows = db.all<ParkedRow>(
    `SELECT e.seq, e.delivery_seq AS deliverySeq, e.app_id AS appId, e.received_at AS receivedAt, e.reason, e.start,
       e.account_id AS accountId, e.place, e.repeat_of AS repeatOf, e.provider_event_id AS providerEventId,
       e.bound_tenant_id AS boundTenantId, (SELECT source FROM deliveries d WHERE d.seq = e.delivery_seq) AS source,
       r.account_id AS standsFor, r.state IS 'open' AS isAsked
     FROM events e LEFT JOIN event_resolutions x ON x.event_seq = e.seq LEFT JOIN resolutions r ON r.id = x.resolution_id
     WHERE e.seq IN (${query}) AND e.scope = 'parked' AND e.reason IN ('unknown-account', 'mismatch', 'resolving')
     ORDER BY e.seq`,
    ...args,
  )
  const look = remembered((account: number) => ownersOfAccount(db, account))
  const itemsHad = remembered((deliverySeq: number) => itemsOfTenants(db, deliverySeq))
  const byDelivery = new Map<number, { appId: number; source: string; events: RoutableEvent[] }>()
  let oldestAt: number | null = null
  for (const row of rows) {
    const found = ownersNow(db, row, look)
    if ('reason' in found) {
      const { reason } = found
      if (reason !== row.reason) db.run('UPDATE events SET reason = ? WHERE seq = ?', reason, row.seq)
      continue
    }
    const had = itemsHad(row.deliverySeq)
    const owners = found.owners.filter(owner => !had.has(`${row.start} ${owner.tenantId}`))
    for (const { tenantId } of owners) had.add(`${row.start} ${tenantId}`)
    if (owners.length === 0) {
      dropParked(db, row.seq)
      continue
    }
    const group = byDelivery.get(row.deliverySeq) ?? { appId: row.appId, source: row.source, events: [] }
    group.events.push(...giveTo(db, row, found.by, owners))
    byDelivery.set(row.deliverySeq, group)
    oldestAt ??= row.receivedAt
  }
  let forwards = 0
  let events = 0
  for (const [deliverySeq, group] of byDelivery) {
    if (group.source !== 'import') forwards += makeForwards(db, deliverySeq, group.appId, group.events).length
    events += group.events.length
  }
  return { events, deliveries: byDelivery.size, forwards, oldestAt }
}

/** Whose an event is by now, and by which account; or why it stays parked. What it names itself counts first. */
function ownersNow(
  db: Db,
  row: ParkedRow,
  look: (id: number) => AccountOwner[],
): { by: Omit<Named, 'owners'>; owners: AccountOwner[] } | { reason: string } {
  const accounts = accountsOf(db, row, look)
  const decision = decideOwners(accounts, row.boundTenantId)
  if ('owners' in decision) return { by: accounts[decision.at] as Named, owners: decision.owners }
  if (decision.reason !== 'unknown-account') return decision
  const owner = ownerBehind(db, { accountId: row.standsFor }, row.boundTenantId)
  const own = row.accountId === null ? undefined : { accountId: row.accountId, place: row.place }
  if (owner) return { by: own ?? { accountId: owner.accountId, place: 'api' }, owners: [owner] }
  // It is known by now which account it stands for, and nobody has that: a claim needs to name it.
  if (!own && row.standsFor !== null)
    db.run("UPDATE events SET account_id = ?, place = 'api' WHERE seq = ?", row.standsFor, row.seq)
  return { reason: row.isAsked === 1 ? 'resolving' : 'unknown-account' }
}

interface Named {
  accountId: number
  place: string | null
  owners: AccountOwner[]
}

/** Thousands of parked events name the same few accounts, and stand in the same delivery. */
function remembered<T>(find: (id: number) => T): (id: number) => T {
  const known = new Map<number, T>()
  return id => {
    const found = known.get(id) ?? find(id)
    known.set(id, found)
    return found
  }
}

/** An item that names two accounts of one tenant is one event of it, whichever was claimed first. */
function itemsOfTenants(db: Db, deliverySeq: number): Set<string> {
  const sql = 'SELECT start, tenant_id AS tenant FROM events WHERE delivery_seq = ? AND tenant_id IS NOT NULL'
  const rows = db.all<{ start: number; tenant: number }>(sql, deliverySeq)
  return new Set(rows.map(({ start, tenant }) => `${start} ${tenant}`))
}

function accountsOf(db: Db, { seq, accountId, place }: ParkedRow, look: (id: number) => AccountOwner[]): Named[] {
  const several = db.all<Omit<Named, 'owners'>>(
    'SELECT account_id AS accountId, place FROM event_accounts WHERE event_seq = ? ORDER BY position',
    seq,
  )
  const named = several.length > 0 ? several : accountId === null ? [] : [{ accountId, place }]
  return named.map(one => ({ ...one, owners: look(one.accountId) }))
}

function dropParked(db: Db, seq: number): void {
  db.run('UPDATE events SET repeat_of = NULL WHERE repeat_of = ?', seq)
  db.run('DELETE FROM events WHERE seq = ?', seq)
}

function giveTo(
  db: Db,
  row: ParkedRow,
  { accountId, place }: Omit<Named, 'owners'>,
  owners: AccountOwner[],
): RoutableEvent[] {
  db.run('DELETE FROM event_accounts WHERE event_seq = ?', row.seq)
  return owners.map(({ tenantId, mappingId }, index) => {
    const seq = index === 0 ? row.seq : copyEvent(db, row.seq)
    // While it was parked it could only repeat what was parked too; the tenant may have had it before.
    const { providerEventId, boundTenantId } = row
    const repeatOf = firstEvent(db, { accountId, providerEventId, tenantId, boundTenantId })
    if (repeatOf !== null && repeatOf !== row.repeatOf) {
      db.run('UPDATE events SET repeats = repeats + 1 WHERE seq = ?', repeatOf)
    }
    db.run(
      `UPDATE events SET scope = 'tenant', reason = NULL, tenant_id = ?, mapping_id = ?, account_id = ?, place = ?,
         repeat_of = ?, released_at = ? WHERE seq = ?`,
      tenantId,
      mappingId,
      accountId,
      place,
      repeatOf,
      db.now(),
      seq,
    )
    return { seq, tenantId, repeatOf, facts: factsOfEvent(db, seq) }
  })
}

function copyEvent(db: Db, seq: number): number {
  const columns = `delivery_seq, app_id, received_at, start, length, pointer, shape, part, scope, reason, fault, tenant_id,
    mapping_id, activation_id, bound_tenant_id, account_id, place, provider_event, event, provider_event_id, derived_id,
    occurred_at, resource_type, resource_id, deleted_id, repeat_of`
  const insert = `INSERT INTO events (id, ${columns}) SELECT '', ${columns} FROM events WHERE seq = ?`
  return db.run(insert, seq).lastInsertRowid
}
