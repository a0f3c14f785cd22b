import { randomBytes } from 'node:crypto'
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
  /** By which other commands prove themselves at the local door. */
  token: string
}

/** Writes down who listens and by which rules. Returns the token of the local door. */
export function startListener(db: Db, input: Omit<Listener, 'token'>): { token: string } {
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
    db.vault.seal('listener/1/token', token),
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
  const row = db.get<Omit<Listener, 'rules' | 'filter' | 'token'> & { rules: string; filter: string; sealed: Buffer }>(
    `SELECT pid, started_at AS startedAt, port, local_port AS localPort, public_url AS publicUrl, tunnel, rules, filter,
       token_sealed AS sealed FROM listener`,
  )
  if (!row) return null
  const { rules, filter, sealed, ...rest } = row
  const token = db.vault.open('listener/1/token', sealed)
  return { ...rest, rules: JSON.parse(rules) as Rule[], filter: JSON.parse(filter) as Filter, token }
}
