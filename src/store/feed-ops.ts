import type { Account } from '../core/account.ts'
import { accountsOfConnection } from './accounts.ts'
import type { Db } from './database.ts'

/** Where a feed of an app is read: for one thing of a connection, or (null) for the app itself. */
export interface FeedPlaceKey {
  appId: number
  feed: string
  /** `con_…` */
  connection: string | null
  /** Which of the connection's things: an account, a resource, a hook; empty for the app itself. */
  place: string
}

/** From where a feed is to be read. */
export interface FeedCursor {
  /** The provider's own; of a feed that is read by time, the time (in ms) since when reading has failed. */
  cursor: string
  readAt: number
}

const isPlace = `app_id = ? AND feed = ? AND place = ? AND
  coalesce(connection_seq, 0) = coalesce((SELECT seq FROM connections WHERE id = ?), 0)`

export function readFeedCursor(db: Db, { appId, feed, connection, place }: FeedPlaceKey): FeedCursor | null {
  const sql = `SELECT cursor, read_at AS readAt FROM feed_cursors WHERE ${isPlace}`
  return db.get<FeedCursor>(sql, appId, feed, place, connection) ?? null
}

/** Writes down from where a feed is to be read; null: from nowhere in particular. */
export function keepFeedCursor(
  db: Db,
  { appId, feed, connection, place, cursor }: FeedPlaceKey & { cursor: string | null },
): void {
  if (cursor === null) {
    db.run(`DELETE FROM feed_cursors WHERE ${isPlace}`, appId, feed, place, connection)
    return
  }
  db.run(
    `INSERT INTO feed_cursors (app_id, feed, connection_seq, place, cursor, read_at)
     VALUES (?, ?, (SELECT seq FROM connections WHERE id = ?), ?, ?, ?)
     ON CONFLICT (app_id, feed, coalesce(connection_seq, 0), place)
       DO UPDATE SET cursor = excluded.cursor, read_at = excluded.read_at`,
    appId,
    feed,
    connection,
    place,
    cursor,
    db.now(),
  )
}

/** A place at which a feed was read, or could not be. */
export interface FeedStanding extends FeedCursor {
  app: string
  feed: string
  /** Null: the app as a whole. */
  tenant: string | null
}

export function listFeedCursors(db: Db): FeedStanding[] {
  return db.all<FeedStanding>(
    `SELECT a.name AS app, f.feed, t.name AS tenant, f.cursor, f.read_at AS readAt
     FROM feed_cursors f JOIN apps a ON a.id = f.app_id LEFT JOIN connections n ON n.seq = f.connection_seq
     LEFT JOIN tenants t ON t.id = n.tenant_id ORDER BY a.name, f.feed, t.name, f.place`,
  )
}

/** Pings of one thing of a tenant, since which its feed was not read. */
export interface Ping {
  appId: number
  app: string
  feed: string
  tenant: string
  accountKind: string | null
  account: string | null
  /** The hook that brought them (`act_…`). */
  activation: string | null
  /** The newest of them, and when the oldest came. */
  upTo: number
  since: number
  count: number
}

/** Pings whose feed is still to be read, those that wait longest first. */
export function undonePings(db: Db): Ping[] {
  return db.all<Ping>(
    `SELECT e.app_id AS appId, a.name AS app, p.feed, t.name AS tenant, c.kind AS accountKind, c.value AS account,
       (SELECT id FROM activations v WHERE v.app_id = e.app_id AND v.tenant_id = e.tenant_id
          AND (v.seq = e.activation_id OR e.activation_id IS NULL AND v.kind = c.kind AND v.provider_id = c.value)
        ORDER BY v.seq DESC LIMIT 1) AS activation,
       max(e.seq) AS upTo, min(e.received_at) AS since, count(*) AS count
     FROM pings p JOIN events e ON e.seq = p.event_seq JOIN apps a ON a.id = e.app_id JOIN tenants t ON t.id = e.tenant_id
     LEFT JOIN accounts c ON c.id = e.account_id WHERE e.scope = 'tenant'
     GROUP BY e.app_id, p.feed, e.tenant_id, e.account_id, e.activation_id ORDER BY min(e.seq)`,
  )
}

/** What was pinged up to an event. */
export type DonePings = Pick<Ping, 'appId' | 'feed' | 'tenant' | 'accountKind' | 'account' | 'upTo'>

/** Takes pings away whose feed was read. */
export function dropPings(db: Db, { appId, feed, tenant, accountKind, account, upTo }: DonePings): void {
  db.run(
    `DELETE FROM pings WHERE feed = ? AND event_seq <= ? AND event_seq IN (
       SELECT p.event_seq FROM pings p JOIN events e ON e.seq = p.event_seq JOIN tenants t ON t.id = e.tenant_id
       LEFT JOIN accounts c ON c.id = e.account_id
       WHERE e.app_id = ? AND t.name = ? AND c.kind IS ? AND c.value IS ?)`,
    feed,
    upTo,
    appId,
    tenant,
    accountKind,
    account,
  )
}

/** Which of the provider's own ids are those of events of an app that are stored. */
export function knownEventIds(db: Db, { appId, ids }: { appId: number; ids: string[] }): string[] {
  // By the index of accounts: events have none over ids alone.
  const sql = `SELECT DISTINCT j.value AS id FROM json_each(?) j CROSS JOIN
      (SELECT id FROM accounts WHERE app_id = ? UNION ALL SELECT NULL) c
    JOIN events e ON e.account_id IS c.id AND e.provider_event_id = j.value WHERE e.app_id = ?`
  return db.all<{ id: string }>(sql, JSON.stringify(ids), appId, appId).map(({ id }) => id)
}

/** A connection with what feeds may be read for. */
export interface FeedConnection {
  /** `con_…` */
  id: string
  tenant: string
  state: 'active' | 'expiring' | 'broken'
  why: string | null
  /** Those of its consent. */
  accounts: Account[]
}

/** The connections of an app that have not ended, oldest first. */
export function feedConnections(db: Db, { appId }: { appId: number }): FeedConnection[] {
  const rows = db.all<Omit<FeedConnection, 'accounts'> & { seq: number }>(
    `SELECT n.seq, n.id, t.name AS tenant, n.state, n.why FROM connections n JOIN tenants t ON t.id = n.tenant_id
     WHERE n.app_id = ? AND n.state <> 'revoked' ORDER BY n.seq`,
    appId,
  )
  return rows.map(({ seq, ...row }) => ({
    ...row,
    accounts: accountsOfConnection(db, seq),
  }))
}
