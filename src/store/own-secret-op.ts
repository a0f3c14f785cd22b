import { randomBytes } from 'node:crypto'
import type { Db } from './database.ts'

/** The secret of our own Standard Webhooks signature (`whsec_` and 32 bytes in base64), made when it is first asked for. */
export function ownSecret(db: Db): string {
  const place = 'meta/own_secret/value'
  const known = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'own_secret'")
  if (known) return db.vault.open(place, Buffer.from(known.value, 'base64'))
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  db.run("INSERT INTO meta VALUES ('own_secret', ?)", db.vault.seal(place, secret).toString('base64'))
  return secret
}
