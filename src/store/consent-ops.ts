import { Buffer } from 'node:buffer'
import { mustApp } from './app-ops.ts'
import { type ConsentRow, consentOf, selectConsent } from './consent-rows.ts'
import type { Db } from './database.ts'
import { tellRefusal } from './lifecycle-events.ts'

/**
 * A consent goes `open` (the link is made) → `begun` (a browser went to the provider; again and again, each time with a
 * fresh state) → `exchanging` (one process has claimed the code) → `done` or `failed`. Between `begun` and `exchanging`
 * it is `code` where the process that got the callback leaves the exchange to another: the callback lies sealed here.
 */
export type ConsentState = 'open' | 'begun' | 'code' | 'exchanging' | 'done' | 'failed'

/** Whose a consent shall be, and what may happen for it. */
export interface ConsentWish {
  /** Named tenants, each for one account or (`null`) for any; none: the account decides. */
  tenants: { tenant: string; account: string | null }[]
  /** The only accounts that are taken; none: any. */
  accounts: string[]
  /** What may be done with an account that another tenant has. */
  claim: 'share' | 'move' | null
  /** Gives what was parked to the tenant. */
  release: boolean
  /** Only the waiting process may finish it, since a person there can be asked. */
  asks: boolean
  /** Every account becomes a tenant of its own. */
  each: boolean
  /** The listener makes the usual hooks after it; absent: whoever waits for the consent does. */
  activates?: boolean
  /** What was asked for before the start: slot → value. */
  slots: Record<string, string>
}

export interface ConsentFailure {
  code: string
  what: string
  why: string | null
  next: string | null
  exit: number
}

/** One connection that a finished consent brought. Times in ms; scopes as the provider granted them. */
export interface ConnectionResult {
  id: string
  app: string
  /** Everybody whose events these accounts give, the connection's own tenant first. */
  tenants: string[]
  /** `id` is the provider's own, as normalised. */
  accounts: { id: string; kind: string; name: string | null }[]
  state: 'active'
  scopes: string[]
  /** What was asked or learned: slot → value. */
  slots: Record<string, string>
  /** When the consent ends unless it is used before: the refresh token's end, else the access token's; null: never. */
  expiresAt: number | null
  released: { events: number; oldestAt: number | null }
  /** A connection that was there already has new tokens. */
  mended: boolean
  /** Hooks of those from whom the accounts were moved that stay at the provider: whose, and why. */
  leftHooks?: string[]
}

export type ConsentOutcome = { ok: true; connections: ConnectionResult[] } | { ok: false; failure: ConsentFailure }

export interface Consent {
  /** SHA-256 of the link's secret, in hex: the consent's key. */
  linkHash: string
  app: string
  state: ConsentState
  wish: ConsentWish
  redirectUri: string
  scopes: string[]
  cookieHash: string | null
  stateHash: string | null
  outcome: ConsentOutcome | null
  createdAt: number
  expiresAt: number
}

const keptMs = 7 * 86_400_000

