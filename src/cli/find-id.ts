import type { App } from '../app/app.ts'
import { exits, WhsError } from '../core/errors.ts'
import { spellId } from '../core/ids.ts'
import { safeText } from '../core/text.ts'

/** What a person named by an id's end, `last`, `last-failed` or `last-rejected`. */
export type Found =
  | { kind: 'event'; seq: number; id: string; deliverySeq: number }
  | { kind: 'delivery'; id: string; deliverySeq: number }
  | { kind: 'rejected'; seq: number; id: string }

/**
 * Finds an event, a delivery or a rejected request.
 * @throws WhsError `no-such-id` (exit 5), `ambiguous-id` (exit 2, with the candidates)
 */
export async function findId(app: App, text: string): Promise<Found> {
  if (text === 'last' || text === 'last-failed') return lastEvent(app, text)
  if (text === 'last-rejected') return lastRejected(app)
  const { kind, end } = spellId(text)
  if (!/^[0-9A-Z]{3,26}$/.test(end)) throw unknown(text, 'an id is dlv_… or evt_…, or at least its last three letters')
  const found = await app.store().read('findByEnd', { end })
  const all: Found[] = []
  const names: string[] = []
  if (kind !== 'dlv') {
    for (const { seq, id } of found.events) {
      const event = await app.store().read('readEvent', { seq })
      if (!event) continue
      all.push({ kind: 'event', seq, id, deliverySeq: event.deliverySeq })
      names.push(`${id} (${event.tenant ?? event.scope}, ${safeText(event.event ?? 'unreadable')})`)
    }
  }
  if (kind !== 'evt') {
    for (const { seq, id } of found.deliveries) all.push({ kind: 'delivery', id, deliverySeq: seq })
    for (const { seq, id } of found.rejected) all.push({ kind: 'rejected', seq, id })
    names.push(...found.deliveries.map(({ id }) => `${id} (a delivery)`))
    names.push(...found.rejected.map(({ id }) => `${id} (a rejected request)`))
  }
  if (all.length === 1) return all[0] as Found
  if (all.length === 0) throw unknown(text, 'nothing that is stored ends like this')
  const more = names.length - mostNamed
  throw new WhsError({
    code: 'ambiguous-id',
    exit: exits.usage,
    what: `"${text}" is the end of ${all.length} ids`,
    why: [...names.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join(', '),
    next: `give more of its letters, such as ${apart(all.map(({ id }) => id))}`,
  })
}

const mostNamed = 8

/** The end of the first id that tells it from the others. */
function apart(ids: string[]): string {
  const [first = '', ...others] = ids
  let length = 6
  while (length < first.length && others.some(id => id.endsWith(first.slice(-length)))) length++
  return first.slice(-length)
}

async function lastEvent(app: App, text: 'last' | 'last-failed'): Promise<Found> {
  const event = await app.store().read('lastEvent', { failed: text === 'last-failed' })
  if (!event) throw unknown(text, text === 'last' ? 'no event has come yet' : 'no event has failed')
  return { kind: 'event', seq: event.seq, id: event.id, deliverySeq: event.deliverySeq }
}

async function lastRejected(app: App): Promise<Found> {
  const [rejected] = await app.store().read('listRejected', { filter: {}, order: 'newest', limit: 1 })
  if (!rejected) throw unknown('last-rejected', 'nothing was rejected')
  return { kind: 'rejected', seq: rejected.seq, id: rejected.id }
}

function unknown(text: string, why: string): WhsError {
  return new WhsError({
    code: 'no-such-id',
    exit: exits.unknown,
    what: `there is no event or delivery ${text}`,
    why,
    next: 'whs events',
  })
}
