import type { Buffer } from 'node:buffer'
import type { Db } from './database.ts'

/** What a consent gave, in clear. Times in ms; null where the provider gives no such token, or says no end. */
export interface TokenSet {
  access: string | null
  refresh: string | null
  accessExpiresAt: number | null
  refreshExpiresAt: number | null
}

/** Writes tokens down, sealed. Returns the number of the set, or null where there are none. */
export function addTokenSet(db: Db, tokens: TokenSet): number | null {
  if (tokens.access === null && tokens.refresh === null) return null
  const { lastInsertRowid: id } = db.run(
    'INSERT INTO token_sets (access_expires_at, refresh_expires_at, changed_at) VALUES (?, ?, ?)',
    tokens.accessExpiresAt,
    tokens.refreshExpiresAt,
    db.now(),
  )
  db.run(
    'UPDATE token_sets SET access_sealed = ?, refresh_sealed = ? WHERE id = ?',
    tokens.access === null ? null : db.vault.seal(tokenPlace(id, 'access'), tokens.access),
    tokens.refresh === null ? null : db.vault.seal(tokenPlace(id, 'refresh'), tokens.refresh),
    id,
  )
  return id
}

/** The tokens of a set, in clear. */
export interface OpenTokens extends Pick<TokenSet, 'access' | 'refresh'> {
  /** One of them is stored, but cannot be read any more; it is null. */
  unreadable: boolean
}

export function openTokenSet(db: Db, id: number | null): OpenTokens {
  const sql = 'SELECT id, access_sealed AS access, refresh_sealed AS refresh FROM token_sets WHERE id = ?'
  const row = id === null ? undefined : db.get<SealedTokens>(sql, id)
  return row ? openTokens(db, row) : { access: null, refresh: null, unreadable: false }
}

/** A set as it is stored. */
export interface SealedTokens {
  id: number
  access: Buffer | null
  refresh: Buffer | null
}

export function openTokens(db: Db, row: SealedTokens): OpenTokens {
  const { id } = row
  const access = row.access && db.vault.tryOpen(tokenPlace(id, 'access'), row.access)
  const refresh = row.refresh && db.vault.tryOpen(tokenPlace(id, 'refresh'), row.refresh)
  const isLost = (stored: Buffer | null, text: string | null): boolean => stored !== null && text === null
  return { access, refresh, unreadable: isLost(row.access, access) || isLost(row.refresh, refresh) }
}

/** The place of a sealed token; `earlier` is the refresh token that the present one came of. */
export function tokenPlace(id: number, column: 'access' | 'refresh' | 'earlier'): string {
  return `token_sets/${id}/${column}`
}
