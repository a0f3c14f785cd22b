import { setTimeout as pause } from 'node:timers/promises'
import { exits, WhsError } from '../core/errors.ts'
import type { Filter } from '../core/filter.ts'
import { isSuccess } from '../core/retry.ts'
import { durationText } from '../core/text.ts'
import { systemClock } from '../deliver/clock.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { Cursors, EventForward, StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'
import type { App } from './app.ts'
import type { ReadyFact } from './facts.ts'
import { listenerNow } from './listener-now.ts'
import { nothingFits } from './wait-failure.ts'
import type { WaitWish } from './wait-wish.ts'

/** What was waited for. `refused`: the handler's last word is not 2xx. */
export type Waited =
  | { kind: 'event'; event: StoredEvent; attempts: StoredAttempt[]; refused: boolean }
  | { kind: 'rejected'; rejected: StoredRejected }

type WaitedEvent = Waited & { kind: 'event' }

const pollMs = 60
const page = 500

/**
 * Gives what fits, one after the other: first what is there already, then what comes. Ends after `count`, or behind what
 * the handler refused.
 * @throws WhsError `time-ran-out` (exit 9) with what did come
 */
export async function* waitFor(app: App, wish: WaitWish): AsyncGenerator<Waited> {
  const store = app.store()
  const { signal, count, timeoutMs } = wish
  const from = wish.after ?? (await startOf(app, wish.filter))
  const look = wish.rejected ? lookForRejected(store, wish, from) : lookForEvents(store, wish, from)
  const until = systemClock.monotonic() + timeoutMs
  let seen = -1
  let given = 0
  while (!signal.aborted) {
    const begin = systemClock.monotonic()
    const version = store.dataVersion()
    if (version !== seen) {
      seen = version
      for (const waited of look()) {
        yield waited
        given++
        if (given === count || (waited.kind === 'event' && waited.refused)) return
      }
    }
    const now = systemClock.monotonic()
    if (now >= until) throw await nothingFits(app, wish, { from, given })
    // A look through a long history must not be all that this machine does.
    await rest(Math.min(until - now, Math.max(pollMs, 3 * (now - begin))), signal)
  }
}

/** Where the listener began; where nobody listens, now: what an earlier one brought is not meant. */
async function startOf(app: App, { since }: Filter): Promise<Cursors> {
  const at = since ?? (await listenerNow(app))?.startedAt
  return at === undefined ? app.store().read('readCursors') : app.store().read('cursorsAt', { at })
}

function lookForRejected(store: Store, { filter }: WaitWish, from: Cursors): () => Generator<Waited> {
  let after = from.rejected
  return function* () {
    for (;;) {
      const found = store.readNow('listRejected', { filter, order: 'oldest', after, limit: page })
      for (const rejected of found) {
        after = rejected.seq
        yield { kind: 'rejected', rejected }
      }
      if (found.length < page) return
    }
  }
}

function lookForEvents(store: Store, { filter, handled }: WaitWish, from: Cursors): () => Generator<Waited> {
  /** Events that were given, and those that fit and have not their last answer. */
  const given = new Set<number>()
  const open = new Set<number>()
  let config = store.configVersion()
  let after = from.event
  return function* () {
    const now = store.configVersion()
    // An event that was parked has its tenant later than it came, and one fails later than it came.
    if (now !== config || filter.failed) after = from.event
    config = now
    for (const seq of open) {
      const event = store.readNow('readEvent', { seq })
      const waited = event && toldOf(store, event)
      if (!event) open.delete(seq)
      if (waited && isSettled(waited)) yield give(waited)
    }
    for (;;) {
      const events = store.readNow('listEvents', { filter, order: 'oldest', after, limit: page })
      for (const event of events) {
        after = event.seq
        if (given.has(event.seq) || open.has(event.seq) || isFolded(event) || isAside(event, filter)) continue
        const waited = toldOf(store, event)
        if (!handled || isSettled(waited)) yield give(waited)
        else open.add(event.seq)
      }
      if (events.length < page) return
    }
  }

  function give(waited: WaitedEvent): Waited {
    const { seq } = waited.event
    open.delete(seq)
    given.add(seq)
    return handled ? waited : { ...waited, refused: false }
  }
}

/** A repeat of what was answered already goes nowhere, and is no event of its own. */
function isFolded({ repeatOf, forwards }: StoredEvent): boolean {
  return repeatOf !== null && forwards === '[]'
}

/** What tells of a consent is waited for by its type alone. */
function isAside({ source }: StoredEvent, { event }: Filter): boolean {
  return source === 'lifecycle' && !event?.length
}

function toldOf(store: Store, event: StoredEvent): WaitedEvent {
  const all = store.readNow('attemptsOfDelivery', { deliverySeq: event.deliverySeq })
  const attempts = all.filter(({ eventSeqs }) => eventSeqs.includes(event.seq))
  const forwards = JSON.parse(event.forwards) as EventForward[]
  const refused = forwards.some(({ state, target }) => isOver(state) && !wasTaken(attempts, target))
  return { kind: 'event', event, attempts, refused }
}

function isOver(state: EventForward['state']): boolean {
  return state === 'failed' || state === 'final'
}

/**
 * Whether a target said 2xx to the event as it came, be it by a replay. What a person changed (edited, or sent as another
 * tenant's) is another event, and what another target takes says nothing of the one that the rules name.
 */
function wasTaken(attempts: StoredAttempt[], target?: string): boolean {
  return attempts.some(
    one => (target === undefined || one.target === target) && one.changed === null && isSuccess(one.status),
  )
}

/** Whether the handler's last word is known: every forward was taken, or one never will be. */
function isSettled({ event, attempts, refused }: WaitedEvent): boolean {
  const forwards = JSON.parse(event.forwards) as EventForward[]
  if (refused) return true
  // No rule names a handler, so the one to which a person sent it is the handler.
  if (forwards.length === 0) return wasTaken(attempts)
  return forwards.every(({ state, target }) => state === 'done' || wasTaken(attempts, target))
}

/**
 * Waits until a listener is ready, and gives what it told then.
 * @throws WhsError `time-ran-out` (exit 9)
 */
export async function waitForReady(app: App, timeoutMs: number, signal: AbortSignal): Promise<ReadyFact | null> {
  const until = systemClock.monotonic() + timeoutMs
  while (!signal.aborted) {
    const listener = await listenerNow(app)
    if (listener?.ready) return listener.ready
    const left = until - systemClock.monotonic()
    if (left <= 0) throw notReady(app, timeoutMs)
    await rest(Math.min(left, pollMs), signal)
  }
  return null
}

function notReady(app: App, timeoutMs: number): WhsError {
  const isThere = app.store().isListening()
  return new WhsError({
    code: 'time-ran-out',
    exit: exits.timeout,
    what: `no listener was ready within ${durationText(timeoutMs)}`,
    why: isThere ? 'there is one, but its doors and tunnel are not open yet' : 'nobody listens',
    next: isThere ? `whs wait --ready --timeout ${Math.ceil((2 * timeoutMs) / 1000) || 60}s` : 'whs listen',
  })
}

/** Ends early where the signal says so. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return pause(ms, undefined, { signal }).catch(() => undefined)
}
