import { Buffer } from 'node:buffer'
import { exits, WhsError } from '../core/errors.ts'
import { type ActivationState, mustActivation, type StoredActivation, selectActivations } from './activation-rows.ts'
import { mustApp } from './app-ops.ts'
import { configChanged, type Db } from './database.ts'
import { type Maker, noteMaker } from './hook-ops.ts'
import { claimOwn, letGoOwn } from './own-account.ts'
import type { Released } from './release-parked.ts'
import { addSecret } from './secret-rows.ts'
import { tenantIdOf } from './tenant-ops.ts'

export type { StoredActivation } from './activation-rows.ts'

export interface NewActivation {
  app: string
  /** Whose it is, made where it is not there; null: the whole app's. */
  tenant: string | null
  /** The connection with whose token it was made: it goes with that. */
  connectionId?: string | null
  /** The account kind whose values are ids of activations. */
  kind?: string | null
  /** The provider's own id of it; with a kind, as normalised. */
  providerId?: string | null
  resource?: string | null
  /** SHA-256 of the key in its callback URL, in hex. */
  keyHash?: string | null
  /** The callback URL that it points at, without the key. */
  url?: string | null
  state: 'pending' | 'active'
  secret?: NewSecret | null
  expiresAt?: number | null
  /** Gives what was parked for its id to the tenant. */
  release: boolean
  /** How a call makes it; absent: by hand. */
  byApi?: Maker
}
export interface NewSecret {
  name: string
  value: string
}

/**
 * Writes an activation down. Where its id is an account of the provider, that is the tenant's from now on, and what was
 * parked for it is released in the same transaction.
 * @throws WhsError `no-app` (exit 3), `account-taken` (exit 4) where its id is another tenant's, `activation-exists` (exit 2)
 */
export function addActivation(db: Db, input: NewActivation): { activation: StoredActivation; released: Released } {
  const app = mustApp(db, input.app)
  const tenantId = input.tenant === null ? null : tenantIdOf(db, input.tenant)
  const { kind = null, providerId = null, keyHash, secret } = input
  if (kind !== null && providerId !== null && !input.byApi) refuseDouble(db, app.id, tenantId, kind, providerId)
  const { lastInsertRowid: seq } = db.run(
    `INSERT INTO activations (id, app_id, tenant_id, connection_seq, kind, provider_id, resource, key_hash, url, state, created_at, expires_at)
     VALUES (?, ?, ?, (SELECT seq FROM connections WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)`,
    db.makeId('act'),
    app.id,
    tenantId,
    input.connectionId ?? null,
    kind,
    providerId,
    input.resource ?? null,
    keyHash ? Buffer.from(keyHash, 'hex') : null,
    input.url ?? null,
    input.state,
    db.now(),
    input.expiresAt ?? null,
  )
  if (input.byApi) noteMaker(db, seq, input.byApi)
  if (secret) addSecret(db, app.id, secret.name, secret.value, seq)
  const released = claimOwn(db, seq, input.release)
  configChanged(db)
  return { activation: selectActivations(db, 'v.seq = ?', seq)[0] as StoredActivation, released }
}

function refuseDouble(db: Db, appId: number, tenantId: number | null, kind: string, providerId: string): void {
  const [there] = selectActivations(
    db,
    "v.app_id = ? AND v.kind = ? AND v.provider_id = ? AND v.tenant_id IS ? AND v.state <> 'gone'",
    appId,
    kind,
    providerId,
    tenantId,
  )
  if (!there) return
  throw new WhsError({
    code: 'activation-exists',
    exit: exits.usage,
    what: `the activation ${providerId} is there already`,
    why: `it is ${there.id}, and none is replaced silently`,
    next: `whs activations remove ${there.id}`,
  })
}

/**
 * Ends the wait of a pending activation by what the provider said of it, or gives a secret to one that works without.
 * False where it waits for nothing, or has a secret already and another comes: none is ever replaced. One that a call is
 * making stays pending until the call was answered.
 * @throws WhsError `account-taken` (exit 4)
 */
export function confirmActivation(
  db: Db,
  input: { seq: number; secret: NewSecret | null; providerId?: string | null; expiresAt?: number | null },
): boolean {
  const { seq, secret, providerId, expiresAt } = input
  if (secret && db.get('SELECT 1 FROM secrets WHERE activation_id = ?', seq)) return false
  const row = db.get<{ appId: number }>(
    `UPDATE activations SET state = iif(made_by = 'api', state, 'active'), provider_id = coalesce(?, provider_id), expires_at = coalesce(?, expires_at)
     WHERE seq = ? AND (state = 'pending' OR state = 'active' AND ?) RETURNING app_id AS appId`,
    providerId ?? null,
    expiresAt ?? null,
    seq,
    secret ? 1 : 0,
  )
  if (!row) return false
  if (secret) addSecret(db, row.appId, secret.name, secret.value, seq)
  claimOwn(db, seq, true)
  configChanged(db)
  return true
}

export interface ActivationChange {
  id: string
  state?: ActivationState
  url?: string
  expiresAt?: number | null
  providerId?: string
}

/** Changes what is named, as when it was renewed or points elsewhere. @throws WhsError `no-activation`, `account-taken` */
export function changeActivation(db: Db, input: ActivationChange): StoredActivation {
  const { seq, providerId } = mustActivation(db, input.id)
  if (input.state) db.run('UPDATE activations SET state = ? WHERE seq = ?', input.state, seq)
  if (input.url) db.run('UPDATE activations SET url = ? WHERE seq = ?', input.url, seq)
  if (input.expiresAt !== undefined) {
    db.run('UPDATE activations SET expires_at = ? WHERE seq = ?', input.expiresAt, seq)
  }
  if (input.providerId && input.providerId !== providerId) {
    letGoOwn(db, seq)
    db.run('UPDATE activations SET provider_id = ? WHERE seq = ?', input.providerId, seq)
    claimOwn(db, seq, true)
  }
  configChanged(db)
  return mustActivation(db, input.id)
}

/** Takes an activation away with its secrets and what it mapped. Returns it as it was. @throws WhsError `no-activation` */
export function removeActivation(db: Db, { id }: { id: string }): StoredActivation {
  const activation = mustActivation(db, id)
  letGoOwn(db, activation.seq)
  db.run('DELETE FROM activations WHERE seq = ?', activation.seq)
  configChanged(db)
  return activation
}

/** Activations (of one app, of one tenant), oldest first. */
export function listActivations(db: Db, { app, tenant }: { app?: string; tenant?: string }): StoredActivation[] {
  const where = 'a.name = coalesce(?, a.name) AND (? IS NULL OR t.name = ?)'
  return selectActivations(db, where, app ?? null, tenant ?? null, tenant ?? null)
}

/** The callback URLs that an app's activations point at. */
export function activationUrls(db: Db, { appId }: { appId: number }): string[] {
  const sql = 'SELECT url FROM activations WHERE app_id = ? AND url IS NOT NULL GROUP BY url ORDER BY min(seq)'
  return db.all<{ url: string }>(sql, appId).map(({ url }) => url)
}

export function findActivation(db: Db, { id }: { id: string }): StoredActivation | null {
  return selectActivations(db, 'v.id = ?', id)[0] ?? null
}
