import type { DonePings } from '../../store/feed-ops.ts'
import type { NewReading, StoredReading } from '../../store/store-reading-op.ts'
import type { CallDeps } from '../call-place.ts'
import type { FeedPlace } from './feed-place.ts'
import type { FeedAnswer } from './read-answers.ts'
import { readByCursor } from './read-by-cursor.ts'
import { readByTime } from './read-by-time.ts'

export interface ReadWish {
  source: 'catch-up' | 'follow-up'
  /** Since when something may be missing, in ms; only feeds that are read by time look at it. */
  since: number
  /** Only events of these tenants are taken. */
  only: string[] | null
  /** Pings that are answered by it. */
  pings: DonePings[]
  /** Nothing is kept. */
  dry: boolean
  signal?: AbortSignal
}

/** What a reading of one place gave. */
export interface Reading {
  /** Since when events were asked for, in ms; null where a cursor said that. */
  from: number | null
  /** Events that were entered, by type. */
  events: Record<string, number>
  count: number
  /** What was stored already, or is not to be entered. */
  known: number
  /**
   * What could not be read: `too-old`, before `from`, since the provider answers for so many days alone; `expired`, since
   * its cursor was too old; `begun`, since there was no cursor yet; `too-much`, so that only the newest was read; `cut`, what
   * is read the next time.
   */
  lost: 'too-old' | 'expired' | 'begun' | 'too-much' | 'cut' | null
  /** Where something was lost: since when, as far as that is known. */
  lostSince: number | null
}

export const nothingRead: Reading = { from: null, events: {}, count: 0, known: 0, lost: null, lostSince: null }

/**
 * Reads a feed at one place and enters what is new of it, in transactions that move the cursor along: after a kill it goes
 * on where it was.
 * @throws WhsError of the calls; what was entered by then stays
 */
export function readPlace(deps: CallDeps, place: FeedPlace, wish: ReadWish): Promise<Reading> {
  return 'time' in place.feed.cursor ? readByTime(deps, place, wish) : readByCursor(deps, place, wish)
}

/** Enters answers of a feed; `facts` are what `explain` tells of how they came about. */
export async function keepAnswers(
  deps: CallDeps,
  place: FeedPlace,
  wish: ReadWish,
  reading: {
    answers: FeedAnswer[]
    cursor: NewReading['cursor']
    facts: object
    comparedSince?: number
    pings: boolean
  },
): Promise<StoredReading> {
  const { feed, key, account, connection } = place
  const { answers, cursor, comparedSince = 0 } = reading
  let at = 0
  const placed = answers.map(({ method, path, body, items }) => {
    const from = at
    at += body.length
    const facts = { feed: feed.name, ...reading.facts, tenant: connection?.tenant ?? null }
    return { from, to: at, method, path, facts, items }
  })
  return deps.store.write('storeReading', {
    place: key,
    source: wish.source,
    receivedAt: deps.now(),
    account,
    bytes: new Uint8Array(Buffer.concat(answers.map(({ body }) => body))),
    answers: placed,
    same: typeof feed.same === 'object' ? 'change' : feed.same,
    comparedSince,
    cursor: wish.dry ? null : cursor,
    only: wish.only,
    pings: reading.pings && !wish.dry ? wish.pings : [],
    ...(wish.dry ? { dry: true as const } : {}),
  })
}

/** A reading with what was entered by another write of it. */
export function withStored(reading: Reading, stored: StoredReading): Reading {
  const events = { ...reading.events }
  for (const [type, count] of Object.entries(stored.events)) events[type] = (events[type] ?? 0) + count
  return { ...reading, events, count: reading.count + stored.count, known: reading.known + stored.known }
}
