import type { Filter } from '../core/filter.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { Cursors, StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'

/** What came into the store, in its order. */
export type Stored =
  | { kind: 'event'; event: StoredEvent; item: Buffer | null }
  | { kind: 'attempt'; attempt: StoredAttempt }
  | { kind: 'rejected'; rejected: StoredRejected }

interface Page {
  events: { event: StoredEvent; item: Buffer | null }[]
  attempts: StoredAttempt[]
  rejected: StoredRejected[]
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
  const at = { ...from }
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
    const { events, attempts, rejected } = store.snapshot(readPage)
    for (const { event, item } of events) await onStored({ kind: 'event', event, item })
    for (const attempt of attempts) await onStored({ kind: 'attempt', attempt })
    for (const one of rejected) await onStored({ kind: 'rejected', rejected: one })
    // Reading and printing a long history must not keep deliveries waiting.
    await new Promise(resolve => setImmediate(resolve))
    return events.length === page || attempts.length === page || rejected.length === page
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
    return { events: withItems, attempts, rejected }
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
