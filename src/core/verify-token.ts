import { Buffer } from 'node:buffer'
import { header, headerCount } from './headers.ts'
import { claimFault, isSignedBy, isSignedByKey, parseJwt, wantedClaims } from './jwt.ts'
import {
  candidatesOf,
  type Keyring,
  publishedKey,
  type RawDelivery,
  type SecretCandidate,
  secretsFor,
} from './keyring.ts'
import { isSame } from './same.ts'
import { keyBytes } from './sign.ts'
import { fillUrl } from './url-template.ts'
import { headersIn, type ItemContext, readValue } from './value.ts'
import type { Value } from './value-definition.ts'
import { accepted, noSecretFor, refused, type Verdict } from './verdict.ts'
import type { BasicScheme, JwtScheme, Key, Scheme, TokenScheme } from './webhook-definition.ts'

/** The scheme, where each item has to bring its own token. */
export function perItemScheme(scheme: Scheme | undefined): TokenScheme | undefined {
  const isPerItem = scheme?.scheme === 'token' && typeof scheme.at === 'string' && scheme.at.startsWith('@')
  return isPerItem ? scheme : undefined
}

/** That nothing is proved before the items were looked at; needs a stored secret. */
export function perItemVerdict(scheme: TokenScheme, index: number, keyring: Keyring): Verdict {
  if (candidatesOf(scheme.key, keyring, () => undefined).length === 0) return noSecretFor(scheme.key, true)
  return { ...accepted(index, 'token', null), perItem: true }
}

/** The secret that an item's own token is, if it is one. */
export function itemSecret(scheme: TokenScheme, keyring: Keyring, context: ItemContext): SecretCandidate | undefined {
  const given = readValue(context, scheme.at)?.text
  if (given === undefined) return undefined
  return candidatesOf(scheme.key, keyring, value => readValue(context, value)?.text).find(({ value }) =>
    isSame(Buffer.from(value), given),
  )
}

/** Whether a stored token came back, in a header or as Basic credentials. */
export function verifyToken(
  scheme: TokenScheme | BasicScheme,
  index: number,
  keyring: Keyring,
  context: () => ItemContext,
  given: string | undefined,
): Verdict {
  const secrets = secretsFor(scheme.key, keyring, context)
  if (secrets.length === 0) return noSecretFor(scheme.key, given !== undefined)
  const where = scheme.scheme === 'basic' ? 'the Authorization header' : placeText(scheme.at)
  const names = scheme.scheme === 'basic' ? ['authorization'] : headersIn(scheme.at)
  if (names.some(name => headerCount(context().headers, name) > 1)) {
    return refused('doubled-header', `${where} came twice`)
  }
  if (given === undefined) return refused('missing-header', `${where} is missing`)
  const found = secrets.find(({ value }) => isSame(Buffer.from(value), given))
  return found ? accepted(index, 'token', found) : refused('wrong-token', `${where} is none of the stored secrets`)
}

function placeText(at: Value): string {
  return typeof at === 'object' && 'header' in at ? `header ${at.header}` : 'the token'
}

/** The credentials of `Authorization: Basic` (RFC 7617); undefined also where they are not written as base64 writes them. */
export function basicText({ headers }: RawDelivery): string | undefined {
  const given = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header(headers, 'authorization') ?? '')?.[1]
  const bytes = Buffer.from(given ?? '', 'base64')
  const isPlain = bytes.toString('base64').replace(/=+$/, '') === given?.replace(/=+$/, '')
  return isPlain ? bytes.toString() : undefined
}

/** Whether a JSON Web Token is the provider's, still holds, and says what it must. */
export function verifyJwt(
  scheme: JwtScheme,
  index: number,
  { headers }: RawDelivery,
  keyring: Keyring,
  context: () => ItemContext,
): Verdict {
  const count = headerCount(headers, scheme.header)
  if (count > 1) return refused('doubled-header', `header ${scheme.header} came ${count} times`)
  const text = header(headers, scheme.header)
  const secrets = 'jwks' in scheme.key ? null : secretsFor(scheme.key, keyring, context)
  if (secrets?.length === 0) return noSecretFor(scheme.key as Key, Boolean(text))
  if (!text) return refused('missing-header', `header ${scheme.header} is missing`)
  const begins = text.slice(0, scheme.prefix.length).toLowerCase() === scheme.prefix.toLowerCase()
  const token = begins ? parseJwt(text.slice(scheme.prefix.length).trim()) : undefined
  if (!token) return refused('malformed-header', `header ${scheme.header} holds no ${scheme.prefix}JSON Web Token`)
  if (token.algorithm !== scheme.algorithm) {
    return refused('wrong-token', `it is signed by ${token.algorithm.slice(0, 20)}, ${scheme.algorithm} is wanted`)
  }
  let found: SecretCandidate | undefined
  if ('jwks' in scheme.key) {
    const url = fillUrl(scheme.key.jwks, keyring.hosts)
    const keyId = token.keyId ?? ''
    const jwk = publishedKey(keyring, url, keyId)
    if (!jwk) return { verified: false, reason: 'needs-key', url, keyId, detail: `its key ${keyId} is not known yet` }
    if (!isSignedByKey(token, jwk)) return refused('wrong-secret', `its key ${keyId} did not sign it`)
  } else {
    const { key } = scheme
    found = secrets?.find(({ value }) => isSignedBy(token, keyBytes(key, value)))
    if (!found) return refused('wrong-secret', 'the token was not made with a stored secret')
  }
  const fault = claimFault(token, wantedClaims(scheme, keyring.slots), keyring.now)
  return fault ? refused(fault.reason, fault.detail) : accepted(index, 'token', found ?? null)
}
