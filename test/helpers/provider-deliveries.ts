import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Keyring, RawDelivery } from '../../src/core/keyring.ts'
import type { SampleMessage } from '../../src/core/sample.ts'
import { type DeliveryKeys, schemeFor, signDelivery } from '../../src/core/sign-delivery.ts'
import { activationSecretName } from './fixtures.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const edPublic = ed.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
/** The callback URL that is signed. */
export const url = 'https://hooks.example.com/hooks/app'
const now = Date.UTC(2026, 2, 1, 12)

/** What whs knows of an app of a provider, every secret of it stored. `activation`: the hook that the URL's key names. */
export function keyringFor(definition: ProviderDefinition, activation: number | null): Keyring {
  const secrets = secretsOf(definition)
  const name = activationSecretName(definition)
  const own = Object.entries(secrets).map(([name, value]) => ({ id: 1, name, value, activation: null }))
  const hook = { id: 2, name, value: secrets[name] as string, activation: { id: 1, providerId: null } }
  const settings = Object.keys(definition.settings ?? {}).map(setting => [`setting.${setting}`, 'x'])
  const jwk = rsa.publicKey.export({ format: 'jwk' })
  return {
    secrets: [...own, hook],
    activation,
    urls: [url],
    keys: new Proxy({}, { get: () => ({ k1: jwk }) }),
    slots: { callback: url, clientId: 'client', ...Object.fromEntries(settings) },
    hosts: definition.hosts.production ?? definition.hosts.sandbox ?? {},
    now,
  }
}

/** A message as its provider would send it, with keys of ours. */
export function signedDelivery(
  definition: ProviderDefinition,
  message: SampleMessage,
  { slots }: Keyring,
  more: Partial<DeliveryKeys> & { url?: string } = {},
): RawDelivery {
  const isEd =
    schemeFor(definition, { secrets: secretsOf(definition), privateKey: rsa.privateKey })?.scheme === 'ed25519'
  const privateKey = isEd ? ed.privateKey : rsa.privateKey
  const { url: at = url, ...others } = more
  const keys = { secrets: secretsOf(definition), privateKey, keyId: 'k1', now, slots, ...others }
  const made = signDelivery(definition, { method: 'POST', ...message, url: at }, keys)
  const method = definition.webhook.methods[0] as string
  return { method, headers: made.headers, body: made.body, suffix: at === url ? made.url.slice(url.length) : '' }
}

/** Secrets of 40 random-looking letters; where the secret is a public key, that one. */
export function secretsOf(definition: ProviderDefinition): Record<string, string> {
  const isEd = definition.webhook.verify[0]?.scheme === 'ed25519'
  const text = (name: string): string => (isEd ? edPublic : Buffer.from(`a secret called ${name}`).toString('base64'))
  return Object.fromEntries(Object.keys(definition.secrets).map(name => [name, text(name)]))
}
