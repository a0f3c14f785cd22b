import type { ConnectionState } from './connection-state.ts'
import type { Db } from './database.ts'

/** A change of a connection's state, as it was written down. */
export interface ConnectionChange {
  seq: number
  /** `con_…` */
  connection: string
  tenant: string
  state: ConnectionState
  why: string | null
  at: number
}

/** The changes after one, oldest first; those that a consent made say no why. */
export function connectionChanges(db: Db, { after }: { after: number }): ConnectionChange[] {
  return db.all(
    `SELECT c.seq, n.id AS connection, t.name AS tenant, c.state, c.why, c.at FROM connection_changes c
     JOIN connections n ON n.seq = c.connection_seq JOIN tenants t ON t.id = n.tenant_id WHERE c.seq > ? ORDER BY c.seq`,
    after,
  )
}

/** The changes of one connection, oldest first. */
export function changesOf(db: Db, { connection }: { connection: string }): ConnectionChange[] {
  return db.all(
    `SELECT c.seq, n.id AS connection, t.name AS tenant, c.state, c.why, c.at FROM connections n
     JOIN connection_changes c ON c.connection_seq = n.seq JOIN tenants t ON t.id = n.tenant_id WHERE n.id = ? ORDER BY c.seq`,
    connection,
  )
}

/** The number of the newest change; 0 where there was none. */
export function lastConnectionChange(db: Db): number {
  return db.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM connection_changes')?.seq ?? 0
}
