import { exits, WhsError } from '../core/errors.ts'
import { mustApp } from './app-ops.ts'
import { type ConnectionResult, endConsent } from './consent-ops.ts'
import { configChanged, type Db } from './database.ts'
import { addMapping, releaseParked } from './mapping-ops.ts'
import { accountIdOf } from './resolve.ts'
import { mustTenant, tenantIdOf } from './tenant-ops.ts'

/** An account that the new token has proved. */
export interface ProvedAccount {
  kind: string
  /** Normalised. */
  value: string
  name: string | null
  /** How it was proved, for `explain`. */
  proof: string
}

export interface NewConnection {
  /** The consent that this ends; it must be claimed. */
  linkHash: string
  app: string
  /** A tenant of that name, or a new one whose name is made of the slug. */
  tenant: { name: string } | { slug: string }
  claim: 'share' | 'move' | null
  release: boolean
  accounts: ProvedAccount[]
  scopes: string[]
  access: string
  refresh: string | null
  accessExpiresAt: number
  refreshExpiresAt: number | null
}

/**
 * The one write of a consent: connection with sealed tokens, accounts, mappings, what was parked, and the consent's end.
 * Connecting again mends: the tenant's connection of these accounts is renewed in place.
 * @throws WhsError `no-app`, `account-taken` (exit 4) where another tenant has an account and neither share nor move was
 * said, `consent-gone` (exit 1) where the consent is not claimed
 */
export function finishConsent(db: Db, input: NewConnection): ConnectionResult {
  const app = mustApp(db, input.app)
  const accountIds = input.accounts.map(account => {
    const id = accountIdOf(db, app.id, account.kind, account.value, db.now())
    if (account.name !== null) db.run('UPDATE accounts SET name = ? WHERE id = ?', account.name, id)
    return id
  })
  const name = 'name' in input.tenant ? input.tenant.name : freeName(db, input.tenant.slug)
  if (input.claim === null) refuseTaken(db, input, accountIds, name)
  const tenantId = tenantIdOf(db, name)
  const known = connectionToMend(db, app.id, tenantId, accountIds)
  const seq = known ?? insertConnection(db, app.id, tenantId)
  storeTokens(db, seq, input)
  for (const [index, accountId] of accountIds.entries()) {
    if (input.claim === 'move') moveAway(db, accountId, tenantId, name)
    const proof = input.accounts[index]?.proof ?? ''
    addMapping(db, { accountId, tenantId, connectionSeq: seq, source: 'connect', proof })
  }
  configChanged(db)
  const result: ConnectionResult = {
    id: db.get<{ id: string }>('SELECT id FROM connections WHERE seq = ?', seq)?.id as string,
    app: app.name,
    tenants: [name, ...otherOwners(db, accountIds, tenantId)],
    accounts: input.accounts.map(({ value, kind, name }) => ({ id: value, kind, name })),
    state: 'active',
    scopes: input.scopes,
    expiresAt: input.refreshExpiresAt ?? input.accessExpiresAt,
    released: release(db, input.release ? accountIds : []),
    mended: known !== undefined,
  }
  if (!endConsent(db, input.linkHash, result)) throw gone()
  return result
}

function freeName(db: Db, slug: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? slug : `${slug}-${count}`
    if (!db.get('SELECT 1 FROM tenants WHERE name = ?', name)) return name
  }
}

function refuseTaken(db: Db, input: NewConnection, accountIds: number[], tenant: string): void {
  for (const [index, accountId] of accountIds.entries()) {
    const owners = ownersOf(db, accountId)
    if (owners.length === 0 || owners.includes(tenant)) continue
    const account = input.accounts[index] as ProvedAccount
    throw new WhsError({
      code: 'account-taken',
      exit: exits.consent,
      what: `${account.name ?? account.value} (${account.kind} ${account.value}) is not connected for ${tenant}`,
      why: `it belongs to ${owners.join(', ')}, and an account is never shared or moved silently`,
      next: `whs connect ${input.app} --tenant ${tenant} --share   (both get its events; --move: only ${tenant})`,
    })
  }
}

function ownersOf(db: Db, accountId: number): string[] {
  const sql = 'SELECT t.name FROM mappings m JOIN tenants t ON t.id = m.tenant_id WHERE m.account_id = ? ORDER BY m.id'
  return db.all<{ name: string }>(sql, accountId).map(row => row.name)
}

