import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { header, type RawHeaders } from '../core/headers.ts'
import { parseJwt } from '../core/jwt.ts'
import { cutPart } from '../core/part.ts'
import { isLoopback } from '../core/rule.ts'
import { writeItems } from '../core/sample.ts'
import { coversBody, coversUrl, signMessage, withBodyHash } from '../core/sign.ts'
import { perItemScheme } from '../core/verify-token.ts'
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
  /** Its body is another one than arrived: a person changed it. `part` where it was a part of its delivery before. */
  changed?: 'whole' | 'part'
}

/** Whether a part leaves out items of its delivery. */
function isCut(work: ForwardWork): boolean {
  return startsOf(work).length < work.items
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
export function buildForward(arrived: ForwardWork, options: ForwardOptions): ForwardRequest {
  const whole = isCut(arrived) ? cutBody(arrived, options) : arrived.body
  const isPart = whole !== arrived.body || options.changed === 'part'
  const isNew = isPart || options.changed !== undefined
  const work = isNew ? withHash(arrived, options, whole) : arrived
  const url = targetUrl(work.target, work.suffix)
  const signed = isNew || options.replay === 'signed' ? signAnew(work, options, url, { body: whole, isNew }) : null
  const body = signed?.body ?? whole
  const passed = passHeaders(signed?.headers ?? headersOf(work), {
    host: url.host,
    bytes: body.length,
    isCut: isNew,
  })
  const headers = [...passed, ...whsHeaders(work, options, isPart)]
  if (!isLoopback(url.hostname)) {
    const id = ownMessageId(work.deliveryId, work.tenant, eventIds(work))
    headers.push(...ownHeaders({ id, atMs: options.now, body, secret: options.ownSecret }, headers))
  }
  return { url: url.href, method: work.method, headers, body }
}

/** The work with the hash of another body in its URLs, where the scheme wants it there. */
function withHash(work: ForwardWork, options: ForwardOptions, body: Buffer): ForwardWork {
  const scheme = schemeOf(options, work)
  if (!scheme) return work
  const message = { headers: headersOf(work), body }
  const suffix = withBodyHash(scheme, work.suffix, message)
  return { ...work, suffix, url: work.url && withBodyHash(scheme, work.url, message) }
}

function headersOf({ headers }: ForwardWork): RawHeaders {
  return JSON.parse(headers) as RawHeaders
}

function cutBody(work: ForwardWork, { definition }: ForwardOptions): Buffer {
  try {
    return cutPart(definition, work.body, startsOf(work)) ?? work.body
  } catch (error) {
    throw cannotCut(work, (error as Error).message)
  }
}

/**
 * Headers and body with a new signature; null where the original ones hold for this body too: none may be made anew, or
 * what proved the delivery (a token, Basic credentials) says nothing of the body. A person's replay gets the token that
 * is valid now. `isNew` says that the body is not the one that arrived.
 */
function signAnew(
  work: ForwardWork,
  options: ForwardOptions,
  target: URL,
  { body, isNew }: { body: Buffer; isNew: boolean },
): { headers: RawHeaders; body: Buffer } | null {
  const scheme = schemeOf(options, work)
  const isJwt = scheme?.scheme === 'jwt' && 'secret' in scheme.key
  const isToken = options.replay === 'signed' && (scheme?.scheme === 'token' || scheme?.scheme === 'basic')
  if (!scheme || !(coversBody(scheme) || isJwt || isToken)) return null
  const why =
    whyNotSigned(work, options, target) ?? (scheme.scheme === 'ed25519' ? 'its private key is the provider’s' : null)
  const headers = headersOf(work)
  const key = signingKey(work, options, scheme)
  if (why === null && key !== undefined) {
    const perItem = perItemScheme(scheme)
    if (perItem) return isNew ? writeItems(options.definition, { headers, body }, () => [[perItem.at, key]]) : null
    const message = { method: work.method, url: work.url ?? '', headers, body }
    return signMessage(scheme, message, key, { now: options.now, claims: isJwt ? claimsOf(scheme, headers) : {} })
  }
  if (!isNew || !(coversBody(scheme) || options.changed)) return null
  const reason = why ?? `the secret of ${work.app} that signed it is not stored`
  throw options.changed ? cannotSign(work, reason) : cannotCut(work, reason)
}

/** The secret that verified, where it is still there; else the newest that stands in its place. */
function signingKey(work: ForwardWork, { keys }: ForwardOptions, scheme: Scheme): string | undefined {
  if (!('key' in scheme && 'secret' in scheme.key)) return undefined
  const { secret, of = 'app' } = scheme.key
  const named = keys.filter(key => key.name === secret)
  const ofHook = named.find(key => key.activation !== null && key.activation.id === work.activation)
  const ofApp = named.find(key => key.activation === null)
  const newest = of === 'app' ? ofApp : of === 'activation' ? ofHook : (ofHook ?? ofApp)
  return (named.find(key => key.fingerprint === work.secretFingerprint) ?? newest)?.value
}

const ofTime = new Set(['iat', 'exp', 'nbf'])

/** What a token says besides its times. */
function claimsOf(scheme: Extract<Scheme, { scheme: 'jwt' }>, headers: RawHeaders): Record<string, string> {
  const token = parseJwt((header(headers, scheme.header) ?? '').slice(scheme.prefix.length).trim())
  const kept = Object.entries(token?.claims ?? {}).filter(([name]) => !ofTime.has(name))
  return Object.fromEntries(kept) as Record<string, string>
}

/**
 * What verified may be signed anew, and what a person imported: he knows what it is, it goes nowhere but by his replay,
 * and is marked.
 */
export function maySign({ verified, source }: Pick<ForwardWork, 'verified' | 'source'>): boolean {
  return verified !== 'none' || source === 'import'
}

/** Where the events of a part begin in their delivery, in order; several may share an item. */
export function startsOf({ events }: Pick<ForwardWork, 'events'>): number[] {
  return [...new Set(events.map(event => event.start))].sort((left, right) => left - right)
}

function whyNotSigned(work: ForwardWork, options: ForwardOptions, url: URL): string | null {
  if (options.replay === 'original') return 'its original signature is over the whole delivery'
  if (!maySign(work)) return 'it never verified, so whs does not sign it'
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

function cannotSign(work: ForwardWork, why: string): WhsError {
  return new WhsError({
    code: 'cannot-sign',
    exit: exits.usage,
    what: `${work.deliveryId} cannot be signed with what is changed in it`,
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
