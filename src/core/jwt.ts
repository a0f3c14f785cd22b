import { Buffer } from 'node:buffer'
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign as signWith,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { fillText, type Slots } from './fill-text.ts'
import type { JwtScheme } from './webhook-definition.ts'

/** A JSON Web Token (RFC 7519) taken apart, nothing of it believed. */
export interface ParsedJwt {
  algorithm: string
  keyId: string | null
  claims: Record<string, unknown>
  signed: string
  signature: Buffer
}

const longest = 16_384
const longestKeyId = 256

/** Takes a compact JWS (RFC 7515 section 7.1) apart; undefined where it is none. */
export function parseJwt(text: string): ParsedJwt | undefined {
  if (text.length > longest) return undefined
  const [head, body, tail, ...more] = text.split('.')
  if (!head || !body || !tail || more.length > 0 || !/^[\w.-]+$/.test(text)) return undefined
  const header = jsonObject(head)
  const claims = jsonObject(body)
  if (!header || !claims || typeof header.alg !== 'string' || 'crit' in header) return undefined
  const keyId = typeof header.kid === 'string' ? header.kid : null
  if (keyId !== null && keyId.length > longestKeyId) return undefined
  const signature = Buffer.from(tail, 'base64url')
  // Decoders pass over spare bits: only what is written as it would be written again counts.
  if (signature.toString('base64url') !== tail) return undefined
  return { algorithm: header.alg, keyId, claims, signed: `${head}.${body}`, signature }
}

function jsonObject(encoded: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Whether a secret made the token (HS256). */
export function isSignedBy({ signed, signature }: ParsedJwt, key: Uint8Array): boolean {
  const wanted = createHmac('sha256', key).update(signed).digest()
  return wanted.length === signature.length && timingSafeEqual(wanted, signature)
}

/** Whether the private key of a published one made the token (RS256). */
export function isSignedByKey({ signed, signature }: ParsedJwt, jwk: JsonWebKey): boolean {
  try {
    return verify('sha256', Buffer.from(signed), createPublicKey({ key: jwk, format: 'jwk' }), signature)
  } catch {
    return false
  }
}

/** What each claim must be: the texts of the scheme whose slots are known. */
export function wantedClaims({ claims }: JwtScheme, slots: Slots): Record<string, string[]> {
  const filled = Object.entries(claims).map(([name, texts]): [string, string[]] => [
    name,
    texts.flatMap(one => fillText(one, slots) ?? []),
  ])
  return Object.fromEntries(filled)
}

const leewaySeconds = 60

/** What is wrong with a token's times (`exp` must be there) or with a claim; undefined where nothing is. */
export function claimFault(
  { claims }: ParsedJwt,
  wanted: Record<string, string[]>,
  now: number,
): { reason: 'too-old' | 'too-new' | 'wrong-token'; detail: string } | undefined {
  const seconds = now / 1000
  const { exp, nbf } = claims
  if (typeof exp !== 'number') return { reason: 'wrong-token', detail: 'it has no expiry (exp)' }
  if (seconds > exp + leewaySeconds) {
    return { reason: 'too-old', detail: `it expired ${Math.round(seconds - exp)} s before it came` }
  }
  if (typeof nbf === 'number' && seconds < nbf - leewaySeconds) {
    return { reason: 'too-new', detail: `it holds only ${Math.round(nbf - seconds)} s after it came` }
  }
  for (const [name, texts] of Object.entries(wanted)) {
    const value = claims[name]
    const values = (Array.isArray(value) ? value : [value]).map(one =>
      typeof one === 'object' ? '' : String(one ?? ''),
    )
    if (!values.some(one => one !== '' && texts.includes(one))) {
      if (texts.length === 0) return { reason: 'wrong-token', detail: `no setting says what its ${name} must be` }
      return { reason: 'wrong-token', detail: `its ${name} is "${values.join(', ')}", not "${texts.join('" or "')}"` }
    }
  }
  return undefined
}

/** What a provider signs with, besides the secret. */
export interface SigningOptions {
  /** Wall clock in milliseconds: the time that is signed. */
  now: number
  /** What signs where the stored secret is a public key (Ed25519, RS256). */
  privateKey?: KeyObject
  keyId?: string
  /** Claims of a JWT. */
  claims?: Record<string, string>
}

const appTokenSeconds = 480

/**
 * A token by which an app proves itself (RS256): issued a minute ago, since clocks differ, for 9 minutes.
 * Undefined where the key is no private RSA key in PEM form. `now` is Unix seconds.
 */
export function appToken(pem: string, issuer: string, now: number): string | undefined {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'rsa') return undefined
    const claims = { iat: now - leewaySeconds, exp: now + appTokenSeconds, iss: issuer }
    return sealed({ alg: 'RS256', typ: 'JWT' }, claims, signed => signWith('sha256', signed, key))
  } catch {
    return undefined
  }
}

function sealed(head: object, claims: object, sign: (signed: Buffer) => Buffer): string {
  const signed = [head, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${sign(Buffer.from(signed)).toString('base64url')}`
}

/** A token as a provider would make it now, valid for five minutes. */
export function signJwt({ algorithm }: JwtScheme, key: Uint8Array, options: SigningOptions): string {
  const seconds = Math.floor(options.now / 1000)
  const head = { alg: algorithm, typ: 'JWT', ...(options.keyId ? { kid: options.keyId } : {}) }
  const claims = { iat: seconds, exp: seconds + 300, ...options.claims }
  if (algorithm === 'HS256') return sealed(head, claims, signed => createHmac('sha256', key).update(signed).digest())
  const { privateKey } = options
  if (!privateKey) throw new Error('the private key of this scheme is not known')
  return sealed(head, claims, signed => signWith('sha256', signed, privateKey))
}
