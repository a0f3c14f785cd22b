import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { header, type RawHeaders } from '../core/headers.ts'
import { signatureOf } from '../core/sign.ts'
import type { HmacScheme } from '../core/webhook-definition.ts'

/** Standard Webhooks 1.0.0 (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body. */
const standardWebhooks: HmacScheme = {
  scheme: 'hmac',
  hash: 'sha256',
  encoding: 'base64',
  header: { names: ['webhook-signature'], words: { version: 'v1' } },
  key: { secret: 'webhook', as: 'whsec' },
  signs: [{ header: 'webhook-id' }, { text: '.' }, { header: 'webhook-timestamp' }, { text: '.' }, 'body'],
}

/**
 * The id under which whs signs a part: delivery, tenant and the first 16 hex digits of the SHA-256 of all its event ids,
 * joined by commas. So the signature covers whose it is. It stays the same when the part is sent again.
 */
export function ownMessageId(deliveryId: string, tenant: string | null, eventIds: string[]): string {
  const events = createHash('sha256').update(eventIds.join(',')).digest('hex').slice(0, 16)
  return `${deliveryId}:${withoutDots(tenant ?? '')}:${events}`
}

/** The id must not hold a full stop, since that is what stands between the signed parts. */
function withoutDots(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E')
}

export interface OwnSignature {
  id: string
  atMs: number
  body: Buffer
  /** `whsec_` and the key in base64. */
  secret: string
}

/**
 * The three headers of our own signature. Where the provider's delivery has headers of these names itself, ours are
 * `Whs-Webhook-Id`, `Whs-Webhook-Timestamp` and `Whs-Webhook-Signature`.
 */
export function ownHeaders({ id, atMs, body, secret }: OwnSignature, others: RawHeaders): RawHeaders {
  const headers = ['webhook-id', id, 'webhook-timestamp', String(Math.floor(atMs / 1000))]
  const signature = signatureOf(standardWebhooks, { method: 'POST', url: '', headers, body }, null, secret)
  const signed = [...headers, 'webhook-signature', `v1,${signature}`]
  const taken = signed.some((name, index) => index % 2 === 0 && header(others, name) !== undefined)
  return taken ? signed.map((text, index) => (index % 2 === 0 ? `whs-${text}` : text)) : signed
}
