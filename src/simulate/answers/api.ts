import { Buffer } from 'node:buffer'
import { answerContext, readValue } from '../../core/value.ts'
import type { Call } from '../../core/value-definition.ts'
import type { Reply, RouteRequest } from '../../net/door.ts'
import { type Company, companiesAt } from '../companies.ts'
import type { RefusalName } from '../fixtures.ts'
import type { World } from '../world.ts'
import { writeIdentity } from './identity.ts'
import { type MatchedCall, matchCall } from './match-call.ts'
import { fixedParts, type Place } from './match-url.ts'
import { putJson } from './put-json.ts'
import { changedSince, readRecord } from './records.ts'
import { makeHold, writeAnswer, writeItems } from './write-answer.ts'

/** An answer that a call gets, for the companies that the caller may see and the slots of the request. */
type Answer = (companies: Company[], slots: Record<string, string>) => Buffer | RefusalName

/** The calls of the definition that name an account, prove one, read a record, and catch up; undefined for any other. */
export function answerApi(world: World, place: Place, request: RouteRequest): Reply | undefined {
  const known = callsOf(world).flatMap(([call, answer]) => {
    const matched = matchCall(call, place, request)
    return matched ? [{ call, answer, matched }] : []
  })
  const rank = ({ call, matched }: (typeof known)[number]): number =>
    fixedParts(call.url, place.query) + (matched.proved ? 100 : 0)
  const [best] = known.sort((left, right) => rank(right) - rank(left))
  return best && authorised(world, best.call, best.matched, best.answer)
}

function callsOf(world: World): [Call, Answer][] {
  const { identity, record, catchUp } = world.definition
  const { from, prove } = identity
  const calls: [Call, Answer][] = []
  if (typeof from === 'object') calls.push([from, companies => identify(world, from, companies)])
  if (prove) calls.push([prove.call, companies => proof(world, companies)])
  if (catchUp) calls.push([catchUp.call, (companies, slots) => changedSince(world, catchUp, companies[0], slots)])
  if (record) calls.push([record.call, (companies, slots) => readRecord(world, record, companies, slots)])
  return calls
}

/** A token opens the companies that consented, and no other; the app's own credentials open all of its. */
function authorised(world: World, call: Call, { slots, proved }: MatchedCall, answer: Answer): Reply {
  const { token, ...rest } = slots
  const may = proved ? mayOpen(world, token, rest) : undefined
  if (!may) return refusal(world, call, 'unauthorized')
  const companies = companiesAt(world.definition, may, rest)
  if (companies.length === 0) return refusal(world, call, 'forbidden')
  const body = answer(companies, slots)
  return Buffer.isBuffer(body) ? { status: 200, headers: jsonType, body } : refusal(world, call, body)
}

function mayOpen(world: World, token: string | undefined, slots: Record<string, string>): Company[] | undefined {
  if (token !== undefined) return world.grants.grantOf(token)?.companies
  const app = world.appOf(slots)
  return app && world.grants.companiesOf(app.clientId)
}

function identify(world: World, call: Call, companies: Company[]): Buffer {
  return lastPage(call, writeIdentity(world.definition, world.fixtures.answer('identity'), companies))
}

/** No page follows. */
function lastPage({ page }: Call, body: Buffer): Buffer {
  const context = page && 'at' in page ? answerContext(body) : undefined
  return page && 'at' in page && context && readValue(context, page.at) ? putJson(body, page.at, '') : body
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

const jsonType = { 'content-type': 'application/json;charset=UTF-8' }

const statuses = { unauthorized: 401, forbidden: 403, 'not-found': 404, 'bad-request': 400 }

/** The provider's own refusal, else a plain one; where a call says in a 2xx that it failed, in that way. */
function refusal(world: World, call: Call, name: RefusalName): Reply {
  const known = world.fixtures.refusal(name)
  if (known) return { status: known.status, headers: jsonType, body: known.body }
  const plain = Buffer.from(JSON.stringify({ error: name }))
  const { failedWhen } = call
  if (failedWhen === undefined) return { status: statuses[name], headers: jsonType, body: plain }
  return { status: 200, headers: jsonType, body: makeHold(plain, failedWhen) }
}
