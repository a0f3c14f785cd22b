import { changeState } from './connection-state.ts'
import type { Db } from './database.ts'
import { type TokenSet, tokenPlace } from './token-sets.ts'

/** A refresh that failed in a way that may pass, as it was told. */
export interface RefreshFailure {
  code: string
  exit: number
  what: string
  why: string | null
  next: string | null
}

/** How a token set stands, as far as refreshing it goes. */
export interface RefreshState {
  version: number
  /** Until when another process is believed to refresh it; null where none does. */
  claimedUntil: number | null
  failedAt: number | null
  failure: RefreshFailure | null
}

interface Row {
  version: number
  claimedUntil: number | null
  failedAt: number | null
  failure: string | null
}

/** Null where the set is gone: its connections have ended, or were consented to anew. */
export function refreshState(db: Db, { tokenSet }: { tokenSet: number }): RefreshState | null {
  const row = db.get<Row>(
    'SELECT version, claimed_until AS claimedUntil, failed_at AS failedAt, failure FROM token_sets WHERE id = ?',
    tokenSet,
  )
  return row ? { ...row, failure: row.failure === null ? null : (JSON.parse(row.failure) as RefreshFailure) } : null
}

export interface RefreshClaim {
  tokenSet: number
  /** The version of the tokens that are to be replaced. */
  version: number
  /** A name of this try alone. */
  owner: string
  /** When the claim runs out, in ms: a process that was killed holds nothing up for longer. */
  until: number
}
export type ClaimedRefresh =
  | { outcome: 'claimed'; refresh: string | null; earlier: string | null }
  /** Another process is at it. */
  | { outcome: 'held' }
  /** It is done already, or the set is gone. */
  | { outcome: 'newer' }

/** Gives the refresh of a token set to one process alone, with its refresh token and the one before. */
export function claimRefresh(db: Db, { tokenSet, version, owner, until }: RefreshClaim): ClaimedRefresh {
  const state = refreshState(db, { tokenSet })
  if (state?.version !== version) return { outcome: 'newer' }
  if (state.claimedUntil !== null && state.claimedUntil > db.now()) return { outcome: 'held' }
  db.run('UPDATE token_sets SET claimed_by = ?, claimed_until = ? WHERE id = ?', owner, until, tokenSet)
  const sql = 'SELECT refresh_sealed AS refresh, earlier_sealed AS earlier FROM token_sets WHERE id = ?'
  const row = db.get<{ refresh: Buffer | null; earlier: Buffer | null }>(sql, tokenSet)
  const open = (column: 'refresh' | 'earlier', sealed: Buffer | null | undefined): string | null =>
    sealed ? db.vault.tryOpen(tokenPlace(tokenSet, column), sealed) : null
  return { outcome: 'claimed', refresh: open('refresh', row?.refresh), earlier: open('earlier', row?.earlier) }
}

/** What a refresh gave. */
export interface RefreshedTokens extends TokenSet {
  tokenSet: number
  /** The version that it replaces. */
  version: number
  /** The refresh token that it was got with: it is kept until the new one has worked. */
  used: string
  /** Null: as before. */
  scopes: string[] | null
  /** What its reply taught: slot → value. */
  slots: Record<string, string>
}

/**
 * Replaces the tokens of a set by those of a refresh, before anybody uses them. False where they were replaced meanwhile;
 * those that are stored then count.
 */
export function keepRefreshed(db: Db, input: RefreshedTokens): boolean {
  const { tokenSet, version, used, access, refresh } = input
  const seal = (column: 'access' | 'refresh' | 'earlier', text: string | null): Buffer | null =>
    text === null ? null : db.vault.seal(tokenPlace(tokenSet, column), text)
  const { changes } = db.run(
    `UPDATE token_sets SET version = version + 1, access_sealed = ?, refresh_sealed = ?, earlier_sealed = ?,
       access_expires_at = ?, refresh_expires_at = ?, changed_at = ?, claimed_by = NULL, claimed_until = NULL,
       failed_at = NULL, failure = NULL
     WHERE id = ? AND version = ?`,
    seal('access', access),
    seal('refresh', refresh),
    seal('earlier', used === refresh ? null : used),
    input.accessExpiresAt,
    input.refreshExpiresAt,
    db.now(),
    tokenSet,
    version,
  )
  if (changes === 0) return false
  db.run(
    'UPDATE connections SET slots = json_patch(slots, ?), scopes = coalesce(?, scopes) WHERE token_set_id = ?',
    JSON.stringify(input.slots),
    input.scopes?.join(' ') ?? null,
    tokenSet,
  )
  return true
}

/** Writes down a failure that may pass, for those who wait, and lets the next one try. */
export function noteRefreshFailure(db: Db, input: { tokenSet: number; owner: string; failure: RefreshFailure }): void {
  db.run(
    `UPDATE token_sets SET claimed_by = NULL, claimed_until = NULL, failed_at = ?, failure = ?
     WHERE id = ? AND claimed_by = ?`,
    db.now(),
    JSON.stringify(input.failure),
    input.tokenSet,
    input.owner,
  )
}

/** Makes all connections of a token set `broken`; false where its tokens were replaced meanwhile, and nothing is said of those. */
export function breakTokens(db: Db, input: { tokenSet: number; version: number; why: string }): boolean {
  const { tokenSet, version, why } = input
  const set = 'UPDATE token_sets SET claimed_by = NULL, claimed_until = NULL WHERE id = ? AND version = ?'
  if (db.run(set, tokenSet, version).changes === 0) return false
  const rows = db.all<{ seq: number }>(
    "SELECT seq FROM connections WHERE token_set_id = ? AND state NOT IN ('broken', 'revoked') ORDER BY seq",
    tokenSet,
  )
  for (const { seq } of rows) changeState(db, seq, { state: 'broken', why })
  return true
}
