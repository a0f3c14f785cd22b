import type { Buffer } from 'node:buffer'
import type { Db } from './database.ts'
import { storedOwnSecret } from './own-secret-op.ts'
import { openSecret } from './secret-rows.ts'
import { openTokens, type SealedTokens } from './token-sets.ts'

/** Something sealed that cannot be read any more: what it is, and what to type so that it is not needed. */
export interface Unreadable {
  what: string
  next: string
}

/** An app's own secret. */
export function unreadableOfApp(app: string, name: string): Unreadable {
  return { what: `the ${name} secret of ${app}`, next: `whs app set ${app} --secret ${name}=-` }
}

interface SecretRow {
  id: number
  name: string
  sealed: Buffer
  app: string
  activation: string | null
  tenant: string | null
}

/** Secrets of apps and hooks that are valid but cannot be read, and our own where it cannot. */
export function unreadableSecrets(db: Db): Unreadable[] {
  const rows = db.all<SecretRow>(
    `SELECT s.id, s.name, s.value_sealed AS sealed, a.name AS app, v.id AS activation, t.name AS tenant FROM secrets s
     JOIN apps a ON a.id = s.app_id LEFT JOIN activations v ON v.seq = s.activation_id
     LEFT JOIN tenants t ON t.id = v.tenant_id WHERE s.valid_until IS NULL OR s.valid_until > ? ORDER BY a.name, s.id`,
    db.now(),
  )
  const found = rows.filter(({ id, sealed }) => openSecret(db, id, sealed) === null).map(unreadableOfRow)
  if (storedOwnSecret(db) !== null) return found
  return [
    ...found,
    { what: 'the secret of our own signature', next: 'whs env --show   (it makes another, for your handler)' },
  ]
}

function unreadableOfRow({ app, name, activation, tenant }: SecretRow): Unreadable {
  if (activation === null) return unreadableOfApp(app, name)
  const again = `whs activations add ${app}${tenant === null ? '' : ` --tenant ${tenant}`}`
  const what = `the ${name} secret of the hook ${activation} of ${tenant ?? app}`
  return { what, next: `whs activations remove ${activation}   (then ${again})` }
}

/** Tokens of connections that cannot be read. All are opened, which takes a while where they are many. */
export function unreadableTokens(db: Db): Unreadable[] {
  const rows = db.all<SealedTokens & { app: string; tenant: string }>(
    `SELECT s.id, s.access_sealed AS access, s.refresh_sealed AS refresh, a.name AS app, t.name AS tenant
     FROM connections n JOIN token_sets s ON s.id = n.token_set_id JOIN apps a ON a.id = n.app_id
     JOIN tenants t ON t.id = n.tenant_id ORDER BY a.name, t.name`,
  )
  return rows
    .filter(row => openTokens(db, row).unreadable)
    .map(({ app, tenant }) => ({
      what: `the tokens of ${tenant} at ${app}`,
      next: `whs connect ${app} --tenant ${tenant}`,
    }))
}
