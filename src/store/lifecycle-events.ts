import { Buffer } from 'node:buffer'
import { accountsOfConnection } from './accounts.ts'
import { unbound } from './bindings.ts'
import type { Db } from './database.ts'
import { lifeShape } from './life-shape.ts'
import { storeOwnDelivery } from './own-delivery-ops.ts'
import { appRow } from './route-forwards.ts'

/** What became of a tenant's connection, as events say it. */
export type LifeEvent = 'tenant.connected' | 'tenant.broken' | 'tenant.disconnected'

interface Whose {
  id: string
  appId: number
  tenantId: number
  tenant: string
}

/**
 * Part of a write: stores an event of a connection's tenant, which rules send like any other. `more` is told besides and
 * holds no secret. To be called while the connection's accounts are its own.
 */
export function tellConnection(db: Db, connectionSeq: number, event: LifeEvent, more: Record<string, unknown>): void {
  const row = db.get<Whose>(
    `SELECT n.id, n.app_id AS appId, n.tenant_id AS tenantId, t.name AS tenant FROM connections n
     JOIN tenants t ON t.id = n.tenant_id WHERE n.seq = ?`,
    connectionSeq,
  )
  if (!row) return
  const accounts = accountsOfConnection(db, connectionSeq)
  const [own = null] = accounts
  const { id: connection, tenantId, tenant, appId } = row
  const told = accounts.map(({ kind, value, name }) => ({ kind, id: value, name }))
  const data = { connection, accounts: told, ...more }
  const by = { ...unbound, tenantId, tenant, connectionSeq, own }
  store(db, { appId, event, tenant, data, by })
}

/** Part of a write: stores that somebody refused a consent: of the tenant that it was for, else of the app. */
export function tellRefusal(
  db: Db,
  input: { appId: number; tenants: string[]; why: string | null; what: string },
): void {
  const { appId, tenants, what, why } = input
  const named = tenants.length === 0 ? [null] : tenants
  for (const tenant of named) {
    const row = tenant === null ? undefined : db.get<{ id: number }>('SELECT id FROM tenants WHERE name = ?', tenant)
    const by = { ...unbound, tenantId: row?.id ?? null, tenant: row ? tenant : null }
    store(db, { appId, event: 'consent.refused', tenant, data: { what, why }, by })
  }
}

interface Told {
  appId: number
  event: LifeEvent | 'consent.refused'
  tenant: string | null
  data: Record<string, unknown>
  by: typeof unbound
}

function store(db: Db, { appId, event, tenant, data, by }: Told): void {
  const at = new Date(db.now()).toISOString()
  const { name: app, provider, env } = appRow(db, appId)
  const body = Buffer.from(JSON.stringify({ type: event, at, tenant, app, provider, env, ...data }))
  storeOwnDelivery(db, {
    appId,
    receivedAt: db.now(),
    source: 'lifecycle',
    method: 'EVENT',
    path: event,
    body,
    facts: { about: event, ...(typeof data.connection === 'string' ? { connection: data.connection } : {}) },
    items: [
      {
        start: 0,
        length: body.length,
        pointer: '',
        shape: lifeShape,
        fault: null,
        scope: by.tenantId === null ? 'app' : null,
        providerEvent: event,
        event,
        providerEventId: null,
        derivedId: null,
        occurredAt: at,
        resource: null,
        accounts: [],
        activation: null,
        reply: null,
      },
    ],
    by,
  })
}
