import type { IngestedItem } from '../core/read-item.ts'
import { type ConnectionState, changeState } from './connection-state.ts'
import { configChanged, type Db } from './database.ts'
import type { NewDelivery, Source } from './ingest-ops.ts'
import type { Draft } from './resolve.ts'

/** What the provider itself said, to us or when it was asked. */
const fromProvider: Source[] = ['delivery', 'catch-up', 'follow-up']

/**
 * Changes the connections whose consent a delivery says something of: only what the provider said and proved, and only
 * where the tenant has not consented again since it happened. What was asked for may be old, so it has to say when.
 */
export function noteLife(db: Db, input: Pick<NewDelivery, 'verified' | 'source'>, drafts: Draft[]): void {
  if (input.verified === 'none' || !fromProvider.includes(input.source)) return
  for (const draft of drafts) {
    const { life } = draft.item
    if (life === undefined || draft.scope !== 'tenant' || (life.at === null && input.source !== 'delivery')) continue
    for (const seq of connectionsOf(db, draft)) applyLife(db, seq, life)
  }
}

/** The connection by whose account the event is the tenant's, else those of the tenant with this account. */
function connectionsOf(db: Db, { mappingId, accountId, tenantId }: Draft): number[] {
  const own = db.get<{ seq: number | null }>('SELECT connection_seq AS seq FROM mappings WHERE id = ?', mappingId)?.seq
  if (own) return [own]
  return db
    .all<{ seq: number }>(
      `SELECT DISTINCT m.connection_seq AS seq FROM mappings m
       WHERE m.account_id = ? AND m.tenant_id = ? AND m.connection_seq IS NOT NULL`,
      accountId,
      tenantId,
    )
    .map(({ seq }) => seq)
}

/** Ends every connection that has an account, since its provider says so. */
export function leaveAccount(
  db: Db,
  { appId, kind, value, why }: { appId: number; kind: string; value: string; why: string },
): void {
  const rows = db.all<{ seq: number }>(
    `SELECT DISTINCT m.connection_seq AS seq FROM accounts c JOIN mappings m ON m.account_id = c.id
     WHERE c.app_id = ? AND c.kind = ? AND c.value = ? AND m.connection_seq IS NOT NULL`,
    appId,
    kind,
    value,
  )
  for (const { seq } of rows) applyLife(db, seq, { means: 'revoked', why, at: null })
}

interface Row {
  state: ConnectionState
  consentedAt: number | null
}

function applyLife(db: Db, seq: number, { means, why, at }: NonNullable<IngestedItem['life']>): void {
  const sql = 'SELECT state, consented_at AS consentedAt FROM connections WHERE seq = ?'
  const { state, consentedAt } = db.get<Row>(sql, seq) as Row
  // The consent that it speaks of is not the present one.
  if (at !== null && consentedAt !== null && at < consentedAt - skewMs) return
  const isFitting = {
    revoked: state !== 'revoked',
    broken: state === 'active' || state === 'expiring',
    active: state === 'broken',
  }[means]
  if (!isFitting) return
  changeState(db, seq, { state: means, why })
  if (means === 'revoked') endAtProvider(db, seq, why)
  configChanged(db)
}

/** Clocks differ, and providers tell whole seconds. */
const skewMs = 2_000

/** Its tokens are of no use any more, and its hooks are gone with the consent; its accounts stay its own. */
function endAtProvider(db: Db, seq: number, why: string): void {
  db.run('UPDATE connections SET token_set_id = NULL WHERE seq = ?', seq)
  db.run(
    `UPDATE activations SET state = 'gone', next_at = NULL, why = ? WHERE connection_seq = ? AND made_by = 'api'
       AND state <> 'gone'`,
    why,
    seq,
  )
}