function hash(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

export interface NewConsent {
  linkHash: string
  app: string
  wish: ConsentWish
  redirectUri: string
  scopes: string[]
  expiresAt: number
}

/** Writes down a consent that somebody may now begin; forgets those that ended a week ago. @throws WhsError `no-app` */
export function makeConsent(db: Db, input: NewConsent): void {
  const app = mustApp(db, input.app)
  db.run('DELETE FROM consents WHERE expires_at < ?', db.now() - keptMs)
  db.run(
    `INSERT INTO consents (link_hash, app_id, state, wish, redirect_uri, scopes, created_at, expires_at)
     VALUES (?, ?, 'open', ?, ?, ?, ?, ?)`,
    hash(input.linkHash),
    app.id,
    JSON.stringify(input.wish),
    input.redirectUri,
    input.scopes.join(' '),
    db.now(),
    input.expiresAt,
  )
}

/** The consent of a link. */
export function findConsent(db: Db, { linkHash }: { linkHash: string }): Consent | null {
  return consentOf(db.get<ConsentRow>(`${selectConsent} WHERE c.link_hash = ?`, hash(linkHash)))
}

/** The consent whose newest state parameter this is. */
export function findConsentByState(db: Db, { stateHash }: { stateHash: string }): Consent | null {
  return consentOf(db.get<ConsentRow>(`${selectConsent} WHERE c.state_hash = ?`, hash(stateHash)))
}

/** Consents that can still be begun or finished, oldest first. */
export function openConsents(db: Db): Consent[] {
  const rows = db.all<ConsentRow>(
    `${selectConsent} WHERE c.state IN ('open', 'begun') AND c.expires_at > ? ORDER BY c.created_at`,
    db.now(),
  )
  return rows.map(row => consentOf(row)).filter(consent => consent !== null)
}

export interface DepartedConsent {
  linkHash: string
  cookieHash: string
  stateHash: string
  /** The PKCE verifier (RFC 7636), where one is used. */
  verifier: string | null
}

/** Sends a browser off with a fresh state; false where the consent is past that or has expired. */
export function departConsent(db: Db, input: DepartedConsent): boolean {
  const verifier = input.verifier && db.vault.seal(place(input.linkHash, 'verifier'), input.verifier)
  const { changes } = db.run(
    `UPDATE consents SET state = 'begun', cookie_hash = ?, state_hash = ?, verifier_sealed = ?
     WHERE link_hash = ? AND state IN ('open', 'begun') AND expires_at > ?`,
    hash(input.cookieHash),
    hash(input.stateHash),
    verifier,
    hash(input.linkHash),
    db.now(),
  )
  return changes === 1
}

function place(linkHash: string, column: string): string {
  return `consents/${linkHash}/${column}`
}

/** Keeps a callback, sealed, for the process that will finish it; false where the consent is past that or has expired. */
export function keepCallback(db: Db, input: { stateHash: string; linkHash: string; callback: string }): boolean {
  const { changes } = db.run(
    `UPDATE consents SET state = 'code', callback_sealed = ?
     WHERE link_hash = ? AND state_hash = ? AND state = 'begun' AND expires_at > ?`,
    db.vault.seal(place(input.linkHash, 'callback'), input.callback),
    hash(input.linkHash),
    hash(input.stateHash),
    db.now(),
  )
  return changes === 1
}

export interface ClaimedConsent {
  verifier: string | null
  /** What `keepCallback` kept. */
  callback: string | null
}

/**
 * Claims the one exchange of a consent's code: whoever gets null must leave it alone. `from` is `begun` for the process
 * that holds the callback in its hands, `code` for the one that fetches the kept callback.
 */
export function claimExchange(
  db: Db,
  input: { linkHash: string; stateHash: string; from: 'begun' | 'code' },
): ClaimedConsent | null {
  const row = db.get<{ verifier: Buffer | null; callback: Buffer | null }>(
    `UPDATE consents SET state = 'exchanging' WHERE link_hash = ? AND state_hash = ? AND state = ?
     AND (state = 'code' OR expires_at > ?) RETURNING verifier_sealed AS verifier, callback_sealed AS callback`,
    hash(input.linkHash),
    hash(input.stateHash),
    input.from,
    db.now(),
  )
  if (!row) return null
  return {
    verifier: row.verifier && db.vault.open(place(input.linkHash, 'verifier'), row.verifier),
    callback: row.callback && db.vault.open(place(input.linkHash, 'callback'), row.callback),
  }
}

/** What the provider said no with, and not the time, a person here, or a fault of ours. */
const refusals = ['consent-denied', 'consent-failed']

/** Ends a consent that is in one of the states; false where it is in none of them. A refusal is told as an event. */
export function failConsent(
  db: Db,
  input: { linkHash: string; from: ConsentState[]; failure: ConsentFailure },
): boolean {
  const outcome: ConsentOutcome = { ok: false, failure: input.failure }
  const { changes } = db.run(
    `UPDATE consents SET state = 'failed', result = ?, verifier_sealed = NULL, callback_sealed = NULL
     WHERE link_hash = ? AND state IN (SELECT value FROM json_each(?))`,
    JSON.stringify(outcome),
    hash(input.linkHash),
    JSON.stringify(input.from),
  )
  if (changes === 1 && refusals.includes(input.failure.code)) tellRefused(db, input.linkHash, input.failure)
  return changes === 1
}

function tellRefused(db: Db, linkHash: string, { what, why }: ConsentFailure): void {
  const sql = 'SELECT app_id AS appId, wish FROM consents WHERE link_hash = ?'
  const { appId, wish } = db.get<{ appId: number; wish: string }>(sql, hash(linkHash)) as {
    appId: number
    wish: string
  }
  const tenants = (JSON.parse(wish) as ConsentWish).tenants.map(({ tenant }) => tenant)
  tellRefusal(db, { appId, tenants, what, why })
}

/** Ends a consent well; part of the transaction that writes its connections. */
export function endConsent(db: Db, linkHash: string, connections: ConnectionResult[]): boolean {
  const outcome: ConsentOutcome = { ok: true, connections }
  const { changes } = db.run(
    `UPDATE consents SET state = 'done', result = ?, verifier_sealed = NULL, callback_sealed = NULL
     WHERE link_hash = ? AND state = 'exchanging'`,
    JSON.stringify(outcome),
    hash(linkHash),
  )
  return changes === 1
}
