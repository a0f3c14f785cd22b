import type { FeedEach } from '../../core/feed-definition.ts'
import { slotsOf } from '../../core/fill-text.ts'
import { sinceSlots } from '../../core/moment.ts'
import type { ListedEvent } from '../../core/read-feed.ts'
import type { CallDeps } from '../call-place.ts'
import type { FeedPlace } from './feed-place.ts'
import { type FeedAnswer, readAnswers, readLists, readOne } from './read-answers.ts'
import { keepAnswers, nothingRead, type Reading, type ReadWish, withStored } from './read-place.ts'

/** What is gathered at most before it is entered in order of time. */
const mostBytes = 64 * 1_048_576
const mostPages = 100
/** As many events of a list are asked for, one call each. */
const mostCalls = 1_000
const dayMs = 86_400_000
/** What was delivered may have come so much before the time that it tells, as clocks go. */
const skewMs = 600_000

/** Reads everything since a time and enters it in order of time, all of it at once. */
export async function readByTime(deps: CallDeps, place: FeedPlace, wish: ReadWish): Promise<Reading> {
  const { feed, key } = place
  const owed = await deps.store.read('readFeedCursor', key)
  const since = Math.min(wish.since, owed ? Number(owed.cursor) : wish.since)
  const overlap = 'time' in feed.cursor ? feed.cursor.time.overlapSeconds * 1000 : 0
  // A minute less than it says, so that the call does not come too late.
  const oldest = feed.maxDays === undefined ? 0 : deps.now() - feed.maxDays * dayMs + 60_000
  const from = Math.max(since - overlap, oldest)
  const gathered = feed.each
    ? await gatherEach(deps, place, feed.each, wish, from)
    : await gather(deps, place, wish, from)
  const { answers, known, left, next } = gathered
  const lost = left ?? (since < oldest ? 'too-old' : null)
  const reading: Reading = { ...nothingRead, from, lost, lostSince: lost && since }
  if (wish.signal?.aborted) return reading
  // It goes on exactly there: where much came at once, an overlap would never be passed.
  const cursor = { from: owed?.cursor ?? null, to: left === 'cut' ? String(next + overlap) : null }
  const stored = await keepAnswers(deps, place, wish, {
    answers,
    cursor: wish.only === null ? cursor : null,
    facts: { since: new Date(from).toISOString() },
    comparedSince: from - skewMs,
    pings: true,
  })
  // Another process has read it meanwhile: all of it is known by now.
  if (stored.stale) return readByTime(deps, place, wish)
  return withStored({ ...reading, known }, stored)
}

interface Gathered {
  /** Oldest first. */
  answers: FeedAnswer[]
  /** Events of a list that were not asked for, since they are stored. */
  known: number
  /** What is left: to be read from `next` on, or for good, where the newest come first. */
  left: 'cut' | 'too-much' | null
  next: number
}

async function gather(deps: CallDeps, place: FeedPlace, wish: ReadWish, from: number): Promise<Gathered> {
  const { newestFirst = false } = place.feed
  const gathered: Gathered = { answers: [], known: 0, left: null, next: Number.POSITIVE_INFINITY }
  const asks = askedTypes(place)
  for (const asked of asks) {
    let bytes = 0
    let latest = from
    for await (const answer of readAnswers(deps, place, { ...sinceSlots(from), ...asked }, mostPages)) {
      if (wish.signal?.aborted) return gathered
      const isBehind = newestFirst && answer.items.some(({ at }) => at !== null && at < from)
      const items = answer.items.filter(({ at }) => at === null || at >= from)
      gathered.answers.push({ ...answer, items })
      if (isBehind) break
      bytes += answer.body.length
      latest = items.reduce((late, { at }) => Math.max(late, at ?? 0), latest)
      if (!answer.isCut && bytes <= mostBytes / asks.length) continue
      gathered.left = newestFirst ? 'too-much' : 'cut'
      // Of each type it goes on where the one that was cut earliest ends.
      gathered.next = Math.min(gathered.next, latest)
      break
    }
  }
  // Of what happened in the same second the order is the provider's.
  return newestFirst ? { ...gathered, answers: oldestFirst(gathered.answers) } : gathered
}

function oldestFirst(answers: FeedAnswer[]): FeedAnswer[] {
  return answers.map(answer => ({ ...answer, items: answer.items.toReversed() })).reverse()
}

/** What is asked for at once, or one after the other. */
function askedTypes({ feed: { types = [], call } }: FeedPlace): Record<string, string>[] {
  const isEach = slotsOf(JSON.stringify(call)).includes('type')
  return isEach ? types.map(type => ({ type })) : [{ types: types.join(',') }]
}

/** A list that only names events: each that is not stored is asked for, the oldest first. */
async function gatherEach(
  deps: CallDeps,
  place: FeedPlace,
  each: FeedEach,
  wish: ReadWish,
  from: number,
): Promise<Gathered> {
  const { newestFirst = false } = place.feed
  const named = new Map<string, ListedEvent>()
  const gathered: Gathered = { answers: [], known: 0, left: null, next: from }
  for await (const { listed, isCut } of readLists(deps, place, each, sinceSlots(from), mostPages)) {
    if (wish.signal?.aborted) return gathered
    for (const one of listed) if (one.at === null || one.at >= from) named.set(one.id, one)
    if (newestFirst && listed.some(({ at }) => at !== null && at < from)) break
    if (isCut) gathered.left = newestFirst ? 'too-much' : 'cut'
  }
  const known = new Set(await deps.store.read('knownEventIds', { appId: place.key.appId, ids: [...named.keys()] }))
  const all = newestFirst ? [...named.values()].reverse() : [...named.values()]
  const wanted = all.filter(({ id }) => !known.has(id))
  let bytes = 0
  for (const { item } of wanted.slice(0, mostCalls)) {
    if (wish.signal?.aborted || bytes > mostBytes) break
    const answer = await readOne(deps, place, each, item)
    bytes += answer.body.length
    gathered.answers.push(answer)
  }
  return { ...gathered, known: known.size, ...(gathered.answers.length < wanted.length ? { left: 'cut' } : {}) }
}
