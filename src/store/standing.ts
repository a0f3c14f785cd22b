import type { Account } from '../core/account.ts'
import type { AskedValue } from '../core/resolve-definition.ts'
import { type AccountOwner, ownersOfAccount } from './accounts.ts'
import type { Db } from './database.ts'
import { decideOwners } from './decide-owners.ts'

/** What is known of a value that deliveries name in the place of an account. */
export interface Standing {
  id: number
  /** `open`: it is still asked; `nobody`: until an end it counts as nobody's. */
  state: 'open' | 'found' | 'nobody'
  /** For which account it stands. */
  accountId: number | null
}

type Row = Standing & { endsAt: number | null; upto: number }

const newestConnection =
  "SELECT coalesce(max(seq), 0) FROM connections WHERE app_id = ? AND state IN ('active', 'expiring')"

/** Part of a write: what is known of a value; undefined where nothing is. */
export function standingOf(db: Db, appId: number, { name, value }: AskedValue): Standing | undefined {
  return rowOf(db, appId, name, value)
}

function rowOf(db: Db, appId: number, name: string, value: string): Row | undefined {
  const sql = `SELECT id, state, account_id AS accountId, ends_at AS endsAt, upto FROM resolutions
    WHERE app_id = ? AND name = ? AND value = ?`
  return db.get<Row>(sql, appId, name, value)
}

/**
 * Part of a write: what is known of a value; where nothing is (any more), or somebody has consented since, it is to be asked
 * about from now on.
 */
export function openStanding(db: Db, appId: number, { name, value }: AskedValue): Standing {
  const known = rowOf(db, appId, name, value)
  const now = db.now()
  if (!known) {
    const insert = `INSERT INTO resolutions (app_id, name, value, state, next_at, changed_at) VALUES (?, ?, ?, 'open', ?, ?)`
    return { id: db.run(insert, appId, name, value, now, now).lastInsertRowid, state: 'open', accountId: null }
  }
  if (known.state !== 'nobody') return known
  const isOver = (known.endsAt ?? 0) <= now
  const newest = db.get<{ seq: number }>(`SELECT (${newestConnection}) AS seq`, appId)?.seq ?? 0
  if (!isOver && newest <= known.upto) return known
  // After its end all are asked anew; before it only those that came since.
  const again = isOver ? ", asked = '[]', yes = '[]'" : ''
  db.run(
    `UPDATE resolutions SET state = 'open', tries = 0, why = NULL, next_at = ?, changed_at = ?${again} WHERE id = ?`,
    now,
    now,
    known.id,
  )
  return { ...known, state: 'open' }
}

/** An owner, and the account by which it is one. */
export interface OwnerBehind extends AccountOwner {
  account: Account
  accountId: number
}

/** The one tenant for whose account a value stands; undefined where that is nobody's, or several tenants'. */
export function ownerBehind(
  db: Db,
  { accountId }: Pick<Standing, 'accountId'>,
  boundTo: number | null,
): OwnerBehind | undefined {
  if (accountId === null) return undefined
  const decision = decideOwners([{ owners: ownersOfAccount(db, accountId) }], boundTo)
  if ('reason' in decision || decision.owners.length !== 1) return undefined
  const account = db.get<Account>('SELECT kind, value FROM accounts WHERE id = ?', accountId)
  return account && { ...(decision.owners[0] as AccountOwner), account, accountId }
}
