import { setTimeout as pause } from 'node:timers/promises'
import { type FeedPlace, placesOf } from '../connect/feeds/feed-place.ts'
import { readPlace } from '../connect/feeds/read-place.ts'
import { WhsError } from '../core/errors.ts'
import type { Clock } from '../deliver/clock.ts'
import type { Ping } from '../store/feed-ops.ts'
import type { App } from './app.ts'
import { type CaughtUp, feedsOf, placesAt } from './catch-up.ts'
import { consentDeps } from './consent-deps.ts'

export interface FollowUpOptions {
  clock: Pick<Clock, 'setTimer'>
  /** What a ping announced was lost, or could not be read. */
  onGap(gap: CaughtUp): void
  onFault(error: unknown): void
}

/** The reading of what pings left out, while a listener runs. */
export interface FollowUps {
  /** Ends in order; what is not done is done by the next listener. */
  stop(limitMs: number): Promise<void>
}

const pollMs = 100
const firstAgainMs = 10_000
const longestAgainMs = 15 * 60_000

/**
 * Reads the feeds that pings name, after the pings are on disk and answered: those that an earlier listener left, then what
 * comes. One reading at a time for each place; what is pinged meanwhile is read again after it. What fails is told once and
 * tried again, at pauses that grow, and at once when a connection changes.
 */
export function followUps(app: App, { clock, onGap, onFault }: FollowUpOptions): FollowUps {
  const store = app.store()
  const deps = consentDeps(app)
  const ended = new AbortController()
  const running = new Map<string, Promise<void>>()
  const failed = new Map<string, { times: number; until: number; told: string }>()
  let seen = -1
  let config = -1
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false
  let cancel = (): void => undefined

  function turn(): void {
    if (ended.signal.aborted) return
    const version = store.dataVersion()
    const isDue = [...failed.values()].some(({ until }) => until <= app.now())
    if ((version !== seen || isDue) && !isLooking) {
      seen = version
      isLooking = true
      looking = look()
        .catch(error => (ended.signal.aborted ? undefined : onFault(error)))
        .finally(() => {
          isLooking = false
        })
    }
    cancel = clock.setTimer(turn, pollMs)
  }

  async function look(): Promise<void> {
    const now = store.configVersion()
    if (now !== config) failed.clear()
    const due = [...failed].flatMap(([id, { until }]) => (until <= app.now() ? [id] : []))
    if (now !== config || due.length > 0) await beginAll()
    config = now
    for (const [place, pings] of await pinged()) begin(place, pings)
    // Nothing wants it any more.
    for (const id of due) if (!running.has(id)) failed.delete(id)
  }

  /** A cursor has to be there before the first ping: what lies before it would be lost. */
  async function beginAll(): Promise<void> {
    for (const stored of await store.read('listApps')) {
      for (const place of await placesAt(app, stored, 'follow-up')) {
        const { cursor } = place.feed
        if ('time' in cursor || 'text' in cursor.start || place.connection?.state === 'broken') continue
        if ((await store.read('readFeedCursor', place.key)) === null) begin(place, [])
      }
    }
  }

  async function pinged(): Promise<Map<FeedPlace, Ping[]>> {
    const all = await store.read('undonePings')
    const found = new Map<FeedPlace, Ping[]>()
    const known = new Map<string, FeedPlace[]>()
    for (const ping of all) {
      const places = known.get(`${ping.app} ${ping.feed}`) ?? (await placesFor(app, ping))
      known.set(`${ping.app} ${ping.feed}`, places)
      for (const place of places.filter(one => isMeant(one, ping)))
        found.set(place, [...(found.get(place) ?? []), ping])
    }
    return found
  }

  function begin(place: FeedPlace, pings: Ping[]): void {
    const id = JSON.stringify(place.key)
    const failure = failed.get(id)
    if (ended.signal.aborted || running.has(id) || (failure && failure.until > app.now())) return
    const work = read(id, place, pings).finally(() => {
      running.delete(id)
      // What was pinged meanwhile is not passed over.
      seen = -1
    })
    running.set(id, work)
  }

  async function read(id: string, place: FeedPlace, pings: Ping[]): Promise<void> {
    const begun = app.now()
    const wish = { source: 'follow-up' as const, since: begun, only: null, pings, dry: false, signal: ended.signal }
    const since = pings.length === 0 ? begun : Math.min(...pings.map(one => one.since))
    const told = (more: Pick<CaughtUp, 'reading' | 'failure'>): CaughtUp => ({
      app: place.app.name,
      provider: place.app.provider,
      tenant: place.connection?.tenant ?? null,
      account: place.account?.value ?? null,
      feed: place.feed.name,
      from: since,
      to: begun,
      why: 'failed',
      ms: app.now() - begun,
      dry: false,
      ...more,
    })
    try {
      const reading = await readPlace(deps, place, wish)
      failed.delete(id)
      const isLost = reading.lost !== null && (reading.lost !== 'begun' || pings.length > 0)
      if (isLost) onGap(told({ reading, failure: null }))
    } catch (error) {
      if (ended.signal.aborted) return
      if (!(error instanceof WhsError)) return onFault(error)
      const before = failed.get(id)
      const times = (before?.times ?? 0) + 1
      failed.set(id, {
        times,
        until: begun + Math.min(firstAgainMs * 2 ** (times - 1), longestAgainMs),
        told: error.code,
      })
      if (before?.told !== error.code) onGap(told({ reading: null, failure: error }))
    }
  }

  turn()
  return {
    async stop(limitMs) {
      ended.abort()
      cancel()
      const end = Promise.allSettled([looking, ...running.values()])
      await Promise.race([end, pause(limitMs, undefined, { ref: false })])
    },
  }
}

async function placesFor(app: App, { app: name, feed }: Ping): Promise<FeedPlace[]> {
  const stored = await app.store().read('findApp', { name })
  const wanted = stored && feedsOf(app, stored, 'follow-up').find(one => one.name === feed)
  if (!stored || !wanted) return []
  const definition = app.definitionOf(stored.provider)
  return placesOf({ store: app.store() }, { app: stored, definition, feed: wanted })
}

/** Whether a ping is about what is read at a place: its account, or the hook that brought it. */
function isMeant({ feed, connection, account, activation }: FeedPlace, ping: Ping): boolean {
  if (connection?.tenant !== ping.tenant) return false
  if (feed.per === 'account') return account?.kind === ping.accountKind && account?.value === ping.account
  return activation === ping.activation
}
