import type { Account } from '../core/account.ts'
import { accountIdOf } from './accounts.ts'
import type { Db } from './database.ts'
import { nothingReleased, type Released, releaseRows } from './release-parked.ts'
import type { Standing } from './standing.ts'

/** A value that is to be asked about, with what was answered so far. */
export interface OpenResolution {
  id: number
  appId: number
  app: string
  name: string
  value: string
  tries: number
  /** Numbers of the connections that were asked. */
  asked: number[]
  yes: SaidYes[]
}
/** A connection that said that a value is its tenant's, and for which account. */
export interface SaidYes {
  connection: string
  tenant: string
  account: Account
}

const isWaited = `EXISTS (SELECT 1 FROM event_resolutions x JOIN events e ON e.seq = x.event_seq
    WHERE x.resolution_id = r.id AND e.scope = 'parked')`

/** The values that events wait for and that are due, those that wait longest first; also where somebody has consented since. */
export function dueResolutions(db: Db, { now, limit }: { now: number; limit: number }): OpenResolution[] {
  const rows = db.all<Omit<OpenResolution, 'asked' | 'yes'> & { asked: string; yes: string }>(
    `SELECT r.id, r.app_id AS appId, a.name AS app, r.name, r.value, r.tries, r.asked, r.yes
     FROM resolutions r JOIN apps a ON a.id = r.app_id
     WHERE r.next_at <= ? AND ${isWaited} AND (r.state = 'open' OR r.state = 'nobody' AND r.upto <
       (SELECT coalesce(max(n.seq), 0) FROM connections n WHERE n.app_id = r.app_id AND n.state IN ('active', 'expiring')))
     ORDER BY r.next_at, r.id LIMIT ?`,
    now,
    limit,
  )
  return rows.map(({ asked, yes, ...row }) => ({
    ...row,
    asked: JSON.parse(asked) as number[],
    yes: JSON.parse(yes) as SaidYes[],
  }))
}

/** Those who can be asked about a value of an app. */
export interface Askable {
  seq: number
  id: string
  tenant: string
  /** The account of its consent that people mean first; null where it has none. */
  own: Account | null
}

/** The connections of an app with tokens that are good, the newest first. */
export function askables(db: Db, { appId }: { appId: number }): Askable[] {
  const rows = db.all<{ seq: number; id: string; tenant: string; kind: string | null; value: string | null }>(
    `SELECT n.seq, n.id, t.name AS tenant, c.kind, c.value FROM connections n JOIN tenants t ON t.id = n.tenant_id
     LEFT JOIN mappings m ON m.id =
       (SELECT min(id) FROM mappings WHERE connection_seq = n.seq AND tenant_id = n.tenant_id AND source = 'connect')
     LEFT JOIN accounts c ON c.id = m.account_id
     WHERE n.app_id = ? AND n.state IN ('active', 'expiring') ORDER BY n.seq DESC`,
    appId,
  )
  return rows.map(({ kind, value, ...row }) => ({
    ...row,
    own: kind === null || value === null ? null : { kind, value },
  }))
}

/** What became of a question. */
export type Answered =
  | { state: 'open'; tries: number; nextAt: number; why: string | null }
  | { state: 'nobody'; endsAt: number; why: string; upto: number }
  | { state: 'found'; account: Account; connection: string | null; proof: string; upto: number }

/** What a settled question let go. */
export interface Settled extends Released {
  /** Whose the value is now. */
  tenants: string[]
  /** Of those that stay parked: how many, and the first account that they name. */
  parked: number
  account: Account | null
}

/**
 * Writes down what became of a question, and releases the events that waited for it in the same transaction, by the same
 * release as a claim.
 */
export function settleResolution(
  db: Db,
  { id, asked, yes, answer }: { id: number; asked: number[]; yes: SaidYes[]; answer: Answered },
): Settled {
  const row = db.get<{ appId: number }>('SELECT app_id AS appId FROM resolutions WHERE id = ?', id)
  if (!row) return { ...nothingReleased, tenants: [], parked: 0, account: null }
  const { state } = answer
  const found =
    state === 'found' ? accountIdOf(db, row.appId, answer.account.kind, answer.account.value, db.now()) : null
  db.run(
    `UPDATE resolutions SET state = ?, account_id = ?, connection_seq = (SELECT seq FROM connections WHERE id = ?), proof = ?,
       asked = ?, yes = ?, upto = ?, tries = ?, next_at = ?, why = ?, changed_at = ?, ends_at = ? WHERE id = ?`,
    state,
    found,
    state === 'found' ? answer.connection : null,
    state === 'found' ? answer.proof : null,
    JSON.stringify(asked),
    JSON.stringify(yes),
    state === 'open' ? 0 : answer.upto,
    state === 'open' ? answer.tries : 0,
    state === 'open' ? answer.nextAt : db.now(),
    state === 'found' ? null : answer.why,
    db.now(),
    state === 'nobody' ? answer.endsAt : null,
    id,
  )
  if (state === 'open') return { ...nothingReleased, tenants: [], parked: 0, account: null }
  const released = releaseRows(db, 'SELECT event_seq FROM event_resolutions WHERE resolution_id = ?', id)
  return { ...released, ...whatIsLeft(db, id, found) }
}

function whatIsLeft(db: Db, id: number, found: number | null): Pick<Settled, 'tenants' | 'parked' | 'account'> {
  const parked = db.all<{ kind: string | null; value: string | null }>(
    `SELECT c.kind, c.value FROM event_resolutions x JOIN events e ON e.seq = x.event_seq
     LEFT JOIN accounts c ON c.id = e.account_id WHERE x.resolution_id = ? AND e.scope = 'parked' ORDER BY e.seq`,
    id,
  )
  const { kind = null, value = null } = parked[0] ?? {}
  const tenants = db
    .all<{ name: string }>(
      'SELECT DISTINCT t.name FROM mappings m JOIN tenants t ON t.id = m.tenant_id WHERE m.account_id = ? ORDER BY t.name',
      found,
    )
    .map(({ name }) => name)
  return { tenants, parked: parked.length, account: kind === null || value === null ? null : { kind, value } }
}

/** Lets what failed be asked at once, since something has changed. */
export function hurryResolutions(db: Db, { now }: { now: number }): void {
  db.run("UPDATE resolutions SET next_at = ? WHERE state = 'open' AND tries > 0 AND next_at > ?", now, now)
}

/** What the API was asked about an event, as views explain it. */
export interface EventResolution {
  name: string
  value: string
  state: Standing['state']
  account: string | null
  accountKind: string | null
  connection: string | null
  proof: string | null
  why: string | null
  /** How many were asked. */
  asked: number
  nextAt: number
  changedAt: number
  endsAt: number | null
}

/** What was asked about an event; null where nothing was. */
export function resolutionOf(db: Db, { eventSeq }: { eventSeq: number }): EventResolution | null {
  const row = db.get<Omit<EventResolution, 'asked'> & { asked: string }>(
    `SELECT r.name, r.value, r.state, c.kind AS accountKind, c.value AS account, n.id AS connection, r.proof, r.why, r.asked,
       r.next_at AS nextAt, r.changed_at AS changedAt, r.ends_at AS endsAt
     FROM event_resolutions x JOIN resolutions r ON r.id = x.resolution_id LEFT JOIN accounts c ON c.id = r.account_id
     LEFT JOIN connections n ON n.seq = r.connection_seq WHERE x.event_seq = ?`,
    eventSeq,
  )
  return row ? { ...row, asked: (JSON.parse(row.asked) as number[]).length } : null
}
