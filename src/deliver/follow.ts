import type { Filter } from '../core/filter.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { Cursors, StoredEvent } from '../store/event-ops.ts'
import type { StoredRecord } from '../store/record-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'

/** What came into the store, in its order. */
export type Stored =
  | { kind: 'event'; event: StoredEvent; item: Buffer | null }
  | { kind: 'attempt'; attempt: StoredAttempt }
  | { kind: 'rejected'; rejected: StoredRejected }
  /** What was fetched of an event's thing, which was told before. */
  | { kind: 'record'; record: StoredRecord; event: StoredEvent }

interface Page {
  events: { event: StoredEvent; item: Buffer | null }[]
  attempts: StoredAttempt[]
  rejected: StoredRejected[]
  fetched: Extract<Stored, { kind: 'record' }>[]
  /** As many were read as are read at once. */
  isFull: boolean
}

export interface FollowOptions {
  store: Store
  filter: Filter
  from: Cursors
  /** Only requests that did not verify. */
  rejectedOnly?: boolean
  /** Awaited before more is read, so that a slow reader delays nothing but itself. */
  onStored(stored: Stored): Promise<void> | void
  onError(error: unknown): void
}
export interface Follower {
  /** Looks at once instead of at the next turn. */
  poke(): void
  /** Reads what is there, then ends. */
  stop(): Promise<void>
}

const pollMs = 60
const page = 200

/** Follows the store live, from any process: what `listen` and `events --follow` print comes from here. */
export function followStore({ store, filter, from, rejectedOnly, onStored, onError }: FollowOptions): Follower {
  const at = { ...from, record: store.readNow('lastRecord') }
  let seen = -1
  let stopping = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let busy = false

  async function readAll(): Promise<void> {
    for (;;) {
      const version = store.dataVersion()
      if (version === seen) return
      while (await emitPage()) if (stopping) break
      seen = version
    }
  }

  async function emitPage(): Promise<boolean> {
    const { events, attempts, rejected, fetched, isFull } = store.snapshot(readPage)
    for (const { event, item } of events) await onStored({ kind: 'event', event, item })
    for (const attempt of attempts) await onStored({ kind: 'attempt', attempt })
    for (const one of rejected) await onStored({ kind: 'rejected', rejected: one })
    for (const one of fetched) await onStored(one)
    // Reading and printing a long history must not keep deliveries waiting.
    await new Promise(resolve => setImmediate(resolve))
    return isFull
  }

  function readPage(): Page {
    const newest = store.readNow('readCursors')
    const events = rejectedOnly
      ? []
      : store.readNow('listEvents', { filter, order: 'oldest', after: at.event, limit: page })
    const attempts = rejectedOnly ? [] : store.readNow('listAttempts', { filter, after: at.attempt, limit: page })
    const rejected = filter.parked || filter.failed ? [] : readRejected()
    const itemOf = itemReader(store)
    const withItems = events.map(event => ({ event, item: itemOf(event) }))
    // What the filter passes over is not to be looked at again; only failing comes later than the event itself.
    at.event = events.length < page && !filter.failed ? newest.event : (events.at(-1)?.seq ?? at.event)
    at.attempt = attempts.length < page ? newest.attempt : (attempts.at(-1)?.seq ?? at.attempt)
    at.rejected = rejected.at(-1)?.seq ?? at.rejected
    const records = rejectedOnly ? [] : store.readNow('recordsAfter', { after: at.record, limit: page })
    at.record = records.at(-1)?.seq ?? at.record
    const isFull = [events, attempts, rejected, records].some(({ length }) => length === page)
    return { events: withItems, attempts, rejected, fetched: records.length > 0 ? withEvents(records) : [], isFull }
  }

  function withEvents(records: StoredRecord[]): Page['fetched'] {
    const only = records.map(({ eventSeq }) => eventSeq)
    const events = store.readNow('listEvents', { filter, order: 'oldest', only, limit: page })
    const found = new Map(events.map(event => [event.seq, event]))
    return records.flatMap(record => {
      const event = found.get(record.eventSeq)
      return event ? [{ kind: 'record' as const, record, event }] : []
    })
  }

  function readRejected(): StoredRejected[] {
    return store.readNow('listRejected', { filter, order: 'oldest', after: at.rejected, limit: page })
  }

  function turn(): void {
    clearTimeout(timer)
    if (busy) return
    busy = true
    running = readAll()
      .catch(onError)
      .finally(() => {
        busy = false
        if (!stopping) timer = setTimeout(turn, pollMs)
      })
  }

  turn()
  return {
    poke: turn,
    async stop() {
      stopping = true
      clearTimeout(timer)
      await running
      seen = -1
      await readAll()
    },
  }
}

/** Reads items of one delivery after another from its body, which is read once. */
function itemReader(store: Store): (event: StoredEvent) => Buffer | null {
  let seq = 0
  let body: Buffer | undefined
  return ({ deliverySeq, start, length }) => {
    if (deliverySeq !== seq) body = store.readNow('readBody', { seq: deliverySeq }) ?? undefined
    seq = deliverySeq
    return body?.subarray(start, start + length) ?? null
  }
}
