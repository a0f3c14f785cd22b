import type { Db } from './database.ts'

export type MappingSource = 'connect' | 'map' | 'activate' | 'learned'

export interface MappingRow {
  accountId: number
  tenantId: number
  connectionSeq: number | null
  source: MappingSource
  proof: string
  /** The tenant's own hook, where only that says so. */
  taughtBy?: number
}

/**
 * Writes a mapping, or renews the one of the same account and tenant. What was proved more strongly stays: a consent
 * outdoes what a person said, that an activation, and that what was learned from a delivery, also of somebody else. Of what
 * was learned, a delivery of the app's own secret outdoes one of a tenant's hook.
 */
export function addMapping(db: Db, row: MappingRow): void {
  if (row.source !== 'learned') outdoLearned(db, row)
  else if (row.taughtBy === undefined) outdoTaught(db, row)
  const rank = (source: string): string => `instr('learned activate map connect', ${source})`
  db.run(
    `INSERT INTO mappings (account_id, tenant_id, connection_seq, source, proof, created_at, taught_by)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (account_id, tenant_id) DO UPDATE SET connection_seq = excluded.connection_seq, source = excluded.source,
       proof = excluded.proof, taught_by = excluded.taught_by
     WHERE excluded.source = 'connect' OR ${rank('excluded.source')} > ${rank('mappings.source')}
       OR mappings.taught_by IS NOT NULL AND excluded.taught_by IS NULL`,
    row.accountId,
    row.tenantId,
    row.connectionSeq,
    row.source,
    row.proof,
    db.now(),
    row.taughtBy ?? null,
  )
}

/** Takes an account from those whose it was only by what a delivery taught: somebody else has a better claim. */
export function outdoLearned(db: Db, { accountId, tenantId }: Pick<MappingRow, 'accountId' | 'tenantId'>): void {
  const sql = "DELETE FROM mappings WHERE account_id = ? AND tenant_id <> ? AND source = 'learned'"
  db.run(sql, accountId, tenantId)
}

function outdoTaught(db: Db, { accountId, tenantId }: MappingRow): void {
  const sql = 'DELETE FROM mappings WHERE account_id = ? AND tenant_id <> ? AND taught_by IS NOT NULL'
  db.run(sql, accountId, tenantId)
}

/** Takes away what was learned beside accounts that are gone; where it was right, it is learned again. */
export function forgetLearned(
  db: Db,
  { appId, tenantId, connectionSeq }: { appId: number; tenantId: number; connectionSeq: number | null },
): void {
  db.run(
    `DELETE FROM mappings WHERE source = 'learned' AND tenant_id = ? AND connection_seq IS ?
       AND account_id IN (SELECT id FROM accounts WHERE app_id = ?)`,
    tenantId,
    connectionSeq,
    appId,
  )
}
