import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { cutPart } from '../core/part.ts'
import { isLoopback } from '../core/rule.ts'
import { type Signable, signHeaders } from '../core/sign.ts'
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

export interface ForwardOptions {
  definition: ProviderDefinition
  /** The app's secrets that sign deliveries, newest first; looked at only where `needsSecrets` says so. */
  secrets: { value: string; fingerprint: string }[]
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

/**
 * The request that brings a part of a delivery to its target (DESIGN §7). A part that holds every item is the original
 * bytes; else the other items are cut out and the rest is signed with the secret that verified (where that is gone: the
 * newest). Pure.
 * @throws WhsError `cannot-cut` where a cut part may not or cannot be signed, `path-escapes`; then nothing can be sent.
 */
export function buildForward(work: ForwardWork, options: ForwardOptions): ForwardRequest {
  const url = targetUrl(work.target, work.suffix)
  const body = isCut(work) ? cutBody(work, options) : work.body
  const to = { host: url.host, bytes: body.length, isCut: body !== work.body }
  const passed = passHeaders(JSON.parse(work.headers) as RawHeaders, to)
  const signed =
    to.isCut || options.replay === 'signed' ? signAnew(work, options, url, { headers: passed, body }) : passed
  const headers = [...signed, ...whsHeaders(work, options, to.isCut)]
  if (!isLoopback(url.hostname)) {
    const id = ownMessageId(work.deliveryId, work.tenant, eventIds(work))
    headers.push(...ownHeaders({ id, atMs: options.now, body, secret: options.ownSecret }, headers))
  }
  return { url: url.href, method: work.method, headers, body }
}

function cutBody(work: ForwardWork, { definition }: ForwardOptions): Buffer {
  try {
    return cutPart(definition, work.body, [...new Set(work.events.map(event => event.start))]) ?? work.body
  } catch (error) {
    throw cannotCut(work, (error as Error).message)
  }
}

/** The headers with a new signature; of a whole delivery the old one stays where none may be made. */
function signAnew(work: ForwardWork, options: ForwardOptions, url: URL, message: Signable): RawHeaders {
  const why = whyNotSigned(work, options, url)
  const verified = options.secrets.find(secret => secret.fingerprint === work.secretFingerprint)
  const secret = verified ?? options.secrets[0]
  if (why === null && secret) return signHeaders(options.definition.webhook.verify, message, secret.value)
  if (message.body === work.body) return message.headers
  throw cannotCut(work, why ?? `no ${options.definition.webhook.verify.secret} secret of ${work.app} is stored`)
}

function whyNotSigned(work: ForwardWork, options: ForwardOptions, url: URL): string | null {
  if (options.replay === 'original') return 'its original signature is over the whole delivery'
  if (work.verified !== 'signature') return 'it never verified, so whs does not sign it'
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
    ['Whs-Unverified', work.verified === 'none' ? 'true' : null],
    ['Whs-Source', work.source === 'delivery' ? null : work.source],
  ]
  return headers.flatMap(([name, value]) => (value === null ? [] : [name, value]))
}

/** Several are joined by commas, and header values are ASCII: anything else in one is percent-encoded. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]+|[,%]/g, piece => encodeURIComponent(piece))
}
