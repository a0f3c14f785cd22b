import { exits, WhsError } from '../core/errors.ts'
import type { Filter } from '../core/filter.ts'
import { type EventFacts, type Rule, routesOf } from '../core/rule.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { Store } from '../store/store.ts'
import { maySign } from './forward-request.ts'

/** What a person wants to send again: events by their seqs, by a filter, or those seqs that pass the filter. */
export interface ReplayWish {
  eventSeqs?: number[]
  filter?: Filter
  /** A target (a URL of `parseTarget`) instead of those that the rules of the running, else of the last listener give. */
  to?: string
  /** The tenant as which they are sent; rules are asked as if they were that tenant's. */
  as?: string
}

/** Chosen events of one delivery and tenant, for one target. */
export interface ReplayPart {
  deliverySeq: number
  /** Whose the events are; null for those of the app itself. */
  tenantId: number | null
  target: string
  events: StoredEvent[]
}

export interface ReplayPlan {
  /** How many events are chosen. */
  count: number
  /** Of those that a filter took: what is not sent, since it is nobody's. */
  parked: number
  /** Oldest first; read from the store a page at a time as they are asked for, up to what was there at the start. */
  pages(): AsyncGenerator<ReplayPart[]>
  /** Events that were passed over so far: no rule takes them, or (where a filter chose them) they never verified. */
  passed: { untaken: StoredEvent[]; unverified: number }
}

const page = 2_000

/**
 * What would be sent, before anything is. An event that was chosen twice goes once. What is named by its id and may not
 * be sent is refused; what a filter takes is passed over and counted.
 * @throws WhsError `no-event` (5), `never-verified`, `replay-parked`, `no-target` (2)
 */
export async function planReplay(store: Store, wish: ReplayWish): Promise<ReplayPlan> {
  const rules = wish.to === undefined ? ((await store.read('readListener'))?.rules ?? []) : [everythingTo(wish.to)]
  const { event: newest } = await store.read('readCursors')
  const only = wish.eventSeqs && { only: [...new Set(wish.eventSeqs)] }
  const filter = wish.filter ?? {}
  const owned = only || filter.scope ? filter : { ...filter, scope: ['tenant'] }
  const passed: ReplayPlan['passed'] = { untaken: [], unverified: 0 }
  if (only) await refuseAny(store, only.only)
  const tenantIds = new Map<string | null, number | null>()

  async function* pages(): AsyncGenerator<ReplayPart[]> {
    let held: StoredEvent[] = []
    for (let after = 0; ; ) {
      const query = { filter: owned, order: 'oldest' as const, after, limit: page, ...only }
      const found = (await store.read('listEvents', query)).filter(({ seq }) => seq <= newest)
      after = found.at(-1)?.seq ?? newest
      const isLast = found.length < page
      const all = held.concat(found.filter(isFit))
      // The page may have cut a delivery in two.
      held = isLast ? [] : all.filter(({ deliverySeq }) => deliverySeq === all.at(-1)?.deliverySeq)
      yield await partsOf(all.slice(0, all.length - held.length))
      if (isLast) return
    }
  }

  function isFit(event: StoredEvent): boolean {
    if (maySign(event)) return event.scope !== 'parked'
    passed.unverified++
    return false
  }

  async function partsOf(events: StoredEvent[]): Promise<ReplayPart[]> {
    const found = new Map<string, ReplayPart>()
    for (const event of events) {
      const targets = routesOf(rules, factsOf(event, wish.as)).map(route => route.target)
      if (targets.length === 0) passed.untaken.push(event)
      for (const target of targets) {
        const key = `${event.deliverySeq} ${event.tenant} ${target}`
        const part = found.get(key)
        if (part) part.events.push(event)
        else {
          const tenantId = tenantIds.get(event.tenant) ?? (await tenantIdOf(event.tenant))
          found.set(key, { deliverySeq: event.deliverySeq, tenantId, target, events: [event] })
        }
      }
    }
    return [...found.values()]
  }

  async function tenantIdOf(name: string | null): Promise<number | null> {
    if (name === null) return null
    if (!tenantIds.has(name)) tenantIds.set(name, (await store.read('findTenant', { name }))?.id ?? null)
    return tenantIds.get(name) ?? null
  }

  const parked = only ? 0 : await store.read('countEvents', { filter: { ...filter, parked: true } })
  const count = await store.read('countEvents', { filter: owned, ...only })
  return { count, parked, pages, passed }
}

/** @throws WhsError for the first of the events that may not be sent, or is gone */
async function refuseAny(store: Store, seqs: number[]): Promise<void> {
  const events = await store.read('listEvents', { filter: {}, order: 'oldest', limit: seqs.length, only: seqs })
  if (events.length < seqs.length) throw eventGone()
  for (const event of events) refuse(event)
}

function everythingTo(target: string): Rule {
  return { text: target, conditions: { scope: ['*'], event: ['*'] }, target, copy: false }
}

/** What rules and filters look at of a stored event, as if it were another tenant's where one is named. */
export function factsOf(event: StoredEvent, as?: string): EventFacts {
  const { tenant, app, provider, env, account, scope, providerEvent, resourceType, resourceId } = event
  const resource = resourceType === null ? null : `${resourceType}/${resourceId}`
  const life = event.source === 'lifecycle'
  return { tenant: as ?? tenant, app, provider, env, account, scope, event: event.event, providerEvent, resource, life }
}

function refuse(event: StoredEvent): void {
  if (!maySign(event)) {
    throw new WhsError({
      code: 'never-verified',
      exit: exits.usage,
      what: `${event.id} is not sent again`,
      why: 'its delivery never verified, and a replay would make it look as if it had',
      next: `whs events show ${event.id}`,
    })
  }
  if (event.scope !== 'parked') return
  const canClaim = event.reason === 'unknown-account' && event.account !== null
  throw new WhsError({
    code: 'replay-parked',
    exit: exits.usage,
    what: `${event.id} is not sent`,
    why: `it is parked (${event.reason}), nobody’s so far`,
    next: canClaim
      ? `whs tenants map <tenant> --app ${event.app} --account ${event.account}`
      : `whs events show ${event.id}`,
  })
}

export function eventGone(): WhsError {
  return new WhsError({
    code: 'no-event',
    exit: exits.unknown,
    what: 'the event is not there any more',
    why: 'it was pruned, or its tenant forgotten',
    next: 'whs events',
  })
}

/** That no rule takes any of the chosen events. */
export async function noTarget(store: Store, { id }: StoredEvent): Promise<WhsError> {
  const rules = (await store.read('readListener'))?.rules.length ?? 0
  return new WhsError({
    code: 'no-target',
    exit: exits.usage,
    what: `there is nowhere to send ${id}`,
    why: rules === 0 ? 'the last listener forwarded nothing' : 'no forward rule of the last listener takes it',
    next: `whs replay ${id} --to 3000`,
  })
}
