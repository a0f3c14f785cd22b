import type { Buffer } from 'node:buffer'
import { exits, WhsError } from '../core/errors.ts'
import { fingerprint } from '../core/sign.ts'
import { type ActivationState, mustActivation, type StoredActivation, selectActivations } from './activation-rows.ts'
import { configChanged, type Db } from './database.ts'
import { claimOwn, letGoOwn } from './own-account.ts'
import { addSecret } from './secret-rows.ts'

/** How a call makes a hook. */
export interface Maker {
  /** The key in its URL, which calls that move or renew it need again. */
  key: string | null
  temporary: boolean
  /** When it is looked at again, should nobody hear how the call ended. */
  nextAt: number
  /** The hook whose place it takes (`act_…`): until that is removed there are two. */
  replaces: string | null
}

/**
 * Part of a write: notes that a call makes this hook.
 * @throws WhsError `activation-exists` (exit 2) where another one is for the same
 */
export function noteMaker(db: Db, seq: number, { key, temporary, nextAt, replaces }: Maker): void {
  const [there] = selectActivations(db, `v.state <> 'gone' AND v.id IS NOT ? AND ${isForTheSame}`, replaces, seq, seq)
  if (there) throw isThere(there)
  db.run(
    "UPDATE activations SET made_by = 'api', temporary = ?, next_at = ?, key_sealed = ? WHERE seq = ?",
    temporary ? 1 : 0,
    nextAt,
    key === null ? null : db.vault.seal(placeOf(seq), key),
    seq,
  )
}

function isThere({ id, app }: StoredActivation): WhsError {
  return new WhsError({
    code: 'activation-exists',
    exit: exits.usage,
    what: `there is a hook for the same at ${app} already`,
    why: `it is ${id}, and a second one would bring every event twice`,
    next: 'whs activations',
  })
}

export interface HookAnswer {
  id: string
  /** As normalised; null: it stays as it is. */
  providerId: string | null
  /** What the provider gave as its secret; of the app where that is how its deliveries are signed. */
  secret: { name: string; value: string; of: 'app' | 'activation' } | null
  /** Where it points, without its key. */
  url: string
  expiresAt: number | null
  nextAt: number | null
  slots: Record<string, string>
}

const keepOldMs = 86_400_000

/**
 * Writes down what the provider answered to the call that made, renewed or moved a hook: it is active, and nothing is
 * wrong with it; an earlier one for the same that is gone is forgotten. A secret that it has stays valid for a day beside a
 * new one; an app's own stays until somebody changes it.
 * @throws WhsError `no-activation`, `account-taken` (exit 4) where its id is another tenant's account
 */
export function completeHook(db: Db, input: HookAnswer): StoredActivation {
  const { seq, appId, providerId } = mustActivation(db, input.id)
  db.run(
    `UPDATE activations SET state = 'active', url = ?, expires_at = ?, next_at = ?, slots = ?, tries = 0, why = NULL WHERE seq = ?`,
    input.url,
    input.expiresAt,
    input.nextAt,
    JSON.stringify(input.slots),
    seq,
  )
  if (input.providerId !== null && input.providerId !== providerId) {
    letGoOwn(db, seq)
    db.run('UPDATE activations SET provider_id = ? WHERE seq = ?', input.providerId, seq)
  }
  claimOwn(db, seq, true)
  forgetGone(db, seq)
  if (input.secret) keepGiven(db, appId, seq, input.secret)
  configChanged(db)
  return mustActivation(db, input.id)
}

/** Takes away what a call had made for the same and the provider does not have any more. */
function forgetGone(db: Db, seq: number): void {
  const gone = selectActivations(db, `v.state = 'gone' AND ${isForTheSame}`, seq, seq)
  for (const one of gone) {
    letGoOwn(db, one.seq)
    db.run('DELETE FROM activations WHERE seq = ?', one.seq)
  }
}

/** Another row that a call makes, for what the row of a number is. */
const isForTheSame = `v.made_by = 'api' AND v.seq <> ? AND EXISTS (SELECT 1 FROM activations o
  WHERE o.seq = ? AND o.app_id = v.app_id AND o.tenant_id IS v.tenant_id AND o.connection_seq IS v.connection_seq
    AND o.resource IS v.resource)`

function keepGiven(db: Db, appId: number, seq: number, { name, value, of }: NonNullable<HookAnswer['secret']>): void {
  const owner = of === 'app' ? null : seq
  const present = 'app_id = ? AND name = ? AND activation_id IS ? AND (valid_until IS NULL OR valid_until > ?)'
  const rows = db.all<{ fingerprint: string }>(
    `SELECT fingerprint FROM secrets WHERE ${present}`,
    appId,
    name,
    owner,
    db.now(),
  )
  if (rows.some(row => row.fingerprint === fingerprint(value))) return
  if (owner !== null) {
    const sql = `UPDATE secrets SET valid_until = ? WHERE ${present} AND valid_until IS NULL`
    db.run(sql, db.now() + keepOldMs, appId, name, owner, db.now())
  }
  addSecret(db, appId, name, value, owner)
}

/** Forgets the secrets of a hook that is to be made once more: what the earlier call brought proves nothing. */
export function dropHookSecrets(db: Db, { id }: { id: string }): void {
  const sql =
    "DELETE FROM secrets WHERE activation_id IN (SELECT seq FROM activations WHERE id = ? AND made_by = 'api' AND state = 'pending')"
  if (db.run(sql, id).changes > 0) configChanged(db)
}

/** Writes down how it stands with a hook that was not made, renewed or found. @throws WhsError `no-activation` */
export function noteHook(
  db: Db,
  input: { id: string; state?: ActivationState; tries: number; nextAt: number | null; why: string | null },
): StoredActivation {
  const { seq } = mustActivation(db, input.id)
  db.run(
    'UPDATE activations SET state = coalesce(?, state), tries = ?, next_at = ?, why = ? WHERE seq = ?',
    input.state ?? null,
    input.tries,
    input.nextAt,
    input.why,
    seq,
  )
  configChanged(db)
  return mustActivation(db, input.id)
}

/** The key in a hook's URL; null where it has none, or it cannot be read. */
export function hookKey(db: Db, { id }: { id: string }): string | null {
  const row = db.get<{ seq: number; sealed: Buffer | null }>(
    'SELECT seq, key_sealed AS sealed FROM activations WHERE id = ?',
    id,
  )
  return row?.sealed ? db.vault.tryOpen(placeOf(row.seq), row.sealed) : null
}

/** Hooks by API that are due, those first that wait longest. */
export function dueHooks(db: Db, { now }: { now: number }): StoredActivation[] {
  const due = selectActivations(db, "v.made_by = 'api' AND v.state <> 'gone' AND v.next_at <= ?", now)
  return due.sort((left, right) => (left.nextAt ?? 0) - (right.nextAt ?? 0))
}

/** When the next one is due; null where none will be. */
export function nextHookAt(db: Db): number | null {
  const sql = "SELECT min(next_at) AS at FROM activations WHERE made_by = 'api' AND state <> 'gone'"
  return db.get<{ at: number | null }>(sql)?.at ?? null
}

export function temporaryHooks(db: Db): StoredActivation[] {
  return selectActivations(db, "v.made_by = 'api' AND v.temporary = 1")
}

function placeOf(seq: number): string {
  return `activations/${seq}/key`
}
