import { Buffer } from 'node:buffer'
import { createHash, createHmac, createPublicKey, type KeyObject, sign as signWith } from 'node:crypto'
import { isFormType } from './decode.ts'
import { header, type RawHeaders, setHeader } from './headers.ts'
import { type SigningOptions, signJwt } from './jwt.ts'
import { writeSignature } from './signature-header.ts'
import { writeTime } from './signed-time.ts'
import type { Value } from './value-definition.ts'
import type { Ed25519Scheme, HashScheme, HmacScheme, Key, Scheme, SignedPart } from './webhook-definition.ts'

/** A delivery as a provider sends it. `url` is the callback URL as the provider calls it, with path and query. */
export interface Signable {
  method: string
  url: string
  headers: RawHeaders
  body: Buffer
}

/** A scheme that composes parts and signs them. */
export type SigningScheme = HmacScheme | HashScheme | Ed25519Scheme

/** One composed part of what a scheme signs, for `explain`. `bytes` is empty for the secret itself. */
export interface ComposedPart {
  name: string
  bytes: Buffer
}

/** Whether a scheme signs composed parts. */
export function isSigning(scheme: Scheme): scheme is SigningScheme {
  return scheme.scheme === 'hmac' || scheme.scheme === 'hash' || scheme.scheme === 'ed25519'
}

/** Whether a scheme signs the body, so that another body needs another signature. */
export function coversBody(scheme: Scheme): scheme is SigningScheme {
  return isSigning(scheme) && scheme.signs.some(part => part === 'body' || part === 'sorted-form')
}

/** Whether a scheme signs the URL. */
export function coversUrl(scheme: Scheme): boolean {
  return isSigning(scheme) && scheme.signs.includes('url')
}

/**
 * What a scheme signs, in order. This is the only place where it is composed: verify, sign and simulator all use it.
 * `time` is the signed time as it is written.
 */
export function composeSigned(scheme: SigningScheme, message: Signable, time: string | null): ComposedPart[] {
  return scheme.signs.map(part => ({ name: partName(part), bytes: partBytes(part, message, time) }))
}

function partName(part: SignedPart): string {
  if (typeof part === 'string') return part === 'sorted-form' ? 'form fields, sorted' : part
  return 'text' in part ? `"${part.text}"` : `header ${part.header}`
}

function partBytes(part: SignedPart, message: Signable, time: string | null): Buffer {
  if (part === 'body') return message.body
  if (part === 'secret') return Buffer.alloc(0)
  if (part === 'sorted-form') return Buffer.from(sortedForm(message))
  if (part === 'method') return Buffer.from(message.method)
  if (part === 'url') return Buffer.from(message.url)
  if (part === 'time') return Buffer.from(time ?? '')
  return Buffer.from('text' in part ? part.text : (header(message.headers, part.header) ?? ''))
}

/** Every field as name and value, sorted by name; values of one name once each and sorted, each behind its name. */
function sortedForm({ headers, body }: Signable): string {
  if (!isFormType(header(headers, 'content-type'))) return ''
  const fields = new Map<string, Set<string>>()
  for (const [name, value] of new URLSearchParams(body.toString())) {
    const values = fields.get(name)
    if (values) values.add(value)
    else fields.set(name, new Set([value]))
  }
  return [...fields.keys()]
    .sort()
    .map(name =>
      [...(fields.get(name) as Set<string>)]
        .sort()
        .map(value => name + value)
        .join(''),
    )
    .join('')
}

/** The bytes of a secret as a scheme's key. */
export function keyBytes({ as = 'text' }: Key, secret: string): Buffer {
  if (as === 'whsec') return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return Buffer.from(secret, as === 'text' ? 'utf8' : as)
}

/** The 32 bytes of an Ed25519 public key as it is stored, in 64 hex digits; none where it is written otherwise. */
export function ed25519Bytes(secret: string): Buffer {
  return /^[0-9a-f]{64}$/i.test(secret) ? Buffer.from(secret, 'hex') : Buffer.alloc(0)
}

const spkiOfEd25519 = Buffer.from('302a300506032b6570032100', 'hex')

/** The Ed25519 public key of 32 bytes, to verify with. */
export function ed25519Key(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiOfEd25519, bytes]), format: 'der', type: 'spki' })
}

