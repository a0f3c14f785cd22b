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
    tokens.access === null ? null : db.vault.seal(place(id, 'access'), tokens.access),
    tokens.refresh === null ? null : db.vault.seal(place(id, 'refresh'), tokens.refresh),
    id,
  )
  return id
}

/** The tokens of a set, opened. @throws WhsError `unreadable-secret` */
export function openTokenSet(db: Db, id: number | null): Pick<TokenSet, 'access' | 'refresh'> {
  const sql = 'SELECT access_sealed AS access, refresh_sealed AS refresh FROM token_sets WHERE id = ?'
  const row = id === null ? undefined : db.get<{ access: Buffer | null; refresh: Buffer | null }>(sql, id)
  if (id === null || !row) return { access: null, refresh: null }
  return {
    access: row.access && db.vault.open(place(id, 'access'), row.access),
    refresh: row.refresh && db.vault.open(place(id, 'refresh'), row.refresh),
  }
}

function place(id: number, column: 'access' | 'refresh'): string {
  return `token_sets/${id}/${column}`
}
