import { appHosts } from '../../core/app-hosts.ts'
import type { FeedEach } from '../../core/feed-definition.ts'
import type { Slots } from '../../core/fill-text.ts'
import { holds } from '../../core/holds.ts'
import { type FeedItem, type ListedEvent, readFeed, readList } from '../../core/read-feed.ts'
import type { ItemContext } from '../../core/value.ts'
import type { Call } from '../../core/value-definition.ts'
import { type ApiPage, callName, callPages } from '../api-call.ts'
import { type CallDeps, secretSlotsOf } from '../call-place.ts'
import { appSlots, type Filling } from '../slots.ts'
import { tenantCall } from '../tenant-call.ts'
import { badAnswer, feedRefused } from './feed-errors.ts'
import type { FeedPlace } from './feed-place.ts'

/** One answer of a feed, whole, with the events in it. */
export interface FeedAnswer {
  method: string
  path: string
  body: Buffer
  context: ItemContext
  items: FeedItem[]
  /** More pages follow than were wished for. */
  isCut: boolean
}

/** The provider said that the cursor is too old. */
export class CursorExpired extends Error {}

/** So many pages are asked for where all of them lie between two cursors. */
const mostPages = 10_000

/**
 * Makes a call of a feed, as the place's connection, or as the app; page after page, `most` of them.
 * @throws WhsError `feed-refused` (exit 4, 10), those of `tenantCall`; CursorExpired
 */
export async function* feedPages(
  deps: CallDeps,
  place: FeedPlace,
  call: Call,
  slots: Slots,
  most = mostPages,
): AsyncGenerator<ApiPage> {
  const { connection, account } = place
  const filled = { ...place.slots, now: String(Math.floor(deps.now() / 1000)), ...slots }
  const pages =
    connection === null
      ? callPages(deps, call, await appFilling(deps, place, call, filled), undefined, most)
      : tenantCall(deps, { connection: connection.id, ...(account ? { account } : {}) }, call, filled, most)
  for await (const page of pages) {
    if (page.verdict !== 'good') throw isExpired(place, page) ? new CursorExpired() : feedRefused(place, call, page)
    yield page
  }
}

async function appFilling(deps: CallDeps, { app, definition }: FeedPlace, call: Call, slots: Slots): Promise<Filling> {
  const secrets = await secretSlotsOf(deps, { app, definition }, call)
  return { hosts: appHosts(definition, app), slots: { ...appSlots(deps, app), ...secrets, ...slots } }
}

function isExpired({ feed: { expired } }: FeedPlace, { status, context }: ApiPage): boolean {
  if (expired === undefined || expired.status !== status) return false
  return expired.when === undefined || (context !== undefined && holds(context, expired.when))
}

/** The events of a feed's pages, answer by answer. @throws as `feedPages`, and `bad-answer` (exit 10) */
export async function* readAnswers(
  deps: CallDeps,
  place: FeedPlace,
  slots: Slots,
  most?: number,
): AsyncGenerator<FeedAnswer> {
  const { call } = place.feed
  for await (const page of feedPages(deps, place, call, slots, most)) yield answerOf(place, call, page)
}

function answerOf(place: FeedPlace, call: Call, page: ApiPage): FeedAnswer {
  const { definition, feed, connection } = place
  const { context, isCut } = page
  if (context === undefined) throw badAnswer(place, call, 'it is no JSON')
  const items = readFeed(definition, feed, context, connection !== null)
  if ('fault' in items) throw badAnswer(place, call, items.fault)
  const [method = '', path = ''] = callName(call).split(' ')
  return { method, path, body: page.answer.body, context, items, isCut }
}

/** What a list of events names, page by page; nothing of what its pages say is kept. */
export async function* readLists(
  deps: CallDeps,
  place: FeedPlace,
  each: FeedEach,
  slots: Slots,
  most: number,
): AsyncGenerator<{ listed: ListedEvent[]; isCut: boolean }> {
  const { call } = place.feed
  for await (const { context, isCut } of feedPages(deps, place, call, slots, most)) {
    const listed = context === undefined ? { fault: 'it is no JSON' } : readList(each, context)
    if ('fault' in listed) throw badAnswer(place, call, listed.fault)
    yield { listed, isCut }
  }
}

/** One event of such a list. */
export async function readOne(deps: CallDeps, place: FeedPlace, each: FeedEach, item: string): Promise<FeedAnswer> {
  const { page: _single, ...call } = each.call
  for await (const page of feedPages(deps, place, call, { item })) return answerOf(place, call, page)
  throw badAnswer(place, call, 'there was none')
}
