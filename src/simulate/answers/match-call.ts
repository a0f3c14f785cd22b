import { Buffer } from 'node:buffer'
import type { Call, CallAuth } from '../../core/value-definition.ts'
import type { RouteRequest } from '../../net/door.ts'
import { hasSlot, matchTemplate } from './match-template.ts'
import { matchUrl, type Place } from './match-url.ts'

type Slots = Record<string, string>

/** A request that is a call of the definition: its slots, and whether it proves itself as the call says. */
export interface MatchedCall {
  slots: Slots
  proved: boolean
}

/** Whether a request is a call of the definition, by method, URL, body and the headers that have slots. */
export function matchCall(call: Call, place: Place, request: RouteRequest): MatchedCall | undefined {
  if (call.method !== request.method) return undefined
  const found = [matchUrl(call.url, place), matchBody(call.body, request), matchHeaders(call.headers, request)]
  const proof = matchAuth(call.auth ?? { bearer: '{token}' }, request)
  const slots = together([...found, proof ?? {}])
  return slots && { slots, proved: proof !== undefined }
}

/** All slots; undefined where one part did not match or two do not agree. */
function together(parts: (Slots | undefined)[]): Slots | undefined {
  const all: Slots = {}
  for (const part of parts) {
    if (!part) return undefined
    for (const [name, value] of Object.entries(part)) {
      if ((all[name] ?? value) !== value) return undefined
      all[name] = value
    }
  }
  return all
}

function matchHeaders(wanted: Call['headers'], { headers }: RouteRequest): Slots | undefined {
  const asked = Object.entries(wanted ?? {}).filter(([, template]) => hasSlot(template))
  return together(asked.map(([name, template]) => matchTemplate(template, headers[name.toLowerCase()] ?? '')))
}

function matchAuth(auth: CallAuth, { headers }: RouteRequest): Slots | undefined {
  if (auth === 'none') return {}
  if ('header' in auth) return matchTemplate(auth.value, headers[auth.header.toLowerCase()] ?? '')
  const [, scheme = '', credentials = ''] = /^(\S+) (.*)$/.exec(headers.authorization ?? '') ?? []
  if ('jwt' in auth) return scheme.toLowerCase() === 'bearer' ? { appToken: credentials } : undefined
  if ('bearer' in auth) {
    return scheme.toLowerCase() === 'bearer' ? matchTemplate(auth.bearer, credentials) : undefined
  }
  if (scheme.toLowerCase() !== 'basic') return undefined
  return matchTemplate(auth.basic.join(':'), Buffer.from(credentials, 'base64').toString())
}

function matchBody(body: Call['body'], request: RouteRequest): Slots | undefined {
  if (!body) return {}
  if ('json' in body) {
    try {
      return matchJson(body.json, JSON.parse(request.body.toString()))
    } catch {
      return undefined
    }
  }
  const { form } = request
  return together(
    Object.entries(body.form).map(([name, text]) => {
      const given = form.get(name)
      return given === null ? undefined : matchTemplate(text, given)
    }),
  )
}

function matchJson(wanted: unknown, given: unknown): Slots | undefined {
  if (typeof wanted === 'string') return typeof given === 'string' ? matchTemplate(wanted, given) : undefined
  if (typeof wanted !== 'object' || wanted === null) return wanted === given ? {} : undefined
  if ('$number' in wanted) {
    return typeof given === 'number' ? matchTemplate(String(wanted.$number), String(given)) : undefined
  }
  if (typeof given !== 'object' || given === null) return undefined
  const there = given as Record<string, unknown>
  return together(Object.entries(wanted).map(([key, value]) => matchJson(value, there[key])))
}

/** How many fields of a request a call tells apart: of two at one address, the one that says more is meant. */
export function saidBy({ body }: Call): number {
  if (!body) return 0
  return 'json' in body ? leavesOf(body.json) : Object.keys(body.form).length
}

function leavesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, one) => sum + leavesOf(one), 0)
}