/** The signature as the provider writes it, without what the header puts around it. Ed25519 needs the private key. */
export function signatureOf(
  scheme: SigningScheme,
  message: Signable,
  time: string | null,
  secret: string | KeyObject,
): string {
  return signParts(scheme, composeSigned(scheme, message, time), secret)
}

/** The same of parts that were composed before: a form is read once, however many secrets are tried. */
export function signParts(scheme: SigningScheme, parts: ComposedPart[], secret: string | KeyObject): string {
  if (scheme.scheme === 'ed25519') {
    return signWith(null, Buffer.concat(parts.map(part => part.bytes)), secret).toString(scheme.encoding)
  }
  return digestOf(scheme, parts, keyBytes(scheme.key, secret as string)).digest(scheme.encoding)
}

/** The bytes of a signature over composed parts, by the bytes of a key. */
export function digestParts(scheme: HmacScheme | HashScheme, parts: ComposedPart[], key: Buffer): Buffer {
  return digestOf(scheme, parts, key).digest()
}

function digestOf(
  scheme: HmacScheme | HashScheme,
  parts: ComposedPart[],
  key: Buffer,
): ReturnType<typeof createHash> | ReturnType<typeof createHmac> {
  const digest = scheme.scheme === 'hmac' ? createHmac(scheme.hash, key) : createHash(scheme.hash)
  for (const [index, part] of parts.entries()) digest.update(scheme.signs[index] === 'secret' ? key : part.bytes)
  return digest
}

/**
 * A message signed as the provider does, now: time and signature in place of whatever stood there. A scheme that covers
 * neither is written anew too (a token, Basic credentials, a JWT); one that rests on the URL's key changes nothing.
 * Per-item tokens are written by `signDelivery`.
 * @throws Error where a private key is needed and none is given
 */
export function signMessage(
  scheme: Scheme,
  message: Signable,
  secret: string,
  options: SigningOptions,
): Pick<Signable, 'headers' | 'body'> {
  const { headers, body } = message
  switch (scheme.scheme) {
    case 'url-key':
      return { headers, body }
    case 'token':
      if (typeof scheme.at === 'string' || !('header' in scheme.at)) return { headers, body }
      return { headers: setHeader(headers, scheme.at.header, secret), body }
    case 'basic':
      return { headers: setHeader(headers, 'authorization', `Basic ${Buffer.from(secret).toString('base64')}`), body }
    case 'jwt': {
      const key = 'secret' in scheme.key ? keyBytes(scheme.key, secret) : Buffer.alloc(0)
      return { headers: setHeader(headers, scheme.header, scheme.prefix + signJwt(scheme, key, options)), body }
    }
    default: {
      const timed = writeTime(scheme, message, options.now)
      const key = scheme.scheme === 'ed25519' ? options.privateKey : secret
      if (key === undefined) throw new Error('the private key of this scheme is not known')
      const signature = signatureOf(scheme, { ...message, ...timed }, timed.time, key)
      return {
        headers: writeSignature(scheme.header, timed.headers, { signature, time: timed.time }),
        body: timed.body,
      }
    }
  }
}

/** Where the hash of a message's body must stand, since it is all that covers the body; undefined where there is none. */
export function bodyHashAt(scheme: Scheme, { headers, body }: Pick<Signable, 'headers' | 'body'>): Value | undefined {
  if (!isSigning(scheme) || !scheme.bodyHash || body.length === 0) return undefined
  return isFormType(header(headers, 'content-type')) ? undefined : scheme.bodyHash
}

/** The URL as the provider calls it: with the hash of a body that is no form, where that is among what is signed. */
export function withBodyHash(scheme: Scheme, url: string, message: Pick<Signable, 'headers' | 'body'>): string {
  const at = bodyHashAt(scheme, message)
  if (typeof at !== 'object' || !('query' in at)) return url
  const pair = `${at.query}=${createHash('sha256').update(message.body).digest('hex')}`
  const old = new RegExp(`([?&])${at.query}=[^&#]*`)
  if (old.test(url)) return url.replace(old, `$1${pair}`)
  return `${url}${url.includes('?') ? '&' : '?'}${pair}`
}

/** Eight hex digits by which a person can tell secrets apart without seeing them. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update('whs fingerprint ').update(secret).digest('hex').slice(0, 8)
}
