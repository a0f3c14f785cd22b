import { randomBytes } from 'node:crypto'
import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import type { Slots } from '../core/fill-text.ts'
import type { Keyring, PublicKeys, SecretCandidate } from '../core/keyring.ts'
import type { TriggerKey } from '../core/trigger-mark.ts'
import type { UnreadableKey } from '../store/key-ops.ts'

/** An app as the receiver needs it. */
export interface ReceivingApp {
  id: number
  name: string
  definition: ProviderDefinition
  /** Its own secrets and those of its activations, newest first. */
  secrets: (SecretCandidate & { fingerprint: string })[]
  /** Those that are stored too, but cannot be read any more. */
  unreadable: UnreadableKey[]
  /** The callback URLs that its activations and settings name: what a signature over the URL may be about. */
  urls: string[]
  /** `clientId`, `setting.<name>`. */
  slots: Slots
  hosts: Hosts
}

/** What is known of one request besides its app. */
export interface Arrival {
  activation: number | null
  keys: PublicKeys
  /** Where the public door is reached now. */
  publicUrls: string[]
  /** The key of a sample of our own, where it had to bring one. */
  triggerKey: TriggerKey | null
  now: number
}

/** Everything that an app's deliveries are held against. */
export function keyringFor(app: ReceivingApp, arrival: Arrival): Keyring {
  const { activation, keys, publicUrls, triggerKey, now } = arrival
  const todays = publicUrls.map(url => `${url}/hooks/${app.name}`)
  const urls = [...new Set([...app.urls, ...todays])]
  const secrets = app.unreadable.length === 0 ? app.secrets : [...app.secrets, ...app.unreadable.map(unmatched)]
  const [callback = ''] = app.slots['setting.callback'] ? [app.slots['setting.callback']] : todays
  return {
    secrets: triggerKey?.secret ? [{ ...triggerCandidate, ...triggerKey.secret }, ...secrets] : secrets,
    activation: triggerKey?.activation ?? activation,
    urls,
    keys: triggerKey?.jwk ? withKey(keys, triggerKey.jwk) : keys,
    slots: { ...app.slots, callback },
    hosts: app.hosts,
    now,
  }
}

/** A secret that nothing matches, so that a weaker proof is not taken in place of one that cannot be read. */
function unmatched(key: UnreadableKey): SecretCandidate {
  return { ...key, value: randomBytes(32).toString('hex') }
}

const triggerCandidate = { id: -2, name: '', value: '', activation: null }

function withKey(keys: PublicKeys, { url, kid, key }: NonNullable<TriggerKey['jwk']>): PublicKeys {
  return { ...keys, [url]: { ...keys[url], [kid]: key } }
}
