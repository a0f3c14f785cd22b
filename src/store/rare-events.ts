import { type Filter, filterTakes } from '../core/filter.ts'
import type { Db } from './database.ts'
import { filterSql, recordsHolding } from './filter-sql.ts'
import { searchCandidates } from './search-index.ts'

/** More are found soon enough by looking at one event after the other. */
const mostRare = 5_000
/** Of more kinds than that it does not pay to ask for each. */
const mostKinds = 500
const mostWanted = 50

interface Way {
  sql: string
  args: (string | number)[]
}

/** Where events that pass a filter are to be looked for. */
export interface Hint {
  /** All that may pass it among those up to `above`, newest first; null where all of them may. */
  seqs: number[] | null
  /** Of what lies behind this number nothing is known. */
  above: number
}

/** Asks the indexes where what passes a filter stands, so that little has to be looked at. */
export function hintEvents(db: Db, { filter }: { filter: Filter }): Hint {
  const seqs = rareEvents(db, filter)
  if (seqs) return { seqs, above: Number.MAX_SAFE_INTEGER }
  const found = filter.search === undefined ? null : searchCandidates(db, filter.search)
  if (!found || found.seqs.length > mostRare) return { seqs: null, above: 0 }
  // What came behind the last delivery that is indexed; numbers of events grow with those of their deliveries.
  const behind = db.get<{ seq: number }>(
    'SELECT seq FROM events WHERE delivery_seq > ? ORDER BY delivery_seq, seq LIMIT 1',
    found.high,
  )
  const held = `SELECT seq FROM events WHERE delivery_seq IN (SELECT value FROM json_each(?)) UNION ${recordsHolding} ORDER BY seq DESC`
  return {
    seqs: db.all<{ seq: number }>(held, JSON.stringify(found.seqs), filter.search ?? '').map(({ seq }) => seq),
    above: behind ? behind.seq - 1 : Number.MAX_SAFE_INTEGER,
  }
}

/** Conditions over events e, with their arguments. */
export interface Conditions {
  where: string[]
  args: (string | number)[]
}

/** The same as conditions. */
export function hintSql(db: Db, filter: Filter): Conditions {
  const { seqs, above } = hintEvents(db, { filter })
  if (!seqs) return { where: [], args: [] }
  const held = 'e.seq IN (SELECT value FROM json_each(?))'
  return above === Number.MAX_SAFE_INTEGER
    ? { where: [held], args: [JSON.stringify(seqs)] }
    : { where: [`(${held} OR e.seq > ?)`], args: [JSON.stringify(seqs), above] }
}

/** Between which numbers what came in a filter's time lies, as conditions: an index over times is read for it. */
export function timeSql(db: Db, { since, until }: Filter): Conditions {
  const seqOf = (end: 'min' | 'max', sign: '>=' | '<', at: number): number | null | undefined =>
    db.get<{ seq: number | null }>(
      `SELECT ${end}(seq) AS seq FROM events INDEXED BY events_time WHERE received_at ${sign} ?`,
      at,
    )?.seq
  const found: Conditions = { where: [], args: [] }
  if (since !== undefined) {
    found.where.push('e.seq >= ?')
    found.args.push(seqOf('min', '>=', since) ?? Number.MAX_SAFE_INTEGER)
  }
  if (until !== undefined) {
    found.where.push('e.seq <= ?')
    found.args.push(seqOf('max', '<', until) ?? 0)
  }
  return found
}

/**
 * All events that may pass a filter, newest first, where an index tells that they are few; else null. It asks by tenant,
 * account, kind (app, scope and type), and for what is parked or failed.
 */
function rareEvents(db: Db, filter: Filter): number[] | null {
  for (const { sql, args } of waysTo(db, filter)) {
    const rows = db.all<{ seq: number }>(`${sql} LIMIT ${mostRare + 1}`, ...args)
    if (rows.length > mostRare) continue
    return [...new Set(rows.map(({ seq }) => seq))].sort((left, right) => right - left)
  }
  return null
}

function* waysTo(db: Db, filter: Filter): Generator<Way> {
  const { tenant, account, parked, failed } = filter
  if (parked) yield { sql: "SELECT seq FROM events WHERE scope = 'parked'", args: [] }
  if (failed) {
    const sql = "SELECT j.value AS seq FROM forwards f, json_each(f.events) j WHERE f.state IN ('failed', 'final')"
    yield { sql, args: [] }
  }
  if (tenant?.length) yield through('tenants t', 't.id = e.tenant_id', { tenant })
  if (account?.length) yield through('accounts c', 'c.id = e.account_id', { account })
  const byKind = wayOfKinds(db, filter)
  if (byKind) yield byKind
}

function through(table: string, on: string, filter: Filter): Way {
  const { where, args } = filterSql(filter)
  return { sql: `SELECT e.seq FROM ${table} CROSS JOIN events e ON ${on} WHERE ${where.join(' AND ')}`, args }
}

/** What many events have in common. */
interface Kind {
  appId: number
  scope: 'tenant' | 'parked' | 'app'
  event: string
  providerEvent: string
}

interface AppFacts {
  id: number
  app: string
  provider: string
  env: string
}

const kindColumns = ['app_id', 'scope', "coalesce(event, '')", "coalesce(provider_event, '')"]

/**
 * The kind behind another one, by a leap through the index: SQLite leaps only where all columns but one are the same, so
 * the last is tried first.
 */
function nextKind(db: Db, { appId, scope, event, providerEvent }: Kind): Kind | undefined {
  const place = [appId, scope, event, providerEvent]
  for (let column = kindColumns.length - 1; column >= 0; column--) {
    const same = kindColumns.slice(0, column).map(one => `${one} = ? AND `)
    const found = db.get<Kind>(
      `SELECT app_id AS appId, scope, coalesce(event, '') AS event, coalesce(provider_event, '') AS providerEvent
       FROM events INDEXED BY events_kind WHERE ${same.join('')}${kindColumns[column]} > ? ORDER BY ${kindColumns.join(', ')} LIMIT 1`,
      ...place.slice(0, column + 1),
    )
    if (found) return found
  }
  return undefined
}

/** Every kind of event that there is. */
function* kindsOf(db: Db): Generator<Kind> {
  let kind: Kind | undefined = { appId: 0, scope: 'app', event: '', providerEvent: '' }
  for (;;) {
    kind = nextKind(db, kind)
    if (!kind) return
    yield kind
  }
}

/** Null where the filter does not ask for kinds, or where there are too many of them. */
function wayOfKinds(db: Db, { app, provider, env, event, scope }: Filter): Way | null {
  const wanted = { app, provider, env, event, scope }
  if (!Object.values(wanted).some(one => one?.length)) return null
  const apps = new Map(db.all<AppFacts>('SELECT id, name AS app, provider, env FROM apps').map(one => [one.id, one]))
  const fitting: Kind[] = []
  let count = 0
  for (const kind of kindsOf(db)) {
    if (++count > mostKinds) return null
    const facts = { ...(apps.get(kind.appId) as AppFacts), ...kind, tenant: null, account: null, resource: null }
    if (filterTakes(wanted, facts) && fitting.push(kind) > mostWanted) return null
  }
  const of = `SELECT seq FROM events INDEXED BY events_kind WHERE ${kindColumns.map(one => `${one} = ?`).join(' AND ')}`
  return {
    sql: fitting.length === 0 ? 'SELECT seq FROM events WHERE false' : fitting.map(() => of).join(' UNION ALL '),
    args: fitting.flatMap(kind => [kind.appId, kind.scope, kind.event, kind.providerEvent]),
  }
}
