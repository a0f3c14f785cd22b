import { exits, WhsError } from '../core/errors.ts'
import { type Filter, misfits } from '../core/filter.ts'
import { countText, durationText, safeText } from '../core/text.ts'
import type { Cursors, EventForward, StoredEvent } from '../store/event-ops.ts'
import type { Store } from '../store/store.ts'
import type { App } from './app.ts'
import { whyItWaits } from './explain-sending.ts'
import { unknownNames } from './unknown-names.ts'
import type { WaitWish } from './wait-wish.ts'

const mostNamed = 3
const looked = 1_000

/** Why the time ran out: what did come meanwhile, and what of each does not fit. */
export async function nothingFits(
  app: App,
  wish: WaitWish,
  { from, given }: { from: Cursors; given: number },
): Promise<WhsError> {
  const { filter, rejected, handled, count, timeoutMs } = wish
  const { next, ...reasons } = await reasonsOf(app, wish, from)
  const what =
    count > 1 || given > 0
      ? `${given} of ${count} came`
      : `no ${rejected ? 'rejected request' : Object.keys(filter).length > 0 || handled ? 'event that fits' : 'event'} came`
  return new WhsError({
    code: 'time-ran-out',
    exit: exits.timeout,
    what:
      handled && reasons.fits > 0
        ? `the handler did not take it within ${durationText(timeoutMs)}`
        : `${what} within ${durationText(timeoutMs)}`,
    why: reasons.why,
    next,
  })
}

interface Reasons {
  why: string
  next: string
  /** How many events fit, but for their answer. */
  fits: number
}

async function reasonsOf(app: App, wish: WaitWish, from: Cursors): Promise<Reasons> {
  const store = app.store()
  const order = { order: 'oldest' as const, limit: looked }
  const events = await store.read('listEvents', { ...order, filter: {}, after: from.event })
  const refused = await store.read('listRejected', { ...order, filter: {}, after: from.rejected })
  const nobody = store.isListening() ? [] : ['nobody listens']
  const strange = await unknownNames(app, wish.filter)
  if (wish.rejected) {
    const why =
      refused.length > 0
        ? `${countText(refused.length, 'rejected request')} came, of other apps`
        : 'all that came verified'
    return {
      why: [...nobody, ...strange, why].join('; '),
      next: nobody.length > 0 ? 'whs listen' : 'whs events --rejected',
      fits: 0,
    }
  }
  const fitting: StoredEvent[] = []
  const told: string[] = []
  for (const event of events) {
    const reason = reasonOf(event, wish.filter)
    if (reason === null) fitting.push(event)
    else told.push(reason)
  }
  const waits = wish.handled ? await Promise.all(fitting.map(event => waitsFor(store, event))) : []
  const reasons = [...nobody, ...strange, ...named(waits), ...named(told)]
  const [first] = refused
  if (first) {
    const texts = [...new Set(refused.map(({ app, reason }) => `${reason} at ${app}`))]
    reasons.push(`${countText(refused.length, 'request')} did not verify: ${texts.slice(0, mostNamed).join(', ')}`)
  }
  if (events.length === 0 && !first) reasons.push('nothing came at all')
  const isOnlyRefused = first !== undefined && events.length === 0
  const next = nobody.length > 0 ? 'whs listen' : isOnlyRefused ? 'whs explain last-rejected' : 'whs events'
  return { why: reasons.join('; '), next, fits: fitting.length }
}

function named(reasons: string[]): string[] {
  const more = reasons.length - mostNamed
  return [...reasons.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more like these`] : [])]
}

/** What of an event does not fit; null where it does, as far as can be said here. */
function reasonOf(event: StoredEvent, filter: Filter): string | null {
  const resource = event.resourceType === null ? null : `${event.resourceType}/${event.resourceId}`
  const [first] = misfits(filter, { ...event, resource })
  const name = nameOf(event)
  if (first === 'tenant' && event.scope === 'parked') return `${name} is parked: nobody owns its account`
  const facts: Partial<Record<keyof Filter, string | null>> = { ...event, resource }
  if (first === 'parked') return `${name} is not parked`
  if (first) return `${name} has --${first} ${safeText(facts[first] ?? 'none')}`
  if (filter.failed) return `${name} has not failed`
  if (filter.since !== undefined && event.receivedAt < filter.since) return `${name} came before --since`
  if (filter.until !== undefined && event.receivedAt >= filter.until) return `${name} came after --until`
  if (filter.search !== undefined) return `${name} does not hold the text`
  return null
}

function nameOf({ event, id }: StoredEvent): string {
  return `${safeText(event ?? 'an unreadable delivery')} ${id.slice(-6)}`
}

/** What an event that fits still waits for. */
async function waitsFor(store: Store, event: StoredEvent): Promise<string> {
  const name = nameOf(event)
  const forwards = JSON.parse(event.forwards) as EventForward[]
  if (event.scope === 'parked') return `${name} is parked, so nobody gets it`
  if (forwards.length === 0) return `${name} goes nowhere: no --forward rule takes it`
  const open = forwards.find(({ state }) => state === 'open')
  const said = open?.status ?? (open?.error ? safeText(open.error).slice(0, 60) : null)
  if (open && open.tries > 0 && said !== null) return `${name} was answered ${said} and is tried again`
  const why = open && (await whyItWaits(store, open))
  return why?.startsWith('held') ? `${name} is ${why}` : `${name} has no answer of ${open?.target ?? 'its handler'} yet`
}
