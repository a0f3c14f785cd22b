import { Buffer } from 'node:buffer'
import { apiBase, apiCall } from '../../core/api-call.ts'
import { slotsOf } from '../../core/fill-text.ts'
import { isSignedByKey, parseJwt } from '../../core/jwt.ts'
import { hostRole } from '../../core/url-template.ts'
import type { Call } from '../../core/value-definition.ts'
import type { Reply, RouteRequest } from '../../net/door.ts'
import type { SimulatedApp } from '../apps.ts'
import { type Company, companiesAt } from '../companies.ts'
import type { RefusalName } from '../fixtures.ts'
import { appKey } from '../keys.ts'
import { takeFailure } from '../knobs.ts'
import type { World } from '../world.ts'
import { activationsOf } from './activations.ts'
import { failedReply, jsonType } from './failed-reply.ts'
import { feedsOf } from './feeds.ts'
import { writeIdentity } from './identity.ts'
import type { Caller, KnownCall } from './known-call.ts'
import { type MatchedCall, matchCall, saidBy } from './match-call.ts'
import { fixedParts, type Place } from './match-url.ts'
import { recordsOf } from './records.ts'
import { resolvesOf } from './resolves.ts'
import { lastPage, makeHold, writeAnswer, writeItems } from './write-answer.ts'

/**
 * The calls of the definition that name an account, prove one, read a record, catch up, or are about hooks; undefined for
 * any other.
 */
export function answerApi(world: World, place: Place, request: RouteRequest): Promise<Reply> | Reply | undefined {
  const known = callsOf(world).flatMap(one => {
    const matched = matchCall(one.call, place, request)
    return matched ? [{ ...one, slots: matched.slots, caller: callerOf(world, matched) }] : []
  })
  const rank = ({ call, caller, isMeant, slots }: (typeof known)[number]): number => {
    const meant = caller && isMeant?.(caller, slots) ? 0.5 : 0
    const proved = caller ? 100 : 0
    return proved + fixedParts(call.url, place.query) + saidBy(call) + meant - slotsOf(call.url).length / 100
  }
  const [best] = known.sort((left, right) => rank(right) - rank(left))
  if (!best) return undefined
  const failure = takeFailure(world.knobs, best.activation ?? 'api')
  return failure ? failedReply(failure) : authorised(world, best, request)
}

/** Whatever else is asked of the API with a token: it is known here, the thing is not. */
export function answerOtherApi(world: World, place: Place, request: RouteRequest): Reply | undefined {
  const { definition } = world
  const base = apiBase(definition)
  const method = apiMethods.find(one => one === request.method)
  if (base === undefined || method === undefined || hostRole(`${base}/`) !== place.role) return undefined
  const call = apiCall(definition, method, `{${place.role}}${place.path}`)
  const matched = matchCall(call, place, request)
  if (!matched?.proved) return undefined
  const failure = takeFailure(world.knobs, 'api')
  if (failure) return failedReply(failure)
  return refusal(world, call, callerOf(world, matched) ? 'not-found' : 'unauthorized')
}

const apiMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function callsOf(world: World): KnownCall[] {
  const { from, prove } = world.definition.identity
  const calls: KnownCall[] = []
  if (typeof from === 'object') calls.push({ call: from, answer: ({ companies }) => identify(world, from, companies) })
  if (prove) calls.push({ call: prove.call, answer: ({ companies }) => proof(world, companies) })
  calls.push(...recordsOf(world))
  // The present cursor may be told by what names accounts.
  calls.unshift(...feedsOf(world))
  // What names accounts may list what hooks can be for as well: it comes first.
  return [...calls, ...activationsOf(world), ...resolvesOf(world)]
}

async function authorised(
  world: World,
  known: KnownCall & { caller: Caller | undefined; slots: Record<string, string> },
  request: RouteRequest,
): Promise<Reply> {
  const { call, caller, slots } = known
  if (!caller) return refusal(world, call, 'unauthorized')
  if (caller.companies.length === 0 && !known.ofApp) return refusal(world, call, 'forbidden')
  const answered = await known.answer(caller, slots, request)
  if (typeof answered === 'string') return refusal(world, call, answered)
  return Buffer.isBuffer(answered) ? { status: 200, headers: jsonType, body: answered } : answered
}

/** The app whose private key made a token of its own. */
function signedBy({ apps }: World, token: string): SimulatedApp | undefined {
  const jwt = parseJwt(token)
  const app = apps.get(String(jwt?.claims.iss))
  const isOwn = app !== undefined && jwt !== undefined && isSignedByKey(jwt, appKey().jwk)
  return isOwn ? app : undefined
}

/** A token opens the companies that consented, and no other; the app's own credentials open all of its. */
function callerOf(world: World, { slots, proved }: MatchedCall): Caller | undefined {
  const { token, ...rest } = slots
  if (!proved) return undefined
  const { appToken, ...named } = rest
  const app = token !== undefined ? undefined : appToken === undefined ? world.appOf(named) : signedBy(world, appToken)
  const own = app && { clientId: app.clientId, companies: world.grants.companiesOf(app.clientId), scope: null }
  const may = token === undefined ? own : world.grants.grantOf(token)
  return may && { ...may, companies: companiesAt(world.definition, may.companies, rest) }
}

function identify(world: World, call: Call, companies: Company[]): Buffer {
  return lastPage(call, writeIdentity(world.definition, world.fixtures.answer('identity'), companies))
}

function proof({ definition, fixtures }: World, companies: Company[]): Buffer {
  const { equals, name } = definition.identity.prove ?? {}
  const { kind = '' } = definition.accounts.find(account => account.kind in definition.identity.accounts) ?? {}
  const text = (company: Company | undefined): string => company?.values[kind] ?? ''
  let body = fixtures.answer('prove')
  if (equals === undefined) return name === undefined ? body : writeAnswer(body, name, companies[0]?.name ?? '')
  if (!equals.includes('[*]')) {
    if (name !== undefined) body = writeAnswer(body, name, companies[0]?.name ?? '')
    return writeAnswer(body, equals, text(companies[0]))
  }
  const items = equals.slice(0, equals.lastIndexOf('[*]') + 3)
  const inside = (path: string): string => (path.startsWith(items) ? `@${path.slice(items.length)}` : path)
  return writeItems(body, items, undefined, companies.length, (bytes, index, pick) => {
    const company = companies[index]
    const named = name === undefined ? bytes : writeAnswer(bytes, inside(name), company?.name ?? '', pick)
    return writeAnswer(named, inside(equals), text(company), pick)
  })
}

const statuses = { unauthorized: 401, forbidden: 403, 'not-found': 404, 'bad-request': 400 }

/** The provider's own refusal, else a plain one; where a call says in a 2xx that it failed, in that way. */
function refusal(world: World, call: Call, name: RefusalName): Reply {
  const known = world.fixtures.refusal(name)
  if (known) return { status: known.status, headers: jsonType, body: known.body }
  const plain = Buffer.from(JSON.stringify({ error: name }))
  const { failedWhen } = call
  if (failedWhen === undefined) return { status: statuses[name], headers: jsonType, body: plain }
  const failed = makeHold(plain, failedWhen)
  const told =
    name === 'unauthorized' && world.definition.api?.refused?.find(({ status }) => [status].flat().includes(200))
  return { status: 200, headers: jsonType, body: told && told.when ? makeHold(failed, told.when) : failed }
}
