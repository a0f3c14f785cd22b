import { type FeedPlace, placesOf } from '../connect/feeds/feed-place.ts'
import { type Reading, readPlace } from '../connect/feeds/read-place.ts'
import { WhsError } from '../core/errors.ts'
import type { Feed, FeedUse } from '../core/feed-definition.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Gap } from '../store/gap-ops.ts'
import type { App } from './app.ts'
import { consentDeps } from './consent-deps.ts'

export interface CatchUpWish {
  /** Since when, in ms; null: since the gap, and where reading has failed since then. */
  since: number | null
  /** The gap that is to be filled; null where none is known. */
  gap: Gap | null
  /** Only for these tenants. */
  tenants: string[] | null
  /** Only at these apps. */
  apps: StoredApp[] | null
  /** Nothing is kept. */
  dry: boolean
  signal: AbortSignal
  onCaughtUp(gap: CaughtUp): void | Promise<void>
  /** One place after the other is done, of so many. */
  onProgress?(done: number, of: number): void
}

/** What was read at one place, or why nothing was. */
export interface CaughtUp {
  app: string
  provider: string
  /** Null: for all tenants of the app. */
  tenant: string | null
  account: string | null
  feed: string
  /** Since when something may have been missed, in ms; null where only a cursor knows. */
  from: number | null
  to: number
  why: Gap['why'] | 'asked' | 'failed'
  ms: number
  reading: Reading | null
  failure: WhsError | null
  dry: boolean
}

/** What a catching up came to. */
export interface CaughtUpAll {
  places: number
  /** Places of feeds that are read by time, where nothing is known to be missed. */
  current: number
  failed: number
  events: number
  ms: number
  /** Nothing was kept. */
  dry: boolean
}

/** So many places are read at a time. */
const atOnce = 4

/**
 * Reads every feed that says what was missed, at every place, and enters what is new. What one place refuses is told, and the
 * others go on; it is then read from there the next time.
 */
export async function catchUp(app: App, wish: CatchUpWish): Promise<CaughtUpAll> {
  const places = await feedPlaces(app, 'catch-up', wish)
  const begun = app.now()
  const all: CaughtUpAll = { places: places.length, current: 0, failed: 0, events: 0, ms: 0, dry: wish.dry }
  let done = 0
  let next = 0
  async function work(): Promise<void> {
    for (let place = places[next++]; place && !wish.signal.aborted; place = places[next++]) {
      const caught = await readAt(app, place, wish)
      if (caught === null) all.current++
      else {
        if (caught.failure) all.failed++
        all.events += caught.reading?.count ?? 0
        await wish.onCaughtUp(caught)
      }
      wish.onProgress?.(++done, places.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  all.ms = app.now() - begun
  const isWhole = wish.tenants === null && wish.apps === null && (wish.since ?? 0) <= (wish.gap?.from ?? 0)
  if (isWhole && !wish.dry && !wish.signal.aborted && wish.gap) {
    await app.store().write('closeGap', { at: app.now(), isListening: app.store().isListening() })
  }
  return all
}

/** Null where nothing is known to be missed. */
async function readAt(app: App, place: FeedPlace, wish: CatchUpWish): Promise<CaughtUp | null> {
  const { key, connection, account, feed } = place
  const begun = app.now()
  const owed = await app.store().read('readFeedCursor', key)
  const isByTime = 'time' in feed.cursor
  const since = sinceOf(wish, isByTime && owed ? Number(owed.cursor) : null)
  if (isByTime && since === null) return null
  const facts = {
    app: place.app.name,
    provider: place.app.provider,
    tenant: connection?.tenant ?? null,
    account: account?.value ?? null,
    feed: feed.name,
    from: isByTime ? since : (wish.since ?? wish.gap?.from ?? null),
    why: wish.since === null ? (wish.gap?.why ?? ('failed' as const)) : ('asked' as const),
    dry: wish.dry,
  }
  const ended = (): { to: number; ms: number } => ({ to: begun, ms: app.now() - begun })
  const only = connection === null ? wish.tenants : null
  const reading = { source: 'catch-up' as const, since: since ?? begun, only, pings: [], dry: wish.dry }
  try {
    const read = await readPlace(consentDeps(app), place, { ...reading, signal: wish.signal })
    return { ...facts, ...ended(), reading: read, failure: null }
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    // From there it is read the next time.
    if (isByTime && since !== null && !wish.dry)
      await app.store().write('keepFeedCursor', { ...key, cursor: String(since) })
    return { ...facts, ...ended(), reading: null, failure: error }
  }
}

function sinceOf({ since, gap }: CatchUpWish, owed: number | null): number | null {
  const first = since ?? gap?.from ?? null
  if (first === null || owed === null) return first ?? owed
  return Math.min(first, owed)
}

/** All places of all apps at which feeds of a use are read. */
async function feedPlaces(
  app: App,
  use: FeedUse,
  { apps, tenants }: Pick<CatchUpWish, 'apps' | 'tenants'>,
): Promise<FeedPlace[]> {
  const found: FeedPlace[] = []
  for (const stored of apps ?? (await app.store().read('listApps'))) {
    for (const place of await placesAt(app, stored, use)) {
      if (tenants === null || place.connection === null || tenants.includes(place.connection.tenant)) found.push(place)
    }
  }
  return found
}

/** The places of one app at which its feeds of a use are read. */
export async function placesAt(app: App, stored: StoredApp, use: FeedUse): Promise<FeedPlace[]> {
  const places: FeedPlace[] = []
  for (const feed of feedsOf(app, stored, use)) {
    const definition = app.definitionOf(stored.provider)
    places.push(...(await placesOf({ store: app.store() }, { app: stored, definition, feed })))
  }
  return places
}

/** Whether any of some apps (null: of all) has a feed that says what was missed. */
export async function mayCatchUp(app: App, apps: StoredApp[] | null): Promise<boolean> {
  const all = apps ?? (await app.store().read('listApps'))
  return all.some(stored => feedsOf(app, stored, 'catch-up').length > 0)
}

/** The feeds of an app of a use; none of a provider that is not known any more. */
export function feedsOf(app: App, stored: StoredApp, use: FeedUse): Feed[] {
  try {
    return (app.definitionOf(stored.provider).feeds ?? []).filter(feed => feed.use.includes(use))
  } catch (error) {
    if (error instanceof WhsError) return []
    throw error
  }
}
