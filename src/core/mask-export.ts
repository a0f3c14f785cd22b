import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from './definition.ts'
import { headerPairs } from './exported-delivery.ts'
import type { RawHeaders } from './headers.ts'
import type { RawDelivery } from './keyring.ts'
import { maskHeaders } from './redact.ts'
import { isSigning } from './sign.ts'
import { readValue } from './value.ts'
import { untrusted } from './verify.ts'
import { perItemScheme } from './verify-token.ts'

/** A delivery without what is a secret: `masked` names headers, `body`, `query`. */
export interface MaskedDelivery {
  headers: RawHeaders
  body: Buffer
  suffix: string
  masked: string[]
}

const mark = '***'
/** A shorter one may be part of any word. */
const leastLength = 8

/**
 * What of a delivery may travel: headers that carry a credential are masked (but for a signature, which proves nothing
 * elsewhere), as are the token that the definition's scheme reads and every one of `secrets` wherever it stands. A
 * secret in the body is covered by as many asterisks.
 */
export function maskExport(definition: ProviderDefinition, delivery: RawDelivery, secrets: string[]): MaskedDelivery {
  const known = [...new Set([...secrets, ...tokensOf(definition, delivery)])]
  const long = longSecrets(known)
  const signatures = new Set(
    definition.webhook.verify.flatMap(one => (isSigning(one) ? one.header.names.map(name => name.toLowerCase()) : [])),
  )
  const jwts = new Set(
    definition.webhook.verify.flatMap(one => (one.scheme === 'jwt' ? [one.header.toLowerCase()] : [])),
  )
  const masked = new Set<string>()
  const byName = headerPairs(maskHeaders(delivery.headers))
  const headers = headerPairs(delivery.headers).flatMap(([name, value], index) => {
    const lower = name.toLowerCase()
    const shown = signatures.has(lower) ? value : jwts.has(lower) ? mark : (byName[index]?.[1] ?? value)
    const safe = known.includes(shown.trim()) ? mark : without(shown, long)
    if (safe === value) return [name, value]
    masked.add(lower)
    return [name, latin1(safe)]
  })
  const suffix = without(delivery.suffix, [...long, ...long.map(encodeURIComponent)])
  if (suffix !== delivery.suffix) masked.add('query')
  const body = coveredBody(delivery.body, long)
  if (body !== delivery.body) masked.add('body')
  return { headers, body, suffix, masked: [...masked] }
}

/** Those that are so long that they are told from a word. */
export function longSecrets(secrets: string[]): string[] {
  return secrets.filter(secret => secret.length >= leastLength)
}

/** What stands where a token scheme reads its token. */
function tokensOf(definition: ProviderDefinition, delivery: RawDelivery): string[] {
  const context = untrusted(definition, delivery)
  return definition.webhook.verify.flatMap(scheme => {
    if (scheme.scheme !== 'token' || perItemScheme(scheme)) return []
    return readValue(context(), scheme.at)?.text ?? []
  })
}

function without(text: string, secrets: string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, mark), text)
}

/** The bytes with each of some secrets covered by as many asterisks; the very same where there is none in them. */
export function coveredBody(body: Buffer, secrets: string[]): Buffer {
  let result = body
  for (const secret of secrets) {
    const bytes = Buffer.from(secret)
    for (let at = result.indexOf(bytes); at >= 0; at = result.indexOf(bytes, at + bytes.length)) {
      if (result === body) result = Buffer.from(body)
      result.fill('*', at, at + bytes.length)
    }
  }
  return result
}

/** A header has one byte a character. */
function latin1(text: string): string {
  return text.replaceAll('…', '...')
}
