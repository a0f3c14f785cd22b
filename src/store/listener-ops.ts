import { randomBytes } from 'node:crypto'
import { exits, WhsError } from '../core/errors.ts'
import type { Filter } from '../core/filter.ts'
import type { Rule } from '../core/rule.ts'
import { configChanged, type Db } from './database.ts'

/** The present or last listener. `pid` is null when it has ended in order; whether it lives is told by the lock alone. */
export interface Listener {
  pid: number | null
  startedAt: number
  port: number
  localPort: number
  publicUrl: string
  tunnel: string
  rules: Rule[]
  filter: Filter
}

const tokenPlace = 'listener/1/token'

/** Writes down who listens and by which rules. Returns the token of the local door. */
export function startListener(db: Db, input: Listener): { token: string } {
  const token = randomBytes(24).toString('base64url')
  db.run('DELETE FROM listener')
  db.run(
    `INSERT INTO listener (one, pid, started_at, port, local_port, public_url, tunnel, rules, filter, token_sealed)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    input.pid,
    input.startedAt,
    input.port,
    input.localPort,
    input.publicUrl,
    input.tunnel,
    JSON.stringify(input.rules),
    JSON.stringify(input.filter),
    db.vault.seal(tokenPlace, token),
  )
  configChanged(db)
  return { token }
}

/** Where the doors and the tunnel are, once they are open. */
export interface ListenerPlace {
  port: number
  localPort: number
  publicUrl: string
}

/** Writes down where the listener is reached; also when the tunnel moves. */
export function moveListener(db: Db, { port, localPort, publicUrl }: ListenerPlace): void {
  db.run('UPDATE listener SET port = ?, local_port = ?, public_url = ?', port, localPort, publicUrl)
}

export function endListener(db: Db): void {
  db.run('UPDATE listener SET pid = NULL')
}

export function readListener(db: Db): Listener | null {
  const row = db.get<Omit<Listener, 'rules' | 'filter'> & { rules: string; filter: string }>(
    `SELECT pid, started_at AS startedAt, port, local_port AS localPort, public_url AS publicUrl, tunnel, rules, filter
     FROM listener`,
  )
  if (!row) return null
  const { rules, filter, ...rest } = row
  return { ...rest, rules: JSON.parse(rules) as Rule[], filter: JSON.parse(filter) as Filter }
}

/**
 * By which other commands prove themselves at the local door, and `trigger` at the public one; null where none ever listened.
 * @throws WhsError `unreadable-secret` (exit 2), until another listener has started
 */
export function listenerToken(db: Db): string | null {
  const row = db.get<{ sealed: Buffer }>('SELECT token_sealed AS sealed FROM listener')
  if (!row) return null
  const token = db.vault.tryOpen(tokenPlace, row.sealed)
  if (token !== null) return token
  throw new WhsError({
    code: 'unreadable-secret',
    exit: exits.usage,
    what: 'the token of the listener cannot be read',
    why: 'it was sealed with another key or was changed',
    next: 'end the listener and start it again: whs listen',
  })
}
