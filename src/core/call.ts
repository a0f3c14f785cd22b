import { Buffer } from 'node:buffer'
import type { Hosts } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import type { Slots } from './fill-text.ts'
import { holds } from './holds.ts'
import { appToken } from './jwt.ts'
import { splitItems } from './split.ts'
import { clip, safeText } from './text.ts'
import { fillUrl, mustFillText } from './url-template.ts'
import { answerContext, type ItemContext, readValue } from './value.ts'
import type { Call, CallAuth, Page } from './value-definition.ts'

/** A call with everything filled in, for whoever makes it (`net/call.ts`). */
export interface ComposedCall {
  method: Call['method']
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
  body?: string
}

/** What came back, as far as paging needs it. Header names are lower case. */
export interface CallReply {
  headers: Record<string, string>
  body: Buffer
}

/**
 * Fills a call in. Slots, where they are known: `token`, `clientId`, `secret.<name>`, `account` (of the first kind),
 * `account.<kind>`, `setting.<name>`, `callback.<parameter>`, `access.<claim>` (of an access token that is a JWT), the
 * names that were asked for or learned, `resourceType`, `resourceId`, `callback`, `uuid`, and those of hooks and feeds.
 * Without `auth` the call carries `Authorization: Bearer` and the token.
 * @throws WhsError `bad-template` (a slot has no value, or one that a header cannot carry), `bad-label`, `bad-private-key`
 */
export function composeCall(call: Call, { hosts, slots }: { hosts: Hosts; slots: Slots }): ComposedCall {
  const { auth = { bearer: '{token}' } } = call
  const headers: Record<string, string> = { accept: 'application/json' }
  let body: string | undefined
  if (call.body && 'json' in call.body) {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(filled(call.body.json, slots))
  } else if (call.body) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    const fields = Object.entries(call.body.form).map(([name, value]): [string, string] => [
      name,
      mustFillText(value, slots),
    ])
    body = new URLSearchParams(fields).toString()
  }
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    headers[name.toLowerCase()] = headerText(name, mustFillText(value, slots))
  }
  if (auth !== 'none') {
    const [name, value] = authHeader(auth, slots)
    headers[name.toLowerCase()] = headerText(name, value)
  }
  const url = fillUrl(call.url, hosts, slots)
  return { method: call.method, url, headers, ...(body === undefined ? {} : { body }) }
}

/** Every text of a JSON value filled in; keys, numbers and the rest stay. `{ "$number": "{slot}" }` is a number. */
function filled(value: unknown, slots: Slots): unknown {
  if (typeof value === 'string') return mustFillText(value, slots)
  if (Array.isArray(value)) return value.map(one => filled(one, slots))
  if (typeof value !== 'object' || value === null) return value
  if ('$number' in value) return numberOf(mustFillText(String(value.$number), slots))
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, slots)]))
}

function numberOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new WhsError({
    code: 'bad-template',
    exit: exits.fault,
    what: 'the body of a call cannot be filled in',
    why: `"${clip(safeText(text), 40)}" is no number`,
  })
}

function authHeader(auth: Exclude<CallAuth, 'none'>, slots: Slots): [string, string] {
  if ('bearer' in auth) return ['authorization', `Bearer ${mustFillText(auth.bearer, slots)}`]
  if ('header' in auth) return [auth.header, mustFillText(auth.value, slots)]
  if ('jwt' in auth) return ['authorization', `Bearer ${ownToken(auth, slots)}`]
  const [user, password] = auth.basic.map(part => mustFillText(part, slots))
  return ['authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`]
}

function ownToken({ jwt, issuer }: Extract<CallAuth, { jwt: unknown }>, slots: Slots): string {
  const token = appToken(mustFillText(jwt, slots), mustFillText(issuer, slots), Number(mustFillText('{now}', slots)))
  if (token !== undefined) return token
  throw new WhsError({
    code: 'bad-private-key',
    exit: exits.usage,
    what: `${jwt} signs nothing`,
    why: 'it is no private RSA key in PEM form',
  })
}

function headerText(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  throw new WhsError({
    code: 'bad-template',
    exit: exits.fault,
    what: `the header ${name} cannot be filled in`,
    why: 'its value holds characters that no header carries',
  })
}

/**
 * The call for the page after `reply`, or null where that was the last. A URL that the answer gives is followed on the
 * origin of the call alone, since the token goes along.
 * @throws WhsError `bad-page` (exit 10) where the next page is elsewhere
 */
export function nextPage(call: Call, composed: ComposedCall, { headers, body }: CallReply): ComposedCall | null {
  const { page } = call
  if (!page) return null
  if (page.by === 'link') return pageAt(composed, nextLink(headers.link ?? ''))
  const context = answerContext(body)
  if (page.by === 'number')
    return numberedPage(composed, page.parameter, context && readValue(context, page.pages)?.text)
  if (!context) return null
  const text = page.by === 'item' ? lastItem(context, page) : readValue(context, page.at)?.text
  if (!text) return null
  if (page.by === 'url') return pageAt(composed, text)
  if (page.by === 'body') return withField(composed, page.field, text)
  if (page.more !== undefined && !holds(context, page.more)) return null
  const url = new URL(composed.url)
  url.searchParams.set(page.parameter, text)
  return pageAt(composed, url.href)
}

function lastItem(context: ItemContext, { items, at }: Extract<Page, { by: 'item' }>): string | undefined {
  const item = splitItems(context.doc, [items])?.findLast(one => one.whole)
  return item && readValue({ ...context, item }, at)?.text
}

/** The same call with a field of its JSON body set; null where it is that already. */
function withField(composed: ComposedCall, field: string, text: string): ComposedCall | null {
  const body = JSON.parse(composed.body ?? '{}') as Record<string, unknown>
  return body[field] === text ? null : { ...composed, body: JSON.stringify({ ...body, [field]: text }) }
}

function numberedPage(composed: ComposedCall, parameter: string, pages: string | undefined): ComposedCall | null {
  const url = new URL(composed.url)
  const next = Number(url.searchParams.get(parameter) ?? '1') + 1
  if (!(next <= Number(pages))) return null
  url.searchParams.set(parameter, String(next))
  return pageAt(composed, url.href)
}

/** The target of `rel="next"` in a `Link` header (RFC 8288). */
function nextLink(header: string): string | undefined {
  for (const [, target, parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const [, quoted, plain] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters) ?? []
    const relations = (quoted ?? plain ?? '').toLowerCase().split(/\s+/)
    if (relations.includes('next')) return target
  }
  return undefined
}

function pageAt(composed: ComposedCall, target: string | undefined): ComposedCall | null {
  if (target === undefined) return null
  const here = new URL(composed.url)
  const there = URL.canParse(target, here.href) ? new URL(target, here) : undefined
  if (there?.href === here.href) return null
  if (there && there.origin === here.origin && !there.username && !there.password)
    return { ...composed, url: there.href }
  throw new WhsError({
    code: 'bad-page',
    exit: exits.api,
    what: `${here.origin} gave a next page that is not followed`,
    why: 'it lies on another host, and the token goes to that of the definition alone',
  })
}