function otherOwners(db: Db, accountIds: number[], tenantId: number): string[] {
  const sql = `SELECT DISTINCT t.name FROM mappings m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.account_id IN (SELECT value FROM json_each(?)) AND t.id <> ? ORDER BY t.name`
  return db.all<{ name: string }>(sql, JSON.stringify(accountIds), tenantId).map(row => row.name)
}

/**
 * The tenant's connection that holds one of these accounts, else one that holds none any more. One that holds other
 * accounts has their tokens and stays as it is.
 */
function connectionToMend(db: Db, appId: number, tenantId: number, accountIds: number[]): number | undefined {
  const sql = `SELECT n.seq, count(m.id) AS held, count(CASE WHEN m.account_id IN (SELECT value FROM json_each(?)) THEN 1 END) AS same
    FROM connections n LEFT JOIN mappings m ON m.connection_seq = n.seq WHERE n.app_id = ? AND n.tenant_id = ?
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

function storeTokens(db: Db, seq: number, input: NewConnection): void {
  db.run(
    `UPDATE connections SET state = 'active', why = NULL, scopes = ?, access_sealed = ?, refresh_sealed = ?,
       access_expires_at = ?, refresh_expires_at = ?, changed_at = ? WHERE seq = ?`,
    input.scopes.join(' '),
    db.vault.seal(`connections/${seq}/access`, input.access),
    input.refresh === null ? null : db.vault.seal(`connections/${seq}/refresh`, input.refresh),
    input.accessExpiresAt,
    input.refreshExpiresAt,
    db.now(),
    seq,
  )
}

/** Takes an account from everybody else. A connection that is left with no account is over. */
function moveAway(db: Db, accountId: number, tenantId: number, to: string): void {
  const taken = db.all<{ seq: number | null }>(
    'DELETE FROM mappings WHERE account_id = ? AND tenant_id <> ? RETURNING connection_seq AS seq',
    accountId,
    tenantId,
  )
  for (const { seq } of taken) {
    if (seq === null || db.get('SELECT 1 FROM mappings WHERE connection_seq = ?', seq)) continue
    endConnection(db, seq, `its account was moved to ${to}`)
  }
}

function endConnection(db: Db, seq: number, why: string): void {
  db.run(
    `UPDATE connections SET state = 'revoked', why = ?, access_sealed = NULL, refresh_sealed = NULL, changed_at = ?
     WHERE seq = ?`,
    why,
    db.now(),
    seq,
  )
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

/** A connection with its tokens in clear, for calls and for revoking. */
export interface OpenConnection {
  id: string
  app: string
  access: string | null
  refresh: string | null
  accounts: { kind: string; value: string; name: string | null; alsoOf: string[] }[]
}

/** The connections of a tenant (at one app) that are not revoked. @throws WhsError `no-tenant` (exit 5) */
export function openConnections(db: Db, input: { tenant: string; app: string | null }): OpenConnection[] {
  const { id: tenantId } = mustTenant(db, input.tenant)
  const rows = db.all<{ seq: number; id: string; app: string; access: Buffer | null; refresh: Buffer | null }>(
    `SELECT n.seq, n.id, a.name AS app, n.access_sealed AS access, n.refresh_sealed AS refresh FROM connections n
     JOIN apps a ON a.id = n.app_id WHERE n.tenant_id = ? AND n.state <> 'revoked' AND a.name = coalesce(?, a.name)`,
    tenantId,
    input.app,
  )
  return rows.map(({ seq, id, app, access, refresh }) => ({
    id,
    app,
    access: access && db.vault.open(`connections/${seq}/access`, access),
    refresh: refresh && db.vault.open(`connections/${seq}/refresh`, refresh),
    accounts: db
      .all<{ id: number; kind: string; value: string; name: string | null }>(
        `SELECT c.id, c.kind, c.value, c.name FROM mappings m JOIN accounts c ON c.id = m.account_id
         WHERE m.connection_seq = ? ORDER BY m.id`,
        seq,
      )
      .map(({ id, ...account }) => ({ ...account, alsoOf: otherOwners(db, [id], tenantId) })),
  }))
}

/** Ends connections: their mappings and tokens go, the tenant and its history stay. */
export function disconnect(db: Db, { ids }: { ids: string[] }): void {
  for (const id of ids) {
    const row = db.get<{ seq: number }>('SELECT seq FROM connections WHERE id = ?', id)
    if (!row) continue
    db.run("DELETE FROM mappings WHERE connection_seq = ? AND source = 'connect'", row.seq)
    endConnection(db, row.seq, 'disconnected here')
  }
  configChanged(db)
}
