import { filterTakes, misfits } from '../core/filter.ts'
import { type EventFacts, misfitOf, parseRule, type Rule, routesOf, ruleTakes } from '../core/rule.ts'
import { factsOf } from '../deliver/replay-plan.ts'
import { absentAt } from '../net/absent-at.ts'
import type { StoredForward } from '../store/attempt-ops.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { Store } from '../store/store.ts'
import type { App } from './app.ts'

/** One way that an event goes, and why that one. */
export interface ExplainedForward {
  target: string
  tenant: string | null
  /** The forward rule that chose it, as it was written; null where that was not kept yet. */
  rule: string | null
  state: StoredForward['state']
  /** Why it was not tried yet, or is not tried right now; null where it was answered or has a time for its next try. */
  waits: string | null
}

/** Where an event goes and why, or why it goes nowhere. Commands begin with `whs`. */
export interface ExplainedSending {
  forwards: ExplainedForward[]
  /** Why nothing is sent; null where something is. */
  none: string | null
  /** Rules that did not take it, each with the condition that it does not fit; looked at only where nothing is sent. */
  untaken: { rule: string; why: string }[]
}

/** Explains where an event goes. */
export async function explainSending(app: App, event: StoredEvent): Promise<ExplainedSending> {
  const store = app.store()
  const all = await store.read('forwardsOfDelivery', { deliverySeq: event.deliverySeq })
  const own = all.filter(({ eventSeqs }) => eventSeqs.includes(event.seq))
  const facts = factsOf(event)
  const forwards = await Promise.all(own.map(forward => explained(store, forward, facts)))
  if (forwards.length > 0) return { forwards, none: null, untaken: [] }
  return { forwards, ...(await whyNowhere(store, event, facts)) }
}

/** The same of a whole delivery: each of its forwards. */
export async function explainForwards(app: App, deliverySeq: number): Promise<ExplainedForward[]> {
  const store = app.store()
  const forwards = await store.read('forwardsOfDelivery', { deliverySeq })
  return Promise.all(forwards.map(forward => explained(store, forward, null)))
}

async function explained(store: Store, forward: StoredForward, facts: EventFacts | null): Promise<ExplainedForward> {
  const { target, tenant, state, rules } = forward
  return { target, tenant, rule: ruleOf(rules, facts), state, waits: await whyItWaits(store, forward) }
}

/** Of the rules that made a forward, the one that took this event. */
function ruleOf(rules: string[], facts: EventFacts | null): string | null {
  if (rules.length < 2) return rules[0] ?? null
  return (facts && rules.find(text => ruleTakes(parseRule(text, true), facts))) ?? rules.join(' | ')
}

/** Why an open forward is not on its way; null for one that is over, or has its time. */
export async function whyItWaits(
  store: Store,
  { state, target, nextAt }: Pick<StoredForward, 'state' | 'target' | 'nextAt'>,
): Promise<string | null> {
  if (state !== 'open') return null
  if (target === '') return 'no rule of the present listener takes it: it waits for one whose rules do'
  if (!store.isListening()) return 'nobody listens: whs listen sends it'
  const absent = await absentAt(target)
  if (absent) return `held: ${absent}; it goes out in order when it is back`
  return nextAt === null ? 'it waits for its turn, or for the answer' : null
}

async function whyNowhere(
  store: Store,
  event: StoredEvent,
  facts: EventFacts,
): Promise<Pick<ExplainedSending, 'none' | 'untaken'>> {
  const nowhere = (none: string): Pick<ExplainedSending, 'none' | 'untaken'> => ({ none, untaken: [] })
  if (event.source === 'import') return nowhere('what was imported goes nowhere but by whs replay')
  if (event.scope === 'parked') return nowhere('what is parked goes nowhere until it is claimed')
  const listener = await store.read('readListener')
  const { rules, filter } = listener ?? { rules: [], filter: {} }
  const came = event.releasedAt ?? event.receivedAt
  const isOfThen = listener !== null && listener.startedAt <= came
  const takes = filterTakes(filter, facts) ? routesOf(rules, facts) : []
  if (event.repeatOf && (takes.length > 0 || rules.length === 0))
    return nowhere('it repeats one that was answered or is still waiting')
  if (takes.length > 0)
    return nowhere(
      `no rule took it when it came; by the rules of now it would go to ${takes[0]?.target}: whs replay ${event.id}`,
    )
  if (rules.length === 0) return nowhere('the last listener had no --forward rule')
  const [narrow] = misfits(filter, facts)
  if (narrow) return nowhere(`the listener looks only at --${narrow} ${[filter[narrow]].flat().join(', ')}`)
  return {
    none: `no --forward rule ${isOfThen ? 'took' : 'of the last listener takes'} it`,
    untaken: rules.map(rule => ({ rule: rule.text, why: misfitText(rule, facts) })),
  }
}

function misfitText(rule: Rule, facts: EventFacts): string {
  const name = misfitOf(rule, facts)
  if (name === null) return 'it fits'
  const value = facts[name] ?? 'none'
  return name === 'scope'
    ? `its scope is ${value}, which a rule must ask for (scope=${value})`
    : `its ${name} is ${value}`
}
