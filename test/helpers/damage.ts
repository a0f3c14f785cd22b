import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Cause, SuspectApp, SuspectSecret, Suspicion } from '../../src/core/diagnosis.ts'
import { type RawHeaders } from '../../src/core/headers.ts'
import type { Keyring } from '../../src/core/keyring.ts'
import type { SampleMessage } from '../../src/core/sample.ts'
import { isSigning, type SigningScheme } from '../../src/core/sign.ts'
import type { Scheme } from '../../src/core/webhook-definition.ts'
import { keyringFor, signedDelivery } from './provider-deliveries.ts'

/** A request that something happened to, and the causes of which one at least must be named. */
export interface Damaged {
  suspicion: Suspicion
  causes: Cause[]
}

/** One kind of damage; null where a provider's scheme cannot suffer it. */
export interface Damage {
  name: string
  make(definition: ProviderDefinition, sample: SampleMessage): Damaged | null
}

/** All that an app knows; where URLs have keys, called by the first hook's. */
export function keyringOf(definition: ProviderDefinition): Keyring {
  const keyring = keyringFor(definition, definition.activation.keyed ? 1 : null)
  return { ...keyring, secrets: keyring.secrets.filter(({ value }) => value !== undefined) }
}

export function schemeOf(definition: ProviderDefinition): Scheme {
  return definition.webhook.verify[0] as Scheme
}

/** The scheme, where it signs composed parts. */
export function signingOf(definition: ProviderDefinition): SigningScheme | null {
  const scheme = schemeOf(definition)
  return isSigning(scheme) ? scheme : null
}

export function suspectApp(definition: ProviderDefinition, keyring: Keyring, name = 'mine'): SuspectApp {
  const secrets = keyring.secrets.map(
    (one): SuspectSecret => ({ ...one, hook: one.activation ? 'a hook of acme' : null, replaced: false }),
  )
  return { name, env: 'production', definition, keyring, secrets, urls: [] }
}

interface Change {
  headers?: RawHeaders
  body?: Buffer
  suffix?: string
  keyring?: Partial<Keyring>
}

/** A delivery that is right, with something changed after it was signed. */
export function changed(
  definition: ProviderDefinition,
  sample: SampleMessage,
  causes: Cause[],
  change: (right: ReturnType<typeof signedDelivery>, keyring: Keyring) => Change | null,
  sign: Parameters<typeof signedDelivery>[3] = {},
): Damaged | null {
  const keyring = keyringOf(definition)
  const right = signedDelivery(definition, sample, keyring, sign)
  const made = change(right, keyring)
  if (!made) return null
  const { keyring: other, ...rest } = made
  const request = { ...right, ...rest }
  const app = suspectApp(definition, { ...keyring, ...other })
  return { suspicion: { request: { ...request, bytes: request.body.length }, app, others: [] }, causes }
}
