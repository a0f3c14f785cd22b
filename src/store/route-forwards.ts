import { type Filter, filterTakes } from '../core/filter.ts'
import { type EventFacts, type Rule, routesOf } from '../core/rule.ts'
import type { Db } from './database.ts'

interface AppRow {
  name: string
  provider: string
  env: string
}

/** An event that forwards can be made of. */
export interface RoutableEvent {
  seq: number
  tenantId: number | null
  repeatOf: number | null
  facts: Omit<EventFacts, 'app' | 'provider' | 'env'>
}

interface Routing {
  rules: Rule[]
  filter: Filter
}

/** The rules of the running (else of the last) listener. */
export function routingOf(db: Db): Routing {
  const known = db.cache.get('routing')
  if (known) return known as Routing
  const row = db.get<{ rules: string; filter: string }>('SELECT rules, filter FROM listener')
  const routing: Routing = row
    ? { rules: JSON.parse(row.rules) as Rule[], filter: JSON.parse(row.filter) as Filter }
    : { rules: [], filter: {} }
  db.cache.set('routing', routing)
  return routing
}

export function appRow(db: Db, appId: number): AppRow {
  const known = db.cache.get(`app ${appId}`)
  if (known) return known as AppRow
  const row = db.get<AppRow>('SELECT name, provider, env FROM apps WHERE id = ?', appId) as AppRow
  db.cache.set(`app ${appId}`, row)
  return row
}

/** A forward that was made just now. */
export interface NewForward {
  seq: number
  tenantId: number | null
  target: string
  events: RoutableEvent[]
}

/**
 * Applies the rules once to events of one delivery and makes the forwards. A part all of whose events are repeats goes
 * out only where the first ones were not delivered to the same target and no longer wait for it.
 */
export function makeForwards(db: Db, deliverySeq: number, appId: number, events: RoutableEvent[]): NewForward[] {
  const { rules, filter } = routingOf(db)
  if (rules.length === 0) return []
  const app = appRow(db, appId)
  const groups = new Map<
    string,
    { tenantId: number | null; target: string; rules: string[]; events: RoutableEvent[] }
  >()
  for (const event of events) {
    const facts: EventFacts = { ...event.facts, app: app.name, provider: app.provider, env: app.env }
    if (!filterTakes(filter, facts)) continue
    for (const { target, rule } of routesOf(rules, facts)) {
      const key = `${event.tenantId} ${target}`
      const group = groups.get(key) ?? { tenantId: event.tenantId, target, rules: [], events: [] }
      if (!group.rules.includes(rule.text)) group.rules.push(rule.text)
      group.events.push(event)
      groups.set(key, group)
    }
  }
  const made: NewForward[] = []
  for (const { tenantId, target, rules, events } of groups.values()) {
    const isSettled = settledAt(db, tenantId, target)
    if (events.every(event => event.repeatOf !== null && isSettled(event.repeatOf))) continue
    const { lastInsertRowid: seq } = db.run(
      "INSERT INTO forwards (delivery_seq, tenant_id, target, rule, events, created_at, state) VALUES (?, ?, ?, ?, ?, ?, 'open')",
      deliverySeq,
      tenantId,
      target,
      rules.join('\n'),
      JSON.stringify(events.map(event => event.seq)),
      db.now(),
    )
    made.push({ seq, tenantId, target, events })
  }
  return made
}

/**
 * Tells whether an event, or a repeat of it, was answered 2xx by a target or still waits for it. The forwards of a
 * delivery are read once, since thousands of events may share one.
 */
function settledAt(db: Db, tenantId: number | null, target: string): (eventSeq: number) => boolean {
  const sentOf = new Map<number, Set<number>>()
  const sent = (deliverySeq: number): Set<number> => {
    const known = sentOf.get(deliverySeq)
    if (known) return known
    const rows = db.all<{ events: string }>(
      `SELECT events FROM forwards WHERE delivery_seq = ? AND tenant_id IS ? AND target = ? AND state IN ('done', 'open')`,
      deliverySeq,
      tenantId,
      target,
    )
    const seqs = new Set(rows.flatMap(({ events }) => JSON.parse(events) as number[]))
    sentOf.set(deliverySeq, seqs)
    return seqs
  }
  return eventSeq => {
    const copies = db.all<{ seq: number; deliverySeq: number }>(
      `SELECT seq, delivery_seq AS deliverySeq FROM events WHERE seq = ? UNION ALL
       SELECT seq, delivery_seq FROM events WHERE repeat_of = ?`,
      eventSeq,
      eventSeq,
    )
    return copies.some(({ seq, deliverySeq }) => sent(deliverySeq).has(seq))
  }
}
