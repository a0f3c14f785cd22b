import type { BodyDamage } from './body-variants.ts'
import type { ProviderDefinition } from './definition.ts'
import type { Keyring, RawDelivery, SecretCandidate } from './keyring.ts'
import { fingerprint } from './sign.ts'

/** What became of a request that did not verify. */
export type Cause =
  | BodyDamage
  | 'other-app'
  | 'other-secret'
  | 'other-hook'
  | 'old-secret'
  | 'secret-text'
  | 'secret-form'
  | 'verifies-now'
  | 'time'
  | 'time-unit'
  | 'url'
  | 'body'
  | 'encoding'
  | 'prefix'
  | 'quoted'
  | 'other-header'
  | 'doubled-header'
  | 'other-scheme'
  | 'other-hash'
  | 'body-alone'
  | 'claims'
  | 'user'
  | 'truncated'
  | 'missing'
  | 'malformed'
  | 'no-secret'
  | 'other'

/**
 * One thing that is wrong. `proved`: with it undone the signature was computed again, or the token compared, and it matched;
 * `seen`: it stands in the request, but nothing could be computed.
 */
export interface Finding {
  cause: Cause
  certainty: 'proved' | 'seen'
  text: string
  /** Of `url`: the one that was signed. */
  url?: string
}

/** What a diagnosis found. The findings hold together: with all of them undone the request verifies. */
export interface Diagnosis {
  findings: Finding[]
  /** What was computed and matched; null where nothing did. */
  evidence: string | null
  /** What was tried and did not match, a few words each; empty where something did. */
  tried: string[]
  /** Whether all of that was tried to the end. */
  complete: boolean
}

/** A secret that may have made a signature, with whose it is. */
export interface SuspectSecret extends SecretCandidate {
  /** Where it belongs to a hook: which, in words. */
  hook: string | null
  /** It was replaced, and is not valid any more. */
  replaced: boolean
}

/** An app to which a request may have belonged. */
export interface SuspectApp {
  name: string
  env: string
  definition: ProviderDefinition
  /** What it is held against, as of the request's arrival. */
  keyring: Keyring
  /** All of its secrets, those that are not valid any more among them. */
  secrets: SuspectSecret[]
  /** URLs besides those of the keyring that were its callback URL once. */
  urls: string[]
}

/** A request that did not verify, with everything that may explain it. */
export interface Suspicion {
  /** `body` may be the beginning of what came: `bytes` is the length of the whole. */
  request: RawDelivery & { bytes: number }
  /** The app whose callback URL was called. */
  app: SuspectApp
  others: SuspectApp[]
}

/** A match, with what had to be undone for it. */
export interface Match {
  findings: Finding[]
  evidence: string
}

/** A secret in words, told apart by its fingerprint and never shown. */
export function secretText(app: Pick<SuspectApp, 'name' | 'env'>, secret: SuspectSecret): string {
  const whose = secret.hook ?? `${app.name} (${app.env})`
  return `the ${secret.name} secret ${fingerprint(secret.value)} of ${whose}`
}

/** Something that had to be undone for a match. */
export function proved(cause: Cause, text: string): Finding {
  return { cause, certainty: 'proved', text }
}
