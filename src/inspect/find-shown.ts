import { exits, WhsError } from '../core/errors.ts'
import { spellId } from '../core/ids.ts'
import type { Store } from '../store/store.ts'

/** What an id names that has a view of its own. */
export interface Shown {
  kind: 'event' | 'rejected'
  seq: number
  id: string
}

/**
 * Finds an event or a rejected request by its whole id or the end of it; of a delivery its first event.
 * @throws WhsError `no-such-id` (exit 5), also where several end like this
 */
export async function findShown(store: Store, text: string, only?: Shown['kind']): Promise<Shown> {
  const { kind, end } = spellId(text)
  // What is shorter may be the end of any row: looking for those takes seconds.
  const nothing = { events: [], deliveries: [], rejected: [] }
  const found = /^[0-9A-Z]{3,26}$/.test(end) ? await store.read('findByEnd', { end }) : nothing
  const all: Shown[] = []
  const add = (what: Shown['kind'], rows: { seq: number; id: string }[]): void => {
    if (only === undefined || only === what) all.push(...rows.map(({ seq, id }) => ({ kind: what, seq, id })))
  }
  if (kind !== 'dlv') add('event', found.events)
  if (kind !== 'evt') {
    add('rejected', found.rejected)
    for (const { seq } of found.deliveries) {
      const [first] = await store.read('eventsOfDelivery', { deliverySeq: seq })
      if (first) add('event', [first])
    }
  }
  const [one, ...others] = all
  if (one && others.length === 0) return one
  throw new WhsError({
    code: 'no-such-id',
    exit: exits.unknown,
    what: 'there is no such event',
    why: one ? 'several end like this' : 'it was pruned, or never was in this store',
    next: 'whs events',
  })
}
