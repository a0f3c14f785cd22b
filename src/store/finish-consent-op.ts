import { exits, WhsError } from '../core/errors.ts'
import { accountIdOf, ownersOfAccount } from './accounts.ts'
import { type App, mustApp } from './app-ops.ts'
import { endConnection, otherOwners } from './connection-ops.ts'
import { changeState } from './connection-state.ts'
import { type ConnectionResult, endConsent } from './consent-ops.ts'
import { configChanged, type Db } from './database.ts'
import { addMapping, forgetLearned, outdoLearned } from './mapping-row.ts'
import { releaseParked } from './release-parked.ts'
import { tenantIdOf } from './tenant-ops.ts'
import { addTokenSet, type TokenSet } from './token-sets.ts'

/** An account that the new token has proved. */
export interface ProvedAccount {
  kind: string
  /** Normalised. */
  value: string
  name: string | null
  /** How it was proved, for `explain`. */
  proof: string
}

/** Whom a consent is for: one tenant with its accounts. */
export interface NewIdentity {
  /** A tenant of that name, or a new one whose name is made of the slug. */
  tenant: { name: string } | { slug: string }
  accounts: ProvedAccount[]
  /** What was asked or learned: slot → value. */
  slots: Record<string, string>
}

/** All that one consent gave: connections that share its tokens. */
export interface NewConnections extends TokenSet {
  /** The consent that this ends; it must be claimed. Null: a key stands in its place. */
  linkHash: string | null
  app: string
  claim: 'share' | 'move' | null
  release: boolean
  identities: NewIdentity[]
  /** Hooks of those from whom accounts are moved that stay at the provider: whose, and why. */
  leftHooks?: string[]
  scopes: string[]
}

/**
 * The one write of a consent: connections with one set of sealed tokens, accounts, mappings, what was parked, and the
 * consent's end. Connecting again mends: a tenant's connection of these accounts is renewed in place.
 * @throws WhsError `no-app`, `account-taken` (exit 4) where another tenant has an account and neither share nor move was
 * said, `consent-gone` (exit 1) where the consent is not claimed
 */
export function finishConsent(db: Db, input: NewConnections): ConnectionResult[] {
  const app = mustApp(db, input.app)
  const tokenSet = addTokenSet(db, input)
  const results = input.identities.map(identity => connect(db, app, input, identity, tokenSet))
  if (input.linkHash !== null && !endConsent(db, input.linkHash, results)) throw gone()
  return results
}

function connect(
  db: Db,
  app: App,
  input: NewConnections,
  { tenant, accounts, slots }: NewIdentity,
  tokenSet: number | null,
): ConnectionResult {
  const accountIds = accounts.map(account => {
    const id = accountIdOf(db, app.id, account.kind, account.value, db.now())
    if (account.name !== null) db.run('UPDATE accounts SET name = ? WHERE id = ?', account.name, id)
    return id
  })
  const name = 'name' in tenant ? tenant.name : freeName(db, tenant.slug)
  const tenantId = tenantIdOf(db, name)
  for (const accountId of accountIds) outdoLearned(db, { accountId, tenantId })
  if (input.claim === null) refuseTaken(db, app.name, accounts, accountIds, name)
  const known = connectionToMend(db, app.id, tenantId, accountIds)
  const seq = known ?? insertConnection(db, app.id, tenantId)
  renewConnection(db, seq, { tokenSet, slots, scopes: input.scopes, byKey: input.linkHash === null })
  for (const [index, accountId] of accountIds.entries()) {
    if (input.claim === 'move') moveAway(db, accountId, tenantId, name)
    const proof = accounts[index]?.proof ?? ''
    addMapping(db, { accountId, tenantId, connectionSeq: seq, source: 'connect', proof })
  }
  const mended = known !== undefined
  changeState(db, seq, { state: 'active', why: null, told: { mended, scopes: input.scopes } })
  configChanged(db)
  return {
    id: db.get<{ id: string }>('SELECT id FROM connections WHERE seq = ?', seq)?.id as string,
    app: app.name,
    tenants: [name, ...otherOwners(db, accountIds, tenantId)],
    accounts: accounts.map(({ value, kind, name }) => ({ id: value, kind, name })),
    state: 'active',
    scopes: input.scopes,
    slots,
    expiresAt: input.refresh === null ? input.accessExpiresAt : input.refreshExpiresAt,
    released: release(db, input.release ? accountIds : []),
    mended,
    ...(input.leftHooks && input.leftHooks.length > 0 ? { leftHooks: input.leftHooks } : {}),
  }
}

