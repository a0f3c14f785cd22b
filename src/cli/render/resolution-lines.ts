import type { ResolutionFact } from '../../app/facts.ts'
import { countText, durationText, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import type { Paint } from './paint.ts'
import { claimCommand, iso } from './records.ts'

/** A call was asked whose a value is: a `resolution` record. */
export function resolutionRecord(io: Pick<Io, 'self' | 'now'>, fact: ResolutionFact): object {
  const { app, about, value, call, answer, settled, asked } = fact
  const { state } = answer
  const claim = claimOf(io, fact)
  return {
    type: 'resolution',
    at: iso(io.now()),
    app,
    about,
    value,
    state: state === 'open' ? 'failed' : state,
    tenant: settled.tenants.length === 1 ? settled.tenants[0] : null,
    account: state === 'found' ? answer.account.value : null,
    call,
    asked,
    events: settled.events,
    parked: settled.parked,
    ...(state === 'found' ? {} : { why: answer.why }),
    next: state === 'open' ? iso(answer.nextAt) : null,
    until: state === 'nobody' ? iso(answer.endsAt) : null,
    ...(claim ? { claim } : {}),
  }
}

function claimOf(io: Pick<Io, 'self'>, { app, settled }: ResolutionFact): string | null {
  if (settled.parked === 0) return null
  return claimCommand(io, { app, account: settled.account?.value ?? null, reason: 'unknown-account' })
}

/** The same in words: what it is called, and what is said of it. */
export function resolutionText(io: Io, paint: Paint, fact: ResolutionFact): { word: string; text: string } {
  const { app, about, value, call, answer, settled } = fact
  const what = `${app}  ${safeText(about)} ${safeText(value)}`
  if (answer.state === 'open') {
    const again = `again in ${durationText(Math.max(0, answer.nextAt - io.now()))}`
    return { word: paint.warn('resolving'), text: `${what}  not answered: ${safeText(answer.why ?? '')}; ${again}` }
  }
  const [tenant, ...others] = settled.tenants
  if (answer.state === 'found' && tenant !== undefined && others.length === 0) {
    const out = settled.events === 0 ? '' : `, ${countText(settled.events, 'event')} released`
    return { word: paint.good('resolved'), text: `${what} is ${paint.tenant(tenant)}’s: ${safeText(call ?? '')}${out}` }
  }
  const why =
    answer.state === 'found' ? `it stands for ${safeText(answer.account.value)}, who is nobody’s here` : answer.why
  const claim = claimOf(io, fact)
  return {
    word: paint.warn('parked'),
    text: `${what}  ${safeText(why)}${claim ? `  claim it: ${paint.strong(claim)}` : ''}`,
  }
}
