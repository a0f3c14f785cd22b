import type { Buffer } from 'node:buffer'
import { fingerprint } from '../core/sign.ts'
import type { Db } from './database.ts'

/** Keeps a secret, sealed: the app's own, or with `activation` that one's. */
export function addSecret(db: Db, appId: number, name: string, value: string, activation: number | null = null): void {
  const { lastInsertRowid: id } = db.run(
    `INSERT INTO secrets (app_id, name, value_sealed, fingerprint, created_at, activation_id)
     VALUES (?, ?, x'', ?, ?, ?)`,
    appId,
    name,
    fingerprint(value),
    db.now(),
    activation,
  )
  db.run('UPDATE secrets SET value_sealed = ? WHERE id = ?', db.vault.seal(placeOf(id), value), id)
}

/** Puts a secret in place of the app's own of that name, which stay valid for a while where they can be read. */
export function replaceSecret(db: Db, appId: number, name: string, value: string, keepOldMs: number): void {
  const present = 'app_id = ? AND name = ? AND activation_id IS NULL AND (valid_until IS NULL OR valid_until > ?)'
  db.run(`DELETE FROM secrets WHERE ${present} AND fingerprint = ?`, appId, name, db.now(), fingerprint(value))
  const rows = db.all<{ id: number; sealed: Buffer }>(
    `SELECT id, value_sealed AS sealed FROM secrets WHERE ${present}`,
    appId,
    name,
    db.now(),
  )
  for (const { id, sealed } of rows) {
    if (openSecret(db, id, sealed) === null) db.run('DELETE FROM secrets WHERE id = ?', id)
  }
  db.run(`UPDATE secrets SET valid_until = ? WHERE ${present}`, db.now() + keepOldMs, appId, name, db.now())
  addSecret(db, appId, name, value)
}

/** A secret in clear, or null where it cannot be read any more. */
export function openSecret(db: Db, id: number, sealed: Buffer): string | null {
  return db.vault.tryOpen(placeOf(id), sealed)
}

function placeOf(id: number): string {
  return `secrets/${id}/value`
}