function freeName(db: Db, slug: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? slug : `${slug}-${count}`
    if (!db.get('SELECT 1 FROM tenants WHERE name = ?', name)) return name
  }
}

function refuseTaken(db: Db, app: string, accounts: ProvedAccount[], accountIds: number[], tenant: string): void {
  for (const [index, accountId] of accountIds.entries()) {
    const owners = ownersOfAccount(db, accountId).map(owner => owner.tenant)
    if (owners.length === 0 || owners.includes(tenant)) continue
    const account = accounts[index] as ProvedAccount
    throw new WhsError({
      code: 'account-taken',
      exit: exits.consent,
      what: `${account.name ?? account.value} (${account.kind} ${account.value}) is not connected for ${tenant}`,
      why: `it belongs to ${owners.join(', ')}, and an account is never shared or moved silently`,
      next: `whs connect ${app} --tenant ${tenant} --share   (both get its events; --move: only ${tenant})`,
    })
  }
}

/**
 * The tenant's connection that holds one of these accounts, else one that holds none any more. One that holds other
 * accounts has their tokens and stays as it is.
 */
function connectionToMend(db: Db, appId: number, tenantId: number, accountIds: number[]): number | undefined {
  const sql = `SELECT n.seq, count(m.id) AS held, count(CASE WHEN m.account_id IN (SELECT value FROM json_each(?)) THEN 1 END) AS same
    FROM connections n LEFT JOIN mappings m ON m.connection_seq = n.seq AND m.source = 'connect' WHERE n.app_id = ? AND n.tenant_id = ?
    GROUP BY n.seq HAVING same > 0 OR held = 0 ORDER BY same DESC, n.seq DESC LIMIT 1`
  return db.get<{ seq: number }>(sql, JSON.stringify(accountIds), appId, tenantId)?.seq
}

function insertConnection(db: Db, appId: number, tenantId: number): number {
  return db.run(
    `INSERT INTO connections (id, app_id, tenant_id, state, created_at, changed_at) VALUES (?, ?, ?, 'active', ?, ?)`,
    db.makeId('con'),
    appId,
    tenantId,
    db.now(),
    db.now(),
  ).lastInsertRowid
}

interface Renewal {
  tokenSet: number | null
  slots: Record<string, string>
  scopes: string[]
  byKey: boolean
}

function renewConnection(db: Db, seq: number, { tokenSet, slots, scopes, byKey }: Renewal): void {
  db.run(
    'UPDATE connections SET scopes = ?, slots = ?, token_set_id = ?, by_key = ?, consented_at = ? WHERE seq = ?',
    scopes.join(' '),
    JSON.stringify(slots),
    tokenSet,
    byKey ? 1 : 0,
    db.now(),
    seq,
  )
}

/** Takes an account from everybody else. A connection that is left with no account is over. */
function moveAway(db: Db, accountId: number, tenantId: number, to: string): void {
  const taken = db.all<{ seq: number | null; from: number; app: number }>(
    `DELETE FROM mappings WHERE account_id = ? AND tenant_id <> ? RETURNING connection_seq AS seq, tenant_id AS "from",
       (SELECT app_id FROM accounts WHERE id = account_id) AS app`,
    accountId,
    tenantId,
  )
  for (const { seq, from, app } of taken) {
    forgetLearned(db, { appId: app, tenantId: from, connectionSeq: seq })
    if (seq === null || db.get("SELECT 1 FROM mappings WHERE connection_seq = ? AND source = 'connect'", seq)) continue
    endConnection(db, seq, `its account was moved to ${to}`)
  }
}

function release(db: Db, accountIds: number[]): ConnectionResult['released'] {
  let events = 0
  const ages: number[] = []
  for (const accountId of accountIds) {
    const released = releaseParked(db, accountId)
    events += released.events
    if (released.oldestAt !== null) ages.push(released.oldestAt)
  }
  return { events, oldestAt: ages.length > 0 ? Math.min(...ages) : null }
}

function gone(): WhsError {
  return new WhsError({
    code: 'consent-gone',
    exit: exits.fault,
    what: 'the consent cannot be finished',
    why: 'it was ended or finished elsewhere meanwhile',
  })
}
