import { Buffer } from 'node:buffer'
import { apiBase, apiCall } from '../core/api-call.ts'
import { exits, WhsError } from '../core/errors.ts'
import { type Slots, slotsOf } from '../core/fill-text.ts'
import { safeText } from '../core/text.ts'
import { fillUrl } from '../core/url-template.ts'
import type { Call } from '../core/value-definition.ts'
import type { CallRequest } from '../net/call.ts'
import { type ApiPage, callPages } from './api-call.ts'
import { type CallDeps, type CallPlace, callPlaceOf, secretSlotsOf } from './call-place.ts'
import { tenantAsk } from './tenant-ask.ts'

/** A request to a provider's API, as a person types it. */
export interface ApiRequest {
  method: Call['method']
  /** A path behind the API's base, or a whole URL at a host of the definition. `{account}` and the like are filled in. */
  target: string
  body: Buffer | null
  /** Null: JSON, or a form where the definition says so. */
  type: string | null
  /** Follows further pages, as the definition says or the `Link` header does. */
  all: boolean
}

const timeoutMs = 60_000
/** More is no answer of an API, but a download that has its own tools. */
export const maxAnswerBytes = 268_435_456
const mostPages = 1_000

/**
 * Makes a request of a person's own as one connection: base URL, account and the definition's headers filled in, with a
 * token that is fresh. The token goes to the definition's hosts alone.
 * @throws WhsError `foreign-host`, `no-api`, `unknown-slot`, `not-json`, `bad-target` (exit 2), those of `tenantCall`
 */
export async function* apiRequest(
  deps: CallDeps,
  connection: string,
  request: ApiRequest,
  account: Slots = {},
): AsyncGenerator<ApiPage> {
  const place = await callPlaceOf(deps, connection)
  const own = { ...place.slots, ...account }
  const call = apiCall(place.definition, request.method, urlTemplate({ ...place, slots: own }, request.target))
  const { page: _page, ...single } = call
  const wanted = request.all ? call : single
  const filled = { ...own, ...(await secretSlotsOf(deps, place, call)) }
  refuseElsewhere(place, fillUrl(wanted.url, place.hosts, filled), filled)
  const ask = tenantAsk(deps, place, wanted, { dress: dresser(place, request) })
  yield* callPages(deps, wanted, { hosts: place.hosts, slots: filled }, ask, mostPages)
}

/** What a person may have filled in: accounts, what was asked or learned, settings; never a token or a secret. */
function openSlots(slots: Slots): string[] {
  return Object.keys(slots).filter(name => !/^(token|refreshToken|secret\..*|access\..*)$/.test(name))
}

/** The URL as a template that begins with a host role. */
function urlTemplate(place: CallPlace, target: string): string {
  const known = openSlots(place.slots)
  const unknown = slotsOf(target).find(name => !known.includes(name))
  if (unknown !== undefined) {
    const why = `there are {${known.sort().join('}, {')}}`
    const next = `whs tenants show ${place.connection.tenant}`
    throw wrong('unknown-slot', `nothing is known for {${safeText(unknown)}}`, why, next)
  }
  if (/^https?:\/\//i.test(target)) return atRole(place, target)
  const base = apiBase(place.definition)
  if (base === undefined) {
    const why = `the definition of ${place.definition.name} does not say where its API is (api.base)`
    throw wrong('no-api', 'a path is not enough here', why, 'give the whole URL, at a host of the definition')
  }
  if (target.startsWith('/')) return base + target
  throw wrong('bad-target', `${safeText(target)} is no path and no URL`, 'a path begins with /', `/${safeText(target)}`)
}

/** A whole URL behind the host role at which it lies. */
function atRole(place: CallPlace, target: string): string {
  const found = rolesOf(place, place.slots).find(([, base]) => target === base || target.startsWith(`${base}/`))
  if (!found) throw foreign(place, target, place.slots)
  const [role, base] = found
  return `{${role}}${target.slice(base.length) || '/'}`
}

/** The definition's hosts with what is known filled in; one for which something is not known is left out. */
function rolesOf({ hosts }: CallPlace, slots: Slots): [role: string, base: string][] {
  return Object.keys(hosts).flatMap(role => {
    try {
      return [[role, fillUrl(`{${role}}/`, hosts, slots).replace(/\/$/, '')] as [string, string]]
    } catch {
      return []
    }
  })
}

/** After `..` and the like are worked out, as whoever makes the request does. */
function refuseElsewhere(place: CallPlace, url: string, slots: Slots): void {
  const { href, username, password } = new URL(url)
  const isHere = rolesOf(place, slots).some(([, base]) => href.startsWith(`${base}/`))
  if (!isHere || username || password) throw foreign(place, url, slots)
}

function foreign(place: CallPlace, url: string, slots: Slots): WhsError {
  const hosts = [...new Set(rolesOf(place, slots).map(([, base]) => base))]
  const where = URL.canParse(url) ? new URL(url).origin : safeText(url)
  const why = `the token goes to the definition's hosts alone: ${hosts.join(', ')}`
  return wrong('foreign-host', `no call is made to ${where}`, why, `whs providers show ${place.definition.id}`)
}

/** Puts the body on, byte for byte, and takes an answer of any kind and size. */
function dresser(place: CallPlace, { body, type }: ApiRequest): (request: CallRequest) => CallRequest {
  const sent = body === null ? null : typed(place, body, type)
  return request => {
    const accept =
      request.headers?.accept === 'application/json' ? 'application/json, */*;q=0.8' : request.headers?.accept
    const headers = { ...request.headers, ...(accept ? { accept } : {}) }
    const whole = { ...request, timeoutMs, maxBytes: maxAnswerBytes }
    if (sent === null) return { ...whole, headers }
    return { ...whole, headers: { ...headers, 'content-type': sent.type }, body: sent.body }
  }
}

function typed({ definition }: CallPlace, body: Buffer, type: string | null): { body: Buffer; type: string } {
  if (type !== null) return { body, type }
  const value = jsonOf(body)
  if (definition.api?.body !== 'form') return { body, type: 'application/json' }
  const isFlat = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isFlat || Object.values(value).some(one => typeof one === 'object')) {
    const why = `${definition.company} takes forms, so that it must be an object of texts and numbers`
    throw wrong('not-json', 'the body cannot be sent', why, formHint)
  }
  const fields = Object.entries(value).map(([name, one]): [string, string] => [name, String(one)])
  return { body: Buffer.from(new URLSearchParams(fields).toString()), type: 'application/x-www-form-urlencoded' }
}

const formHint = 'write it as the form that it is, with --type application/x-www-form-urlencoded'

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch (error) {
    const next = 'correct it, or say what it is: --type application/x-www-form-urlencoded'
    throw wrong('not-json', 'the body is no JSON', (error as Error).message, next)
  }
}

function wrong(code: string, what: string, why: string, next: string): WhsError {
  return new WhsError({ code, exit: exits.usage, what, why: safeText(why), next })
}
