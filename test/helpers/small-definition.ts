import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { RawHeaders } from '../../src/core/headers.ts'
import type { Keyring, RawDelivery, SecretCandidate } from '../../src/core/keyring.ts'
import type { Value } from '../../src/core/value-definition.ts'
import type { HmacScheme, Scheme, Shape, Webhook } from '../../src/core/webhook-definition.ts'
import { template } from '../../src/providers/_template.ts'

/** When deliveries of tests arrive: 2026-03-01T12:00:00Z. */
export const now = Date.UTC(2026, 2, 1, 12)
export const callback = 'https://hooks.example.com/hooks/small'

/** HMAC-SHA256 in hex over the body, in one header. */
export const hmacScheme: HmacScheme = {
  scheme: 'hmac',
  hash: 'sha256',
  encoding: 'hex',
  header: { names: ['x-signature'] },
  signs: ['body'],
  key: { secret: 'webhook' },
}

/** `{"events":[{"type","id","account_id"}]}`, or one such event alone. */
export const smallShape: Shape = {
  name: 'event',
  when: '@.type',
  providerEvent: '@.type',
  id: '@.id',
  accounts: [{ kind: 'account', at: '@.account_id' }],
}

/** A sound definition that says as little as it can, with what a test is about in its place. */
export function smallDefinition(webhook: Partial<Webhook> = {}): ProviderDefinition {
  return {
    ...template,
    id: 'small',
    name: 'Small',
    secrets: { ...template.secrets, signing: template.secrets.client },
    activation: { per: 'tenant', by: 'portal', keyed: true, steps: ['Paste {callback}'] },
    webhook: {
      ...template.webhook,
      verify: [hmacScheme],
      split: ['$.events[*]', '$'],
      shapes: [smallShape],
      ...webhook,
    },
  }
}

export function smallWith(...verify: Scheme[]): ProviderDefinition {
  return smallDefinition({ verify })
}

/** A shape that reads one value as its event. */
export function shapeReading(value: Value): Shape {
  return { ...smallShape, when: { exists: value }, providerEvent: value }
}

export function appSecret(value: string, id = 1, name = 'webhook'): SecretCandidate {
  return { id, name, value, activation: null }
}

export function hookSecret(value: string, activation: number, providerId: string | null = null): SecretCandidate {
  return { id: 100 + activation, name: 'webhook', value, activation: { id: activation, providerId } }
}

export function keyring(secrets: SecretCandidate[] = [], more: Partial<Keyring> = {}): Keyring {
  return { secrets, activation: null, urls: [callback], keys: {}, slots: { callback }, hosts: {}, now, ...more }
}

export function post(body: string | Buffer, headers: RawHeaders = [], suffix = ''): RawDelivery {
  return { method: 'POST', headers, body: Buffer.from(body), suffix }
}

export const event = '{"type":"thing.created","id":"e1","account_id":"acc-1"}'
