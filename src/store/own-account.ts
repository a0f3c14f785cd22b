import { exits, WhsError } from '../core/errors.ts'
import { accountIdOf, ownersOfAccount } from './accounts.ts'
import type { Db } from './database.ts'
import { addMapping, outdoLearned } from './mapping-row.ts'
import { nothingReleased, type Released, releaseParked } from './release-parked.ts'

/** Makes the account that an activation itself is its tenant's. @throws WhsError `account-taken` (exit 4) */
export function claimOwn(db: Db, seq: number, release: boolean): Released {
  const row = db.get<{
    id: string
    app: number
    tenant: number | null
    connection: number | null
    kind: string | null
    value: string | null
  }>(
    `SELECT id, app_id AS app, tenant_id AS tenant, connection_seq AS connection, kind, provider_id AS value
     FROM activations WHERE seq = ?`,
    seq,
  )
  if (!row || row.tenant === null || row.kind === null || row.value === null) return nothingReleased
  const { app, tenant: tenantId, kind, value } = row
  const accountId = accountIdOf(db, app, kind, value, db.now())
  outdoLearned(db, { accountId, tenantId })
  refuseTaken(db, accountId, tenantId, `${kind} ${value}`)
  const proof = `activation ${row.id}`
  addMapping(db, { accountId, tenantId, connectionSeq: row.connection, source: 'activate', proof })
  db.cache.clear()
  return release ? releaseParked(db, accountId) : nothingReleased
}

function refuseTaken(db: Db, accountId: number, tenantId: number, what: string): void {
  const others = ownersOfAccount(db, accountId).filter(owner => owner.tenantId !== tenantId)
  if (others.length === 0) return
  throw new WhsError({
    code: 'account-taken',
    exit: exits.consent,
    what: `the activation ${what} cannot be this tenant's`,
    why: `it belongs to ${others.map(owner => owner.tenant).join(', ')}, and one is never shared or moved silently`,
    next: 'whs activations',
  })
}

/** The account that it is stays its tenant's only where a consent or a person says so too. */
export function letGoOwn(db: Db, seq: number): void {
  db.run(
    `DELETE FROM mappings WHERE source = 'activate' AND (account_id, tenant_id) IN (
       SELECT c.id, v.tenant_id FROM activations v
       JOIN accounts c ON c.app_id = v.app_id AND c.kind = v.kind AND c.value = v.provider_id
       WHERE v.seq = ? AND NOT EXISTS (SELECT 1 FROM activations o WHERE o.seq <> v.seq AND o.app_id = v.app_id AND o.tenant_id = v.tenant_id
           AND o.kind = v.kind AND o.provider_id = v.provider_id AND o.state <> 'gone'))`,
    seq,
  )
}
