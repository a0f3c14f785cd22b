import { Buffer } from 'node:buffer'
import { createHash, verify as verifyWith } from 'node:crypto'
import { headerCount } from './headers.ts'
import { type Keyring, type RawDelivery, secretsFor } from './keyring.ts'
import { isSame } from './same.ts'
import {
  bodyHashAt,
  type ComposedPart,
  composeSigned,
  coversUrl,
  ed25519Bytes,
  ed25519Key,
  type Signable,
  type SigningScheme,
  signParts,
} from './sign.ts'
import { readSignatures, signatureBytes } from './signature-header.ts'
import { readTime, type TimeFault, timeFault, unitText } from './signed-time.ts'
import { clip } from './text.ts'
import { headersIn, type ItemContext, readValue } from './value.ts'
import { accepted, noSecretFor, refused, type Verdict } from './verdict.ts'
import type { Ed25519Scheme, SignedTime } from './webhook-definition.ts'

/** Whether a stored secret (or public key) made one of the signatures, and recently enough. */
export function verifySigned(
  scheme: SigningScheme,
  index: number,
  delivery: RawDelivery,
  keyring: Keyring,
  context: () => ItemContext,
): Verdict {
  const given = readSignatures(scheme.header, delivery.headers)
  const secrets = secretsFor(scheme.key, keyring, context)
  if (secrets.length === 0) return noSecretFor(scheme.key, !('reason' in given) || given.reason !== 'missing-header')
  if ('reason' in given) return refused(given.reason, given.detail)
  const twice = signedHeaders(scheme).find(name => headerCount(delivery.headers, name) > 1)
  if (twice) return refused('doubled-header', `header ${twice}, which is signed, came more than once`)
  const time = readTime(scheme, delivery, given.time)
  if (scheme.time && time === null) return refused('missing-header', 'the time that it was signed at is missing')
  const urls = coversUrl(scheme) ? signedUrls(keyring, delivery) : ['']
  for (const url of urls) {
    const message: Signable = { method: delivery.method, url, headers: delivery.headers, body: delivery.body }
    const parts = composeSigned(scheme, message, time)
    const secret = secrets.find(one => isSignature(scheme, parts, one.value, given.signatures))
    if (!secret) continue
    const fault = scheme.time && timeFault(scheme.time, time, keyring.now)
    if (scheme.time && fault) return refused(fault.reason, timeText(scheme.time, fault))
    const changed = bodyFault(scheme, delivery, context)
    if (changed) return refused('body-changed', changed)
    return { ...accepted(index, 'signature', secret), url: url === '' ? null : url }
  }
  const tried = secrets.length === 1 ? 'the stored secret' : `any of the ${secrets.length} stored secrets`
  const at =
    urls.length > 1 || urls[0] !== '' ? ` for ${clip(urls[0] ?? 'a callback URL, since none is known', 200)}` : ''
  return refused('wrong-secret', `${scheme.header.names[0]} was not made with ${tried}${at}`)
}

/** The headers that stand among what is signed, that of the time first. */
export function signedHeaders({ signs, time }: SigningScheme): string[] {
  const parts = signs.filter(part => typeof part === 'object' && 'header' in part)
  return [...(time ? headersIn(time.at) : []), ...parts.map(part => part.header)]
}

function timeText(time: SignedTime, { ms, unit }: TimeFault): string {
  if (unit) return unitText(time, unit)
  if (ms === 0) return 'the time that it was signed at is unreadable'
  return `it was signed ${Math.round(ms / 1000)} s away from our clock, ${time.toleranceSeconds} s are allowed`
}

function isSignature(scheme: SigningScheme, parts: ComposedPart[], secret: string, given: string[]): boolean {
  if (scheme.scheme === 'ed25519') return isEd25519(scheme, parts, secret, given)
  const wanted = Buffer.from(signParts(scheme, parts, secret))
  return given.some(one => isSame(wanted, scheme.encoding === 'hex' ? one.toLowerCase() : one))
}

function isEd25519({ encoding }: Ed25519Scheme, parts: ComposedPart[], key: string, given: string[]): boolean {
  const keyBytes = ed25519Bytes(key)
  if (keyBytes.length === 0) return false
  const publicKey = ed25519Key(keyBytes)
  const bytes = Buffer.concat(parts.map(part => part.bytes))
  return given.some(one => {
    const signature = signatureBytes(one, encoding)
    return signature?.length === 64 && verifyWith(null, bytes, publicKey, signature)
  })
}

/** Callback URLs with the suffix as they may be signed, each also with its port spelled out, as some providers write it. */
export function signedUrls({ urls }: Keyring, { suffix }: RawDelivery): string[] {
  return urls.flatMap(url => {
    const whole = url + suffix
    const match = /^(https?):\/\/([^/:]+)(\/.*)?$/.exec(whole)
    return match ? [whole, `${match[1]}://${match[2]}:${match[1] === 'https' ? 443 : 80}${match[3] ?? ''}`] : [whole]
  })
}

/** A body that is signed by its hash alone (or by nothing) must be the one that was hashed. */
function bodyFault(scheme: SigningScheme, delivery: RawDelivery, context: () => ItemContext): string | undefined {
  const at = bodyHashAt(scheme, delivery)
  if (at === undefined) return undefined
  const given = readValue(context(), at)?.text
  if (given === undefined) return 'the signature covers the URL alone, and no hash of the body stands in it'
  const wanted = Buffer.from(createHash('sha256').update(delivery.body).digest('hex'))
  return isSame(wanted, given.toLowerCase()) ? undefined : 'the body is not the one whose hash was signed'
}
