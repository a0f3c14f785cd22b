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
      while (await readPage()) if (stopping) break
      seen = version
    }
  }

  async function readPage(): Promise<boolean> {
    const newest = await store.read('readCursors')
    const events = rejectedOnly
      ? []
      : await store.read('listEvents', { filter, order: 'oldest', after: at.event, limit: page })
    const attempts = rejectedOnly ? [] : await store.read('listAttempts', { filter, after: at.attempt, limit: page })
    const rejected = filter.parked || filter.failed ? [] : await readRejected()
    const itemOf = itemReader(store)
    for (const event of events) {
      at.event = event.seq
      await onStored({ kind: 'event', event, item: await itemOf(event) })
    }
    for (const attempt of attempts) {
      at.attempt = attempt.seq
      await onStored({ kind: 'attempt', attempt })
    }
    for (const one of rejected) {
      at.rejected = one.seq
      await onStored({ kind: 'rejected', rejected: one })
    }
    // What the filter passes over is not to be looked at again; only failing comes later than the event itself.
    if (events.length < page && !filter.failed) at.event = Math.max(at.event, newest.event)
    if (attempts.length < page) at.attempt = Math.max(at.attempt, newest.attempt)
    // Reading and printing a long history must not keep deliveries waiting.
    await new Promise(resolve => setImmediate(resolve))
    return events.length === page || attempts.length === page || rejected.length === page
  }

  function readRejected(): Promise<StoredRejected[]> {
    return store.read('listRejected', { filter, order: 'oldest', after: at.rejected, limit: page })
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
function itemReader(store: Store): (event: StoredEvent) => Promise<Buffer | null> {
  let seq = 0
  let body: Buffer | undefined
  return async ({ deliverySeq, start, length }) => {
    if (deliverySeq !== seq) body = (await store.read('readDelivery', { seq: deliverySeq }))?.body
    seq = deliverySeq
    return body?.subarray(start, start + length) ?? null
  }
}
