import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { header, type RawHeaders } from '../core/headers.ts'
import { parseJwt } from '../core/jwt.ts'
import { cutPart } from '../core/part.ts'
import { isLoopback } from '../core/rule.ts'
import { coversBody, coversUrl, signMessage, withBodyHash } from '../core/sign.ts'
import type { Scheme } from '../core/webhook-definition.ts'
import type { ForwardWork } from '../store/forward-ops.ts'
import { ownHeaders, ownMessageId } from './own-signature.ts'
import { passHeaders } from './pass-headers.ts'
import { targetUrl } from './target-url.ts'

/** A request to a handler, whole: `Host` and `Content-Length` are among the headers. */
export interface ForwardRequest {
  url: string
  method: string
  headers: RawHeaders
  body: Buffer
}

/** A secret that may sign a delivery anew; `activation` is whose it is, null for the app's own. */
export interface SigningKey {
  name: string
  value: string
  fingerprint: string
  activation: { id: number } | null
}

export interface ForwardOptions {
  definition: ProviderDefinition
  /** The app's keys, its own and its activations', newest first; looked at only where `needsSecrets` says so. */
  keys: SigningKey[]
  /** 1 for the first try. */
  attempt: number
  /** Wall clock in milliseconds. */
  now: number
  /** Whether targets that are not on this machine may get what is signed anew. */
  allowRemote: boolean
  /** `whsec_…`: signs what leaves this machine. */
  ownSecret: string
  /** A person's replay: signed anew where that is allowed, or with the headers as they arrived. */
  replay?: 'signed' | 'original'
}

/** Whether a part leaves out items of its delivery. */
function isCut(work: ForwardWork): boolean {
  return new Set(work.events.map(event => event.start)).size < work.items
}

/** Whether `buildForward` may have to sign with the provider's scheme. */
export function needsSecrets(work: ForwardWork, replay?: 'signed' | 'original'): boolean {
  return isCut(work) || replay === 'signed'
}

/** The scheme that verified the delivery. */
function schemeOf({ definition }: ForwardOptions, work: ForwardWork): Scheme | undefined {
  return definition.webhook.verify[work.scheme ?? 0]
}

/**
 * The request that brings a part of a delivery to its target (DESIGN §7). A part that holds every item is the original
 * bytes; else the other items are cut out and the rest is signed with the secret that verified (where that is gone: the
 * newest). Pure.
 * @throws WhsError `cannot-cut` where a cut part may not or cannot be signed, `path-escapes`; then nothing can be sent.
 */
export function buildForward(work: ForwardWork, options: ForwardOptions): ForwardRequest {
  const whole = isCut(work) ? cutBody(work, options) : work.body
  const isPart = whole !== work.body
  const scheme = schemeOf(options, work)
  const suffix =
    isPart && scheme ? withBodyHash(scheme, work.suffix, { headers: headersOf(work), body: whole }) : work.suffix
  const url = targetUrl(work.target, suffix)
  const signed = isPart || options.replay === 'signed' ? signAnew(work, options, url, whole) : null
  const body = signed?.body ?? whole
  const passed = passHeaders(signed?.headers ?? headersOf(work), {
    host: url.host,
    bytes: body.length,
    isCut: isPart,
  })
  const headers = [...passed, ...whsHeaders(work, options, isPart)]
  if (!isLoopback(url.hostname)) {
    const id = ownMessageId(work.deliveryId, work.tenant, eventIds(work))
    headers.push(...ownHeaders({ id, atMs: options.now, body, secret: options.ownSecret }, headers))
  }
  return { url: url.href, method: work.method, headers, body }
}

function headersOf({ headers }: ForwardWork): RawHeaders {
  return JSON.parse(headers) as RawHeaders
}

function cutBody(work: ForwardWork, { definition }: ForwardOptions): Buffer {
  try {
    return cutPart(definition, work.body, [...new Set(work.events.map(event => event.start))]) ?? work.body
  } catch (error) {
    throw cannotCut(work, (error as Error).message)
  }
}

/**
 * Headers and body with a new signature; null where the original ones hold for this body too: none may be made anew, or
 * what proved the delivery (a token, Basic credentials) says nothing of the body.
 */
