import { exits, WhsError } from '../core/errors.ts'
import { mustApp } from './app-ops.ts'
import { configChanged, type Db } from './database.ts'
import { factsOfEvent } from './reroute-op.ts'
import { accountIdOf, firstEvent } from './resolve.ts'
import { makeForwards, type RoutableEvent } from './route-forwards.ts'
import { mustTenant, tenantIdOf } from './tenant-ops.ts'

/** What a claim released from the parked. */
export interface Released {
  events: number
  deliveries: number
  forwards: number
  oldestAt: number | null
}

export interface NewMapping {
  app: string
  kind: string
  value: string
  tenant: string
  /** Leaves parked events where they are. */
  release: boolean
}

/**
 * Says whose an account is without a consent, and releases what was parked for it, in one transaction: an event is
 * either parked before the claim and released by it, or resolved after it.
 * @throws WhsError `no-app`
 */
export function mapAccount(db: Db, input: NewMapping): Released {
  const app = mustApp(db, input.app)
  const accountId = accountIdOf(db, app.id, input.kind, input.value, db.now())
  const tenantId = tenantIdOf(db, input.tenant)
  addMapping(db, { accountId, tenantId, connectionSeq: null, source: 'map', proof: 'a person said so' })
  configChanged(db)
  return input.release ? releaseParked(db, accountId) : { events: 0, deliveries: 0, forwards: 0, oldestAt: null }
}

export interface MappingRow {
  accountId: number
  tenantId: number
  connectionSeq: number | null
  source: 'connect' | 'map'
  proof: string
}

/** Writes a mapping, or renews the one of the same account and tenant. A consent is never weakened to a map. */
export function addMapping(db: Db, row: MappingRow): void {
  db.run(
    `INSERT INTO mappings (account_id, tenant_id, connection_seq, source, proof, created_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (account_id, tenant_id) DO UPDATE SET connection_seq = excluded.connection_seq, source = excluded.source,
       proof = excluded.proof WHERE excluded.source = 'connect'`,
    row.accountId,
    row.tenantId,
    row.connectionSeq,
    row.source,
    row.proof,
    db.now(),
  )
}

/** Takes a mapping away; events that come from now on are parked again. @throws WhsError `no-app`, `no-tenant`, `no-mapping` */
export function unmapAccount(db: Db, input: { app: string; kind: string; value: string; tenant: string }): void {
  const app = mustApp(db, input.app)
  const { id: tenantId } = mustTenant(db, input.tenant)
  const { changes } = db.run(
    `DELETE FROM mappings WHERE tenant_id = ? AND account_id =
       (SELECT id FROM accounts WHERE app_id = ? AND kind = ? AND value = ?)`,
    tenantId,
    app.id,
    input.kind,
    input.value,
  )
  if (changes === 0) {
    throw new WhsError({
      code: 'no-mapping',
      exit: exits.unknown,
      what: `${input.value} is not ${input.tenant}'s at ${input.app}`,
      why: 'there is no such mapping',
      next: `whs tenants show ${input.tenant}`,
    })
  }
  configChanged(db)
}

/** Whose an account is now. */
export function ownersOf(db: Db, { appId, kind, value }: { appId: number; kind: string; value: string }): string[] {
  return db
    .all<{ name: string }>(
      `SELECT t.name FROM mappings m JOIN tenants t ON t.id = m.tenant_id JOIN accounts c ON c.id = m.account_id
       WHERE c.app_id = ? AND c.kind = ? AND c.value = ? ORDER BY m.id`,
      appId,
      kind,
      value,
    )
    .map(row => row.name)
}

/** Stops keeping events of an account (`*`: of every unknown one) of an app. They are counted. @throws WhsError `no-app` */
export function ignoreAccount(db: Db, { app: name, value }: { app: string; value: string }): void {
  const app = mustApp(db, name)
  db.run('INSERT INTO ignored (app_id, value) VALUES (?, ?) ON CONFLICT DO NOTHING', app.id, value)
  configChanged(db)
}

interface ParkedRow {
  seq: number
  delivery_seq: number
  app_id: number
  received_at: number
  repeat_of: number | null
  provider_event_id: string | null
}

/**
 * Gives the parked events of an account to its owners, in `seq` order, and makes their forwards at the end of the
 * lanes. Where it has several owners, the parked event becomes one event for each.
 */
export function releaseParked(db: Db, accountId: number): Released {
  const owners = db.all<{ tenantId: number; mappingId: number }>(
    'SELECT tenant_id AS tenantId, id AS mappingId FROM mappings WHERE account_id = ? ORDER BY id',
    accountId,
  )
  const rows = db.all<ParkedRow>(
    `SELECT seq, delivery_seq, app_id, received_at, repeat_of, provider_event_id FROM events
     WHERE account_id = ? AND scope = 'parked' AND reason = 'unknown-account' ORDER BY seq`,
    accountId,
  )
  const byDelivery = new Map<number, { appId: number; events: RoutableEvent[] }>()
  for (const row of owners.length > 0 ? rows : []) {
    const group = byDelivery.get(row.delivery_seq) ?? { appId: row.app_id, events: [] }
    for (const [index, owner] of owners.entries()) {
      const seq = index === 0 ? row.seq : copyEvent(db, row.seq)
      // While it was parked it could only repeat what was parked too; the tenant may have had it before.
      const { tenantId } = owner
      const repeatOf = firstEvent(db, { accountId, providerEventId: row.provider_event_id, tenantId })
      if (repeatOf !== null && repeatOf !== row.repeat_of) {
        db.run('UPDATE events SET repeats = repeats + 1 WHERE seq = ?', repeatOf)
      }
      db.run(
        `UPDATE events SET scope = 'tenant', reason = NULL, tenant_id = ?, mapping_id = ?, repeat_of = ?, released_at = ?
         WHERE seq = ?`,
        tenantId,
        owner.mappingId,
        repeatOf,
        db.now(),
        seq,
      )
      group.events.push({ seq, tenantId, repeatOf, facts: factsOfEvent(db, seq) })
    }
    byDelivery.set(row.delivery_seq, group)
  }
  let forwards = 0
  for (const [deliverySeq, { appId, events }] of byDelivery) forwards += makeForwards(db, deliverySeq, appId, events)
  const released = [...byDelivery.values()].reduce((sum, group) => sum + group.events.length, 0)
  return {
    events: released,
    deliveries: byDelivery.size,
    forwards,
    oldestAt: released > 0 ? (rows[0]?.received_at ?? null) : null,
  }
}

function copyEvent(db: Db, seq: number): number {
  const columns = `delivery_seq, app_id, received_at, start, length, pointer, shape, part, scope, reason, fault, tenant_id, mapping_id,
    account_id, place, provider_event, event, provider_event_id, derived_id, occurred_at, resource_type, resource_id, deleted_id, repeat_of`
  const id = db.makeId('evt')
  const insert = `INSERT INTO events (id, tail, ${columns}) SELECT ?, ?, ${columns} FROM events WHERE seq = ?`
  return db.run(insert, id, id.slice(-6), seq).lastInsertRowid
}
