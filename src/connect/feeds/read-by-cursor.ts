import type { FeedCursor as CursorRule } from '../../core/feed-definition.ts'
import { holds } from '../../core/holds.ts'
import { readValue } from '../../core/value.ts'
import type { FeedCursor } from '../../store/feed-ops.ts'
import type { CallDeps } from '../call-place.ts'
import { badAnswer } from './feed-errors.ts'
import type { FeedPlace } from './feed-place.ts'
import { CursorExpired, type FeedAnswer, feedPages, readAnswers } from './read-answers.ts'
import { keepAnswers, nothingRead, type Reading, type ReadWish, withStored } from './read-place.ts'

type OwnCursor = Extract<CursorRule, { at: unknown }>

/** So often at most it is asked again at once. */
const mostRounds = 1_000
/** What is gathered between two cursors before it is entered. */
const mostBytes = 16 * 1_048_576

/** Reads from the stored cursor on, which moves with what is entered. Where there is none yet, it begins with the present. */
export async function readByCursor(deps: CallDeps, place: FeedPlace, wish: ReadWish): Promise<Reading> {
  const rule = place.feed.cursor as OwnCursor
  let reading = nothingRead
  let stored = await deps.store.read('readFeedCursor', place.key)
  if (!stored) {
    const first = await firstCursor(deps, place, rule)
    const isPresent = 'call' in rule.start
    const { stale } = await begin(deps, place, wish, { from: null, to: first }, isPresent)
    if (isPresent && !stale) return { ...reading, lost: 'begun' }
    stored = wish.dry ? { cursor: first, readAt: deps.now() } : await deps.store.read('readFeedCursor', place.key)
  }
  for (let round = 0; round < mostRounds && stored && !wish.signal?.aborted; round++) {
    let step: { reading: Reading; next: string | null }
    try {
      step = await readOnce(deps, place, wish, stored, reading)
    } catch (error) {
      if (!(error instanceof CursorExpired)) throw error
      return anew(deps, place, wish, stored, reading)
    }
    reading = step.reading
    if (step.next === null) return reading
    // Of a trial the cursor is not kept: it goes on from where the answer said.
    stored = wish.dry ? { ...stored, cursor: step.next } : await deps.store.read('readFeedCursor', place.key)
  }
  return { ...reading, lost: wish.signal?.aborted ? null : 'cut' }
}

/** Enters a cursor and nothing else; where that is the present, nothing that was pinged is left to be read. */
function begin(
  deps: CallDeps,
  place: FeedPlace,
  wish: ReadWish,
  cursor: { from: string | null; to: string },
  pings: boolean,
): Promise<{ stale: boolean }> {
  return keepAnswers(deps, place, wish, { answers: [], cursor, facts: {}, pings })
}

/** The old cursor is too old for the provider: what lies between is lost. */
async function anew(
  deps: CallDeps,
  place: FeedPlace,
  wish: ReadWish,
  stored: FeedCursor,
  reading: Reading,
): Promise<Reading> {
  const to = await firstCursor(deps, place, place.feed.cursor as OwnCursor)
  await begin(deps, place, wish, { from: stored.cursor, to }, true)
  return { ...reading, lost: 'expired', lostSince: stored.readAt }
}

/** Where reading begins: at a fixed place, or at what the provider says is now. */
async function firstCursor(deps: CallDeps, place: FeedPlace, { start }: OwnCursor): Promise<string> {
  if ('text' in start) return start.text
  let found: string | undefined
  for await (const { context } of feedPages(deps, place, start.call, {})) {
    found = (context && readValue(context, start.at)?.text) ?? found
  }
  if (found === undefined) throw badAnswer(place, start.call, 'it holds no cursor')
  return found
}

/** One call with all its pages. `next` is null where nothing more is there for now. */
async function readOnce(
  deps: CallDeps,
  place: FeedPlace,
  wish: ReadWish,
  { cursor }: FeedCursor,
  before: Reading,
): Promise<{ reading: Reading; next: string | null }> {
  const rule = place.feed.cursor as OwnCursor
  const facts = { cursor }
  let reading = before
  let answers: FeedAnswer[] = []
  let bytes = 0
  let last: FeedAnswer | undefined
  for await (const answer of readAnswers(deps, place, { cursor })) {
    if (answer.isCut) throw badAnswer(place, place.feed.call, 'its pages have no end')
    answers.push(answer)
    bytes += answer.body.length
    last = answer
    if (bytes < mostBytes || place.feed.same === 'cursor') continue
    reading = withStored(reading, await keepAnswers(deps, place, wish, { answers, cursor: null, facts, pings: false }))
    answers = []
    bytes = 0
  }
  const next = last && readValue(last.context, rule.at)?.text
  if (last === undefined || next === undefined) throw badAnswer(place, place.feed.call, 'it holds no cursor')
  const stored = await keepAnswers(deps, place, wish, {
    answers,
    cursor: { from: cursor, to: next },
    facts,
    pings: !hasMore(rule, last),
  })
  // Somebody else has read it meanwhile: it goes on from there.
  if (stored.stale) return { reading, next }
  return { reading: withStored(reading, stored), next: hasMore(rule, last) && next !== cursor ? next : null }
}

function hasMore({ more }: OwnCursor, { context }: FeedAnswer): boolean {
  return more !== undefined && holds(context, more)
}
