import { exits, WhsError } from '../core/errors.ts'
import { type EventFacts, type Rule, targetsOf } from '../core/rule.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { Store } from '../store/store.ts'
import { type SendDeps, sendPart } from './send-part.ts'

/** What a person wants to send again. */
export interface ReplayWish {
  eventSeqs: number[]
  /** A target (a URL of `parseTarget`) instead of those that the rules of the running, else of the last listener give. */
  to?: string
}

/** Chosen events of one delivery and tenant, for one target. */
export interface ReplayPart {
  deliverySeq: number
  tenantId: number | null
  target: string
  events: StoredEvent[]
}
export interface ReplayPlan {
  /** Oldest first. */
  parts: ReplayPart[]
  /** Events that no rule takes. */
  untaken: StoredEvent[]
}

/**
 * What would be sent, before anything is. An event that was chosen twice goes once.
 * @throws WhsError `no-event` (5), `never-verified`, `replay-parked`, `no-target` (2)
 */
export async function planReplay(store: Store, { eventSeqs, to }: ReplayWish): Promise<ReplayPlan> {
  const rules = to === undefined ? ((await store.read('readListener'))?.rules ?? []) : [everythingTo(to)]
  const tenantIds = new Map<string, number | null>()
  const parts = new Map<string, ReplayPart>()
  const untaken: StoredEvent[] = []
  for (const seq of [...new Set(eventSeqs)].sort((left, right) => left - right)) {
    const event = await store.read('readEvent', { seq })
    if (!event) throw gone()
    refuse(event)
    const targets = targetsOf(rules, factsOf(event))
    if (targets.length === 0) untaken.push(event)
    for (const target of targets) {
      const key = `${event.deliverySeq} ${event.tenant} ${target}`
      const part = parts.get(key) ?? {
        deliverySeq: event.deliverySeq,
        tenantId: await tenantIdOf(store, tenantIds, event.tenant),
        target,
        events: [],
      }
      part.events.push(event)
      parts.set(key, part)
    }
  }
  if (parts.size === 0 && untaken[0]) throw noTarget(untaken[0], rules.length)
  return { parts: [...parts.values()], untaken }
}

export interface ReplayOptions {
  /** `signed` (when nothing is said): anew, with the present time, where that is allowed. `original`: as it arrived. */
  signature?: 'signed' | 'original'
  /** Gives up waiting; what was not answered by then is not written down. */
  signal?: AbortSignal
}

/**
 * Sends a part at once, outside the lanes, marked `Whs-Replay`, and writes down what came; a 2xx closes an open forward
 * of the same part and target. Several attempts only where each event goes alone.
 */
export async function sendReplay(
  deps: SendDeps,
  part: ReplayPart,
  { signature = 'signed', signal }: ReplayOptions = {},
): Promise<StoredAttempt[]> {
  const { deliverySeq, tenantId, target, events } = part
  const eventSeqs = events.map(event => event.seq)
  const work = await deps.store.read('readPart', { deliverySeq, eventSeqs, tenantId, target })
  if (!work) throw gone()
  const how = { number: work.tries + 1, settled: new Set<number>(), replay: signature }
  const sent = await sendPart(deps, work, signal ? { ...how, signal } : how)
  const stored: StoredAttempt[] = []
  for (const { attempt } of sent) {
    if (signal?.aborted && attempt.status === null) continue
    const row = { forwardSeq: null, deliverySeq, tenantId, target, ...attempt }
    const { seq } = await deps.store.write('recordAttempt', { ...row, state: 'done', busy: 0, nextAt: null })
    if (seq === 0) throw gone()
    stored.push(...(await deps.store.read('listAttempts', { filter: {}, after: seq - 1, limit: 1 })))
  }
  return stored
}

function everythingTo(target: string): Rule {
  return { text: target, conditions: { scope: ['*'] }, target, copy: false }
}

function factsOf(event: StoredEvent): EventFacts {
  const { tenant, app, provider, env, account, scope, providerEvent, resourceType, resourceId } = event
  const resource = resourceType === null ? null : `${resourceType}/${resourceId}`
  return { tenant, app, provider, env, account, scope, event: event.event, providerEvent, resource }
}

async function tenantIdOf(
  store: Store,
  known: Map<string, number | null>,
  name: string | null,
): Promise<number | null> {
  if (name === null) return null
  if (!known.has(name)) known.set(name, (await store.read('findTenant', { name }))?.id ?? null)
  return known.get(name) ?? null
}

function refuse(event: StoredEvent): void {
  if (event.verified === 'none') {
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

function gone(): WhsError {
  return new WhsError({
    code: 'no-event',
    exit: exits.unknown,
    what: 'the event is not there any more',
    why: 'it was pruned, or its tenant forgotten',
    next: 'whs events',
  })
}

function noTarget(event: StoredEvent, rules: number): WhsError {
  return new WhsError({
    code: 'no-target',
    exit: exits.usage,
    what: `there is nowhere to send ${event.id}`,
    why: rules === 0 ? 'the last listener forwarded nothing' : 'no forward rule of the last listener takes it',
    next: `whs replay ${event.id} --to 3000`,
  })
}
