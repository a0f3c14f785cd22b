import { Buffer } from 'node:buffer'
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Scheme, SignedPart } from './definition.ts'
import { header, headerCount, type RawHeaders, setHeader } from './headers.ts'

export interface Signable {
  headers: RawHeaders
  body: Buffer
}

/** One composed part of what a scheme signs, for `explain`. */
export interface ComposedPart {
  name: string
  bytes: Buffer
}

/** What a scheme signs, in order. This is the only place where it is composed: verify, sign and simulator all use it. */
export function composeSigned(scheme: Scheme, message: Signable): ComposedPart[] {
  return scheme.signs.map(part => ({ name: partName(part), bytes: partBytes(part, message) }))
}

function partName(part: SignedPart): string {
  if (part === 'body') return 'body'
  return 'text' in part ? `"${part.text}"` : `header ${part.header}`
}

function partBytes(part: SignedPart, message: Signable): Buffer {
  if (part === 'body') return message.body
  return Buffer.from('text' in part ? part.text : (header(message.headers, part.header) ?? ''))
}

/** The signature as the provider writes it into the header. A secret given as text is used as its UTF-8 bytes. */
export function signatureOf(scheme: Scheme, message: Signable, secret: string | Uint8Array): string {
  const mac = createHmac(scheme.hash, secret)
  for (const part of composeSigned(scheme, message)) mac.update(part.bytes)
  return mac.digest(scheme.encoding)
}

/** The message's headers with a signature of ours in place of whatever stood there. */
export function signHeaders(scheme: Scheme, message: Signable, secret: string): RawHeaders {
  return setHeader(message.headers, scheme.header, signatureOf(scheme, message, secret))
}

export interface SecretCandidate {
  id: number
  value: string
}

export type Verdict =
  | { verified: true; secretId: number }
  | { verified: false; reason: 'missing-header' | 'doubled-header' | 'wrong-secret' | 'no-secret'; detail: string }

/** Whether one of the secrets made the signature. Compares in constant time; a signature header that came twice never passes. */
export function verifySignature(scheme: Scheme, message: Signable, secrets: SecretCandidate[]): Verdict {
  if (secrets.length === 0) return { verified: false, reason: 'no-secret', detail: 'no secret is stored yet' }
  const count = headerCount(message.headers, scheme.header)
  if (count > 1) {
    return { verified: false, reason: 'doubled-header', detail: `header ${scheme.header} came ${count} times` }
  }
  const given = header(message.headers, scheme.header)
  if (!given) return { verified: false, reason: 'missing-header', detail: `header ${scheme.header} is missing` }
  const givenBytes = Buffer.from(given)
  for (const secret of secrets) {
    const wanted = Buffer.from(signatureOf(scheme, message, secret.value))
    if (wanted.length === givenBytes.length && timingSafeEqual(wanted, givenBytes)) {
      return { verified: true, secretId: secret.id }
    }
  }
  const tried = secrets.length === 1 ? 'the stored secret' : `any of the ${secrets.length} stored secrets`
  return { verified: false, reason: 'wrong-secret', detail: `${scheme.header} was not made with ${tried}` }
}

/** Eight hex digits by which a person can tell secrets apart without seeing them. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update('whs fingerprint ').update(secret).digest('hex').slice(0, 8)
}
