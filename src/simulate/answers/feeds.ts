import { Buffer } from 'node:buffer'
import type { Feed, FeedCursor } from '../../core/feed-definition.ts'
import { momentMs } from '../../core/moment.ts'
import type { Call } from '../../core/value-definition.ts'
import type { RouteRequest } from '../../net/door.ts'
import type { Company } from '../companies.ts'
import type { PastChange } from '../history.ts'
import type { World } from '../world.ts'
import { pickOf, writeFeedItems } from './feed-items.ts'
import { pageOf, withPage } from './feed-pages.ts'
import { writeIdentity } from './identity.ts'
import type { Answered, Caller, KnownCall } from './known-call.ts'
import { putJson } from './put-json.ts'
import { companyWith } from './resources.ts'
import { makeHold, writeAnswer } from './write-answer.ts'
import { writeChange } from './write-feed.ts'

type Slots = Record<string, string>
const dayMs = 86_400_000
/** Cursors of another epoch are too old. */
const epochLength = 1_000_000

/** The calls of the definition's feeds. */
export function feedsOf(world: World): KnownCall[] {
  return (world.definition.feeds ?? []).flatMap(feed => {
    const ofApp = feed.per === 'app'
    const calls: KnownCall[] = [
      { call: feed.call, ofApp, answer: (caller, slots, request) => tell(world, feed, caller, slots, request) },
    ]
    const { cursor, each } = feed
    if ('at' in cursor && 'call' in cursor.start) {
      const { call } = cursor.start
      calls.push({ call, answer: (caller, slots) => firstCursor(world, feed, caller, slots, call) })
    }
    if (each) calls.push({ call: each.call, ofApp, answer: (caller, slots) => tellOne(world, feed, caller, slots) })
    return calls
  })
}

/** What happened, as far as it concerns what is asked for. */
function pastOf(world: World, feed: Feed, caller: Caller, slots: Slots): PastChange[] {
  const companies =
    feed.per === 'app' ? caller.companies : [companyOf(world, caller, slots)].filter(one => one !== null)
  const past = world.history.of(caller.clientId, companies)
  const { resource } = slots
  return resource === undefined ? past : past.filter(one => one.isOf(resource))
}

function companyOf(world: World, { companies }: Caller, { activation, resource }: Slots): Company | null {
  const hook = activation === undefined ? undefined : world.hooks.list().find(({ id }) => id === activation)
  if (hook?.company) return companies.includes(hook.company) ? hook.company : null
  return companyWith(world, companies, resource)
}

function tell(world: World, feed: Feed, caller: Caller, slots: Slots, request: RouteRequest): Answered {
  const past = pastOf(world, feed, caller, slots)
  return 'time' in feed.cursor
    ? tellSince(world, feed, past, slots, request)
    : tellFrom(world, feed, feed.cursor, past, slots, request)
}

function tellSince(world: World, feed: Feed, past: PastChange[], slots: Slots, request: RouteRequest): Answered {
  const said = Object.entries(slots).find(([name]) => name.startsWith('since.'))?.[1]
  const since = said === undefined ? 0 : momentMs(said)
  const asked = slots.types?.split(',') ?? (slots.type === undefined ? null : [slots.type])
  const tooOld = feed.maxDays !== undefined && said !== undefined && (since ?? 0) < world.now() - feed.maxDays * dayMs
  if (since === null || tooOld || asked?.some(type => !feed.types?.includes(type))) return 'bad-request'
  const wanted = past.filter(({ at, resource }) => at >= since && (!asked || asked.includes(resource?.type ?? '')))
  const told = typeof feed.same === 'object' ? newestOfEach(wanted) : wanted
  const ordered = feed.newestFirst ? told.toReversed() : told
  const page = pageOf(feed.call, request, ordered, world.history.pageSize)
  return withPage(feed.call, request, writeFeedItems(world, feed, page.items, asked), page)
}

/** Each thing as it was last. */
function newestOfEach(past: PastChange[]): PastChange[] {
  return [...new Map(past.map(one => [`${one.resource?.type} ${one.resource?.id}`, one])).values()]
}

type OwnCursor = Extract<FeedCursor, { at: unknown }>

function tellFrom(
  world: World,
  feed: Feed,
  rule: OwnCursor,
  past: PastChange[],
  { cursor = '' }: Slots,
  request: RouteRequest,
): Answered {
  const { epoch, pageSize } = world.history
  const number = Number(cursor)
  const from = number - epoch * epochLength
  if (!Number.isSafeInteger(number)) return 'bad-request'
  if (feed.expired && (from < 1 || from > epochLength)) return expired(feed.expired)
  const behind = past.slice(Math.max(0, from - 1))
  const page = feed.call.page
    ? pageOf(feed.call, request, behind, pageSize)
    : {
        items: behind.slice(0, pageSize),
        from: 0,
        total: behind.length,
        hasNext: behind.length > pageSize,
        size: pageSize,
      }
  let body = writeFeedItems(world, feed, page.items, null)
  const next = feed.call.page ? past.length + 1 : from + page.items.length
  const isLast = !feed.call.page || !page.hasNext
  body = isLast ? writeAnswer(body, rule.at, String(next + epoch * epochLength)) : putJson(body, rule.at as string, '')
  if (rule.more !== undefined && typeof rule.more === 'object' && 'at' in rule.more) {
    body = putJson(body, rule.more.at as string, page.hasNext)
  }
  return withPage(feed.call, request, body, page)
}

function expired({ status, when }: NonNullable<Feed['expired']>): Answered {
  const plain = Buffer.from('{"error":{"code":0,"message":"it is too old"}}')
  const body = when === undefined ? plain : makeHold(plain, when)
  return { status, headers: { 'content-type': 'application/json' }, body }
}

/** The cursor of the present, in the answer of whatever call tells it. */
function firstCursor(world: World, feed: Feed, caller: Caller, slots: Slots, call: Call): Answered {
  const { definition, fixtures, history } = world
  const { start } = feed.cursor as OwnCursor
  if (!('at' in start)) return 'not-found'
  const { from } = definition.identity
  const isIdentity = typeof from === 'object' && from.url === call.url
  const body = isIdentity
    ? writeIdentity(definition, fixtures.answer('identity'), caller.companies)
    : fixtures.answer(`feed-${feed.name}-start`)
  const next = pastOf(world, feed, caller, slots).length + 1 + history.epoch * epochLength
  return writeAnswer(body, start.at, String(next))
}

function tellOne(world: World, feed: Feed, caller: Caller, { item = '' }: Slots): Answered {
  const change = world.history.numbered(Number(item))
  if (change?.clientId !== caller.clientId) return 'not-found'
  const { definition, fixtures } = world
  return writeChange(definition, feed, fixtures.answer(`feed-${feed.name}-each`), pickOf(feed), change)
}
