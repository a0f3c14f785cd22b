import type { Db } from './database.ts'
import { type LifeEvent, tellConnection } from './lifecycle-events.ts'

export type ConnectionState = 'active' | 'expiring' | 'broken' | 'revoked'

export interface StateChange {
  state: Exclude<ConnectionState, 'expiring'>
  /** Told to people; it must hold no secret. Null where a consent made it so. */
  why: string | null
  /** More that the event says. */
  told?: Record<string, unknown>
}

const eventOf: Record<StateChange['state'], LifeEvent> = {
  active: 'tenant.connected',
  broken: 'tenant.broken',
  revoked: 'tenant.disconnected',
}

/**
 * Part of a write: changes a connection's state, writes the change down, by which every process hears of it, and stores
 * the event that tells it. To be called while the connection's accounts are its own.
 */
export function changeState(db: Db, seq: number, { state, why, told = {} }: StateChange): void {
  const at = db.now()
  db.run('UPDATE connections SET state = ?, why = ?, changed_at = ? WHERE seq = ?', state, why, at, seq)
  db.run('INSERT INTO connection_changes (connection_seq, state, why, at) VALUES (?, ?, ?, ?)', seq, state, why, at)
  tellConnection(db, seq, eventOf[state], { state, ...(why === null ? {} : { why }), ...told })
}