function signAnew(
  work: ForwardWork,
  options: ForwardOptions,
  target: URL,
  body: Buffer,
): { headers: RawHeaders; body: Buffer } | null {
  const scheme = schemeOf(options, work)
  const isPart = body !== work.body
  const isJwt = scheme?.scheme === 'jwt' && 'secret' in scheme.key
  if (!scheme || !(coversBody(scheme) || isJwt)) return null
  const why =
    whyNotSigned(work, options, target) ?? (scheme.scheme === 'ed25519' ? 'its private key is the provider’s' : null)
  const headers = headersOf(work)
  const key = signingKey(work, options, scheme)
  if (why === null && key !== undefined) {
    const url = withBodyHash(scheme, work.url ?? '', { headers, body })
    const message = { method: work.method, url, headers, body }
    return signMessage(scheme, message, key, { now: options.now, claims: isJwt ? claimsOf(scheme, headers) : {} })
  }
  if (!isPart || !coversBody(scheme)) return null
  throw cannotCut(work, why ?? `the secret of ${work.app} that signed it is not stored`)
}

/** The secret that verified, where it is still there; else the newest that stands in its place. */
function signingKey(work: ForwardWork, { keys }: ForwardOptions, scheme: Scheme): string | undefined {
  const name = 'key' in scheme && 'secret' in scheme.key ? scheme.key.secret : undefined
  const owner = work.activation
  const fitting = keys.filter(key => key.name === name && (key.activation?.id ?? null) === owner)
  return (keys.find(key => key.name === name && key.fingerprint === work.secretFingerprint) ?? fitting[0])?.value
}

const ofTime = new Set(['iat', 'exp', 'nbf'])

/** What a token says besides its times. */
function claimsOf(scheme: Extract<Scheme, { scheme: 'jwt' }>, headers: RawHeaders): Record<string, string> {
  const token = parseJwt((header(headers, scheme.header) ?? '').slice(scheme.prefix.length).trim())
  const kept = Object.entries(token?.claims ?? {}).filter(([name]) => !ofTime.has(name))
  return Object.fromEntries(kept) as Record<string, string>
}

function whyNotSigned(work: ForwardWork, options: ForwardOptions, url: URL): string | null {
  if (options.replay === 'original') return 'its original signature is over the whole delivery'
  if (work.verified === 'none') return 'it never verified, so whs does not sign it'
  if (isLoopback(url.hostname) || options.allowRemote) return null
  return `${url.host} is not on this machine, and what leaves it is signed only with --allow-remote`
}

function cannotCut(work: ForwardWork, why: string): WhsError {
  return new WhsError({
    code: 'cannot-cut',
    exit: exits.usage,
    what: `the part of ${work.deliveryId} for ${work.tenant ?? 'nobody'} cannot be sent alone`,
    why,
    next: `whs events show ${work.deliveryId}`,
  })
}

function eventIds(work: ForwardWork): string[] {
  return work.events.map(event => event.id)
}

const idsShown = 20

/** What whs adds, in one order. `isCut` says that the body is not the whole delivery. */
export function whsHeaders(work: ForwardWork, options: ForwardOptions, isCut: boolean): RawHeaders {
  const accounts = [...new Set(work.events.flatMap(event => event.account ?? []))].map(headerText)
  const headers: [string, string | null][] = [
    ['Whs-Tenant', work.tenant],
    ['Whs-Provider', work.provider],
    ['Whs-App', work.app],
    ['Whs-Account', accounts.join(',') || null],
    ['Whs-Delivery-Id', work.deliveryId],
    ['Whs-Event-Ids', eventIds(work).slice(0, idsShown).join(',')],
    ['Whs-Event-Count', String(work.events.length)],
    ['Whs-Attempt', String(options.attempt)],
    ['Whs-Part', isCut ? `${work.events[0]?.part ?? 1}/${work.parts}` : null],
    ['Whs-Replay', options.replay ? 'true' : null],
    ['Whs-Url', urlSigned(work, options)],
    ['Whs-Unverified', work.verified === 'none' ? 'true' : null],
    ['Whs-Source', work.source === 'delivery' ? null : work.source],
  ]
  return headers.flatMap(([name, value]) => (value === null ? [] : [name, value]))
}

/** The URL that the signature is about, which the handler cannot know by itself. */
function urlSigned(work: ForwardWork, options: ForwardOptions): string | null {
  const scheme = schemeOf(options, work)
  return scheme && coversUrl(scheme) ? work.url : null
}

/** Several are joined by commas, and header values are ASCII: anything else in one is percent-encoded. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]+|[,%]/g, piece => encodeURIComponent(piece))
}
