import type { Account } from '../core/account.ts'
import { configChanged, type Db } from './database.ts'
import type { NewDelivery } from './ingest-ops.ts'
import type { Draft } from './resolve.ts'

/**
 * Writes down which hooks brought a delivery that verified: those whose key or secret did, and where that was the app's
 * own, the hook that its account or tenant tells. The first one ends the wait of a hook made by hand.
 */
export function noteActivations(db: Db, input: NewDelivery, drafts: Draft[]): void {
  if (input.verified === 'none' || input.source === 'import') return
  const seqs = new Set([input.activation, ...input.items.map(item => item.activation)])
  for (const { activation, tenantId, item } of drafts) {
    if (activation === null && tenantId !== null) seqs.add(hookOf(db, input.appId, tenantId, item.accounts.flat()))
  }
  for (const seq of seqs) {
    if (seq === null) continue
    db.run('UPDATE activations SET last_at = max(coalesce(last_at, 0), ?) WHERE seq = ?', input.receivedAt, seq)
    const end = "UPDATE activations SET state = 'active' WHERE seq = ? AND state = 'pending' AND made_by = 'hand'"
    if (db.run(end, seq).changes > 0) configChanged(db)
  }
}

/** The hook that an account is, else the only one of the tenant unless it is another account's. */
function hookOf(db: Db, appId: number, tenantId: number, accounts: Account[]): number | null {
  const key = `hook ${appId} ${tenantId} ${accounts.map(({ kind, value }) => `${kind} ${value}`).join(' ')}`
  const known = db.cache.get(key)
  if (known !== undefined) return known as number | null
  const hooks = db.all<{ seq: number; kind: string | null; value: string | null }>(
    `SELECT seq, kind, provider_id AS value FROM activations WHERE app_id = ? AND tenant_id = ? AND state <> 'gone'`,
    appId,
    tenantId,
  )
  const same = hooks.find(hook => accounts.some(({ kind, value }) => kind === hook.kind && value === hook.value))
  const [only, ...others] = hooks
  const isAnothers = only?.value !== null && accounts.some(({ kind }) => kind === only?.kind)
  const found = same?.seq ?? (only && others.length === 0 && !isAnothers ? only.seq : null)
  db.cache.set(key, found)
  return found
}
