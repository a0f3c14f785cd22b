import { exits, WhsError } from '../core/errors.ts'
import type { Db } from './database.ts'

/** A subscription that exists at the provider, or is about to, without its secrets. Times in ms. */
export interface StoredActivation {
  /** Its number, as deliveries and secrets name it. */
  seq: number
  /** `act_…` */
  id: string
  appId: number
  app: string
  provider: string
  env: string
  /** Whose it is; null: the whole app's. */
  tenant: string | null
  connectionId: string | null
  /** The account kind whose values are ids of activations. */
  kind: string | null
  /** The provider's own id of it. */
  providerId: string | null
  resource: string | null
  /** The callback URL that it points at, without its key. */
  url: string | null
  /** Its callback URL has a key of its own. */
  keyed: boolean
  state: ActivationState
  createdAt: number
  /** When it ends at the provider unless it is renewed. */
  expiresAt: number | null
  /** When it last brought a delivery that verified. */
  lastAt: number | null
  secrets: { name: string; fingerprint: string }[]
  /** `api`: a call made it, and can renew and remove it. */
  madeBy: 'hand' | 'api'
  /** What later calls of its API need: slot → value. */
  slots: Record<string, string>
  /** It goes with the run that made it. */
  temporary: boolean
  /** How often in a row it could not be made or renewed, when it is due (again), and why it failed. */
  tries: number
  nextAt: number | null
  why: string | null
}
/** `pending`: its secret or id is still waited for; `gone`: the provider does not have it any more. */
export type ActivationState = 'pending' | 'active' | 'gone'

type ActivationRow = Omit<StoredActivation, 'keyed' | 'secrets' | 'slots' | 'temporary'> & {
  keyed: number
  slots: string
  temporary: number
}

const select = `SELECT v.seq, v.id, v.app_id AS appId, a.name AS app, a.provider, a.env, t.name AS tenant, n.id AS connectionId,
  v.kind, v.provider_id AS providerId, v.resource, v.url, v.key_hash IS NOT NULL AS keyed, v.state,
  v.created_at AS createdAt, v.expires_at AS expiresAt, v.last_at AS lastAt,
  v.made_by AS madeBy, v.slots, v.temporary, v.tries, v.next_at AS nextAt, v.why
  FROM activations v JOIN apps a ON a.id = v.app_id LEFT JOIN tenants t ON t.id = v.tenant_id
  LEFT JOIN connections n ON n.seq = v.connection_seq`

/** The activations for which a condition over activations v, apps a and tenants t holds, oldest first. */
export function selectActivations(db: Db, where: string, ...args: unknown[]): StoredActivation[] {
  return db.all<ActivationRow>(`${select} WHERE ${where} ORDER BY v.seq`, ...args).map(row => ({
    ...row,
    keyed: row.keyed === 1,
    slots: JSON.parse(row.slots) as Record<string, string>,
    temporary: row.temporary === 1,
    secrets: db.all<{ name: string; fingerprint: string }>(
      'SELECT name, fingerprint FROM secrets WHERE activation_id = ? ORDER BY id DESC',
      row.seq,
    ),
  }))
}

/** @throws WhsError `no-activation` (exit 5) */
export function mustActivation(db: Db, id: string): StoredActivation {
  const [activation] = selectActivations(db, 'v.id = ?', id)
  if (activation) return activation
  throw new WhsError({
    code: 'no-activation',
    exit: exits.unknown,
    what: `there is no activation ${id}`,
    why: 'it was removed, or the id is mistyped',
    next: 'whs activations',
  })
}
