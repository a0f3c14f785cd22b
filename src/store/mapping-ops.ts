import { exits, WhsError } from '../core/errors.ts'
import { accountIdOf } from './accounts.ts'
import { mustApp } from './app-ops.ts'
import { configChanged, type Db } from './database.ts'
import { addMapping, forgetLearned } from './mapping-row.ts'
import { nothingReleased, type Released, releaseParked } from './release-parked.ts'
import { mustTenant, tenantIdOf } from './tenant-ops.ts'

export type { Released } from './release-parked.ts'

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
  return input.release ? releaseParked(db, accountId) : nothingReleased
}

/** Takes a mapping away; events that come from now on are parked again. @throws WhsError `no-app`, `no-tenant`, `no-mapping` */
export function unmapAccount(db: Db, input: { app: string; kind: string; value: string; tenant: string }): void {
  const app = mustApp(db, input.app)
  const { id: tenantId } = mustTenant(db, input.tenant)
  const gone = db.get<{ seq: number | null; source: string }>(
    `DELETE FROM mappings WHERE tenant_id = ? AND account_id =
       (SELECT id FROM accounts WHERE app_id = ? AND kind = ? AND value = ?) RETURNING connection_seq AS seq, source`,
    tenantId,
    app.id,
    input.kind,
    input.value,
  )
  if (!gone) {
    throw new WhsError({
      code: 'no-mapping',
      exit: exits.unknown,
      what: `${input.value} is not ${input.tenant}'s at ${input.app}`,
      why: 'there is no such mapping',
      next: `whs tenants show ${input.tenant}`,
    })
  }
  if (gone.source !== 'learned') forgetLearned(db, { appId: app.id, tenantId, connectionSeq: gone.seq })
  configChanged(db)
}

/** Who has claimed an account. What was only learned counts for nothing here: a claim outdoes it. */
export function ownersOf(db: Db, { appId, kind, value }: { appId: number; kind: string; value: string }): string[] {
  return db
    .all<{ name: string }>(
      `SELECT t.name FROM mappings m JOIN tenants t ON t.id = m.tenant_id JOIN accounts c ON c.id = m.account_id
       WHERE c.app_id = ? AND c.kind = ? AND c.value = ? AND m.source <> 'learned' ORDER BY m.id`,
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
