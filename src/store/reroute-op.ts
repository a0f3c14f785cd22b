import { filterTakes } from '../core/filter.ts'
import { type EventFacts, routesOf } from '../core/rule.ts'
import type { Db } from './database.ts'
import { lifeShape } from './life-shape.ts'
import { appRow, routingOf } from './route-forwards.ts'

interface OpenRow {
  seq: number
  delivery_seq: number
  tenant_id: number | null
  target: string
  events: string
  app_id: number
}

/** How much is open, and how much of it no rule takes (it stays open and waits for a listener whose rules do). */
export interface OpenCount {
  open: number
  untaken: number
  oldestAt: number | null
}

/**
 * Sends what is open through the present rules, as a listener does at its start (a new port is the usual case): per
 * delivery and tenant the open events go to the targets that today's rules name. What no rule takes has the target ''.
 */
export function rerouteOpen(db: Db): OpenCount {
  const rows = db.all<OpenRow>(
    "SELECT f.*, d.app_id FROM forwards f JOIN deliveries d ON d.seq = f.delivery_seq WHERE f.state = 'open' ORDER BY f.seq",
  )
  const groups = new Map<string, OpenRow[]>()
  for (const row of rows) {
    const key = `${row.delivery_seq} ${row.tenant_id}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  for (const group of groups.values()) reroute(db, group)
  return countOpen(db)
}

/** Sets aside what is open until a later start sends it through its rules. */
export function shelveOpen(db: Db): OpenCount {
  db.run("UPDATE forwards SET target = '' WHERE state = 'open'")
  return countOpen(db)
}

export function countOpen(db: Db): OpenCount {
  return db.get(
    `SELECT count(*) AS open, coalesce(sum(target = ''), 0) AS untaken, min(created_at) AS oldestAt
     FROM forwards WHERE state = 'open'`,
  ) as OpenCount
}

function reroute(db: Db, group: OpenRow[]): void {
  const first = group[0] as OpenRow
  const events = [...new Set(group.flatMap(row => JSON.parse(row.events) as number[]))].sort(
    (left, right) => left - right,
  )
  const wanted = new Map<string, { seqs: number[]; rules: string[] }>()
  for (const seq of events) {
    for (const { target, rule } of routesNow(db, first.app_id, seq)) {
      const way = wanted.get(target) ?? { seqs: [], rules: [] }
      way.seqs.push(seq)
      if (rule !== null && !way.rules.includes(rule)) way.rules.push(rule)
      wanted.set(target, way)
    }
  }
  // What a target has answered for good stays so, though another target's copy be open.
  for (const done of db.all<{ target: string; events: string }>(
    "SELECT target, events FROM forwards WHERE delivery_seq = ? AND tenant_id IS ? AND state <> 'open'",
    first.delivery_seq,
    first.tenant_id,
  )) {
    const had = new Set(JSON.parse(done.events) as number[])
    if (wanted.get(done.target)?.seqs.every(seq => had.has(seq))) wanted.delete(done.target)
  }
  const left = group.filter(row => {
    const way = wanted.get(row.target)
    const stay = 'UPDATE forwards SET events = ?, rule = ? WHERE seq = ?'
    if (way) db.run(stay, JSON.stringify(way.seqs), rulesText(way.rules), row.seq)
    return !wanted.delete(row.target)
  })
  for (const [target, { seqs, rules }] of wanted) {
    const row = left.shift()
    // A schedule belongs to the target that failed: another one is tried at once.
    const move = 'UPDATE forwards SET target = ?, rule = ?, events = ?, busy = 0, next_at = NULL WHERE seq = ?'
    if (row) db.run(move, target, rulesText(rules), JSON.stringify(seqs), row.seq)
    else insertOpen(db, first, [target, rulesText(rules), JSON.stringify(seqs)])
  }
  for (const row of left) db.run('DELETE FROM forwards WHERE seq = ?', row.seq)
}

function rulesText(rules: string[]): string | null {
  return rules.length > 0 ? rules.join('\n') : null
}

/** The ways of an event by the present rules; one to '' where none takes it. */
function routesNow(db: Db, appId: number, seq: number): { target: string; rule: string | null }[] {
  const { rules, filter } = routingOf(db)
  const app = appRow(db, appId)
  const facts = { ...factsOfEvent(db, seq), app: app.name, provider: app.provider, env: app.env }
  const routes = filterTakes(filter, facts) ? routesOf(rules, facts) : []
  return routes.length > 0
    ? routes.map(({ target, rule }) => ({ target, rule: rule.text }))
    : [{ target: '', rule: null }]
}

function insertOpen(db: Db, row: OpenRow, way: [target: string, rule: string | null, events: string]): void {
  const sql =
    "INSERT INTO forwards (delivery_seq, tenant_id, target, rule, events, created_at, state) VALUES (?, ?, ?, ?, ?, ?, 'open')"
  db.run(sql, row.delivery_seq, row.tenant_id, ...way, db.now())
}

/** The facts of a stored event that rules and filters look at. */
export function factsOfEvent(db: Db, seq: number): Omit<EventFacts, 'app' | 'provider' | 'env'> {
  const row = db.get<
    { tenant: string | null; account: string | null; scope: EventFacts['scope'] } & Record<string, string | null>
  >(
    `SELECT t.name AS tenant, c.value AS account, e.scope, e.shape, e.event, e.provider_event, e.resource_type, e.resource_id
     FROM events e
     LEFT JOIN tenants t ON t.id = e.tenant_id LEFT JOIN accounts c ON c.id = e.account_id WHERE e.seq = ?`,
    seq,
  )
  return {
    tenant: row?.tenant ?? null,
    account: row?.account ?? null,
    scope: row?.scope ?? 'parked',
    event: row?.event ?? null,
    providerEvent: row?.provider_event ?? null,
    resource: row?.resource_type ? `${row.resource_type}/${row.resource_id}` : null,
    life: row?.shape === lifeShape,
  }
}
