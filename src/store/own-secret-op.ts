import { randomBytes } from 'node:crypto'
import type { Db } from './database.ts'

/**
 * The secret of our own Standard Webhooks signature (`whsec_` and 32 bytes in base64), made when it is first asked for, and
 * anew where it cannot be read any more: nobody could have the old one back.
 */
export function ownSecret(db: Db): string {
  const known = storedOwnSecret(db)
  if (known) return known
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  db.run("INSERT OR REPLACE INTO meta VALUES ('own_secret', ?)", db.vault.seal(place, secret).toString('base64'))
  return secret
}

const place = 'meta/own_secret/value'

/** The same as it is stored: undefined where there is none yet, null where it cannot be read. */
export function storedOwnSecret(db: Db): string | null | undefined {
  const row = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'own_secret'")
  return row && db.vault.tryOpen(place, Buffer.from(row.value, 'base64'))
}
