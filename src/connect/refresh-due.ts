import { exits, WhsError } from '../core/errors.ts'
import type { Tenant, TenantConnection } from '../store/tenant-ops.ts'
import { type CallDeps, callPlaceOf } from './call-place.ts'
import { healthOf } from './connection-health.ts'
import { refreshOnce } from './refresh-once.ts'

/** A connection that ends soon, and whose tenant must consent again before. */
export interface ExpiringConnection {
  tenant: Tenant
  connection: TenantConnection
}

/**
 * Refreshes the connections whose consent ends soon and that live on by it: a rotating refresh token is replaced by one
 * that lives longer. Returns those that end all the same. What fails in a way that may pass is tried at the next time;
 * one that is refused becomes `broken`, and is told by its change.
 */
export async function refreshDue(deps: CallDeps): Promise<ExpiringConnection[]> {
  const found: ExpiringConnection[] = []
  for (const { tenant, connection } of await endingSoon(deps)) {
    const { refresh } = deps.definitionOf(connection.provider).oauth
    const livesOn = refresh.kind === 'rotating' || refresh.seconds !== undefined
    if (connection.refreshes && livesOn) await refreshNow(deps, connection.id)
    found.push({ tenant, connection })
  }
  if (found.length === 0) return []
  const ids = new Set(found.map(({ connection }) => connection.id))
  return (await endingSoon(deps)).filter(({ connection }) => ids.has(connection.id))
}

async function endingSoon(deps: CallDeps): Promise<ExpiringConnection[]> {
  const tenants = await deps.store.read('listTenants')
  return tenants.flatMap(tenant =>
    tenant.connections
      .filter(connection => healthOf(connection, deps.now()).state === 'expiring')
      .map(connection => ({ tenant, connection })),
  )
}

async function refreshNow(deps: CallDeps, id: string): Promise<void> {
  try {
    await refreshOnce(deps, await callPlaceOf(deps, id), 'its refresh token ends')
  } catch (error) {
    const isKnown = error instanceof WhsError && error.exit !== exits.fault
    if (!isKnown) throw error
  }
}
