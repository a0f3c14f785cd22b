import type { JsonWebKey } from 'node:crypto'
import type { Hosts, ProviderDefinition } from './definition.ts'
import type { Slots } from './fill-text.ts'
import type { RawHeaders } from './headers.ts'
import { secretKey } from './scheme-text.ts'
import { keyBytes } from './sign.ts'
import { type ItemContext, readValue } from './value.ts'
import type { Value } from './value-definition.ts'
import type { Key } from './webhook-definition.ts'

/** A delivery as it arrived, whole. `suffix` is the path and query behind the callback URL and its key. */
export interface RawDelivery {
  method: string
  headers: RawHeaders
  body: Buffer
  suffix: string
}

/** A secret that may have made a signature: the app's own, or an activation's. */
export interface SecretCandidate {
  id: number
  name: string
  value: string
  activation: { id: number; providerId: string | null } | null
}

/** Published keys: URL of the set → key id → key (RFC 7517). */
export type PublicKeys = Record<string, Record<string, JsonWebKey>>

/** Everything that is known when a delivery arrives. */
export interface Keyring {
  secrets: SecretCandidate[]
  /** The activation that the key in the URL names. */
  activation: number | null
  /** The callback URLs that may have been signed, without suffix; likeliest first. */
  urls: string[]
  keys: PublicKeys
  /** For claims: `callback`, `clientId`, `setting.<name>`. */
  slots: Slots
  hosts: Hosts
  /** Wall clock of the arrival, in milliseconds. */
  now: number
}

/** The query with which the callback URL was called. */
export function queryOf({ suffix }: Pick<RawDelivery, 'suffix'>): URLSearchParams {
  const at = suffix.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : suffix.slice(at + 1))
}

/** The published key by an id that a sender named; undefined where it is not known. */
export function publishedKey({ keys }: Keyring, url: string, keyId: string): JsonWebKey | undefined {
  const set = keys[url]
  return set && Object.hasOwn(set, keyId) ? set[keyId] : undefined
}

const mostSecrets = 50

/**
 * The secrets that a key may be, at most 50: where the URL names an activation only that one's, where the delivery names
 * one at the provider, only its (one whose id is not known yet stays in).
 */
export function candidatesOf(
  key: Key,
  keyring: Keyring,
  read: (value: Value) => string | undefined,
): SecretCandidate[] {
  const named = fitting(key, keyring.secrets)
  const wanted = key.activation === undefined ? undefined : read(key.activation)
  return named
    .filter(({ activation }) => {
      if (activation === null) return true
      if (keyring.activation !== null) return activation.id === keyring.activation
      return wanted === undefined || activation.providerId === null || activation.providerId === wanted
    })
    .slice(0, mostSecrets)
}

/** The same, read from a delivery as a whole. */
export function secretsFor(key: Key, keyring: Keyring, context: () => ItemContext): SecretCandidate[] {
  return candidatesOf(key, keyring, value => readValue(context(), value)?.text)
}

function fitting(key: Key, secrets: SecretCandidate[]): SecretCandidate[] {
  const { secret, of = 'app' } = key
  return secrets.filter(({ name, value, activation }) => {
    // Anybody can sign with a key of no bytes, such as text that is no base64 where base64 is wanted.
    if (name !== secret || keyBytes(key, value).length === 0) return false
    return of === 'app' ? activation === null : of === 'either' || activation !== null
  })
}

/**
 * The activations (their numbers) none of whose secrets is ever tried: neither the URL nor a delivery says which hook it is,
 * and there are 50 that come before. What such a hook sends cannot verify by its own secret. `secrets` as in a keyring.
 */
export function neverTried({ activation, webhook }: ProviderDefinition, secrets: SecretCandidate[]): number[] {
  if (activation.keyed) return []
  const tried = new Set<number>()
  const all = new Set<number>()
  for (const key of webhook.verify.flatMap(scheme => secretKey(scheme) ?? [])) {
    for (const [index, { activation: hook }] of fitting(key, secrets).entries()) {
      if (hook === null) continue
      all.add(hook.id)
      if (key.activation !== undefined || index < mostSecrets) tried.add(hook.id)
    }
  }
  return [...all].filter(id => !tried.has(id))
}
