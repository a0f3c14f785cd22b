import { Buffer } from 'node:buffer'
import { type StoredActivation, selectActivations } from './activation-rows.ts'
import { type ClearSecret, mustApp } from './app-ops.ts'
import { configChanged, type Db } from './database.ts'
import { addSecret, openSecret } from './secret-rows.ts'

/** A secret by which deliveries of an app may verify. */
export interface ClearKey extends ClearSecret {
  name: string
  /** Whose it is; null for the app's own. `id` is the activation's number. */
  activation: { id: number; providerId: string | null; tenant: string | null } | null
}

type KeyRow = Omit<ClearKey, 'value' | 'activation'> & {
  sealed: Buffer
  activation: number | null
  providerId: string | null
  tenant: string | null
}

/** All valid secrets of an app that can be read, its own and those of its activations, newest first. */
export function readKeys(db: Db, input: { appId: number }): ClearKey[] {
  return readKeyring(db, input).keys
}

/** A valid secret of an app that cannot be read any more: what only it could prove is not known to be false. */
export type UnreadableKey = Pick<ClearKey, 'id' | 'name' | 'activation'>

/** The valid secrets of an app, newest first. */
export interface StoredKeyring {
  keys: ClearKey[]
  unreadable: UnreadableKey[]
}

export function readKeyring(db: Db, { appId }: { appId: number }): StoredKeyring {
  return keysWhere(db, appId, '(s.valid_until IS NULL OR s.valid_until > ?)')
}

/** The secrets of an app that were replaced and are not valid any more, newest first. */
export function readOldKeys(db: Db, { appId }: { appId: number }): ClearKey[] {
  return keysWhere(db, appId, 's.valid_until <= ?').keys
}

function keysWhere(db: Db, appId: number, validity: string): StoredKeyring {
  const rows = db.all<KeyRow>(
    `SELECT s.id, s.name, s.value_sealed AS sealed, s.fingerprint, s.created_at AS createdAt,
       s.activation_id AS activation, v.provider_id AS providerId, t.name AS tenant FROM secrets s
     LEFT JOIN activations v ON v.seq = s.activation_id LEFT JOIN tenants t ON t.id = v.tenant_id
     WHERE s.app_id = ? AND ${validity} ORDER BY s.id DESC`,
    appId,
    db.now(),
  )
  const keys: ClearKey[] = []
  const unreadable: UnreadableKey[] = []
  for (const { sealed, activation: seq, providerId, tenant, ...rest } of rows) {
    const value = openSecret(db, rest.id, sealed)
    const activation = seq === null ? null : { id: seq, providerId, tenant }
    if (value === null) unreadable.push({ id: rest.id, name: rest.name, activation })
    else keys.push({ ...rest, value, activation })
  }
  return { keys, unreadable }
}

/** The activation whose key stands in a callback URL, by the key's hash in hex. */
export function findActivationByKey(
  db: Db,
  { appId, keyHash }: { appId: number; keyHash: string },
): StoredActivation | null {
  return selectActivations(db, 'v.app_id = ? AND v.key_hash = ?', appId, Buffer.from(keyHash, 'hex'))[0] ?? null
}

/**
 * Takes a secret of the app that a handshake brought: only while an activation of the whole app is pending, which is then
 * active, and never in place of a stored one. Tells whether it was taken.
 * @throws WhsError `no-app`
 */
export function addAppSecretOnce(db: Db, input: { app: string; name: string; value: string }): boolean {
  const app = mustApp(db, input.app)
  if (app.secrets.some(({ name }) => name === input.name)) return false
  const { changes } = db.run(
    `UPDATE activations SET state = iif(made_by = 'api', state, 'active')
     WHERE app_id = ? AND tenant_id IS NULL AND state = 'pending'`,
    app.id,
  )
  if (changes === 0) return false
  addSecret(db, app.id, input.name, input.value)
  configChanged(db)
  return true
}

/** A key that a provider publishes, as JSON Web Key (RFC 7517). */
export interface PublicKey {
  url: string
  kid: string
  key: Record<string, unknown>
  fetchedAt: number
}

/** Keeps the keys of a set in place of those that it had. */
export function keepPublicKeys(
  db: Db,
  { url, keys, fetchedAt }: { url: string; keys: Record<string, Record<string, unknown>>; fetchedAt: number },
): void {
  db.run('DELETE FROM public_keys WHERE url = ?', url)
  for (const [kid, key] of Object.entries(keys)) {
    db.run('INSERT INTO public_keys VALUES (?, ?, ?, ?)', url, kid, JSON.stringify(key), fetchedAt)
  }
}

export function readPublicKeys(db: Db): PublicKey[] {
  const rows = db.all<Omit<PublicKey, 'key'> & { key: string }>(
    'SELECT url, kid, key, fetched_at AS fetchedAt FROM public_keys ORDER BY url, kid',
  )
  return rows.map(row => ({ ...row, key: JSON.parse(row.key) as PublicKey['key'] }))
}
