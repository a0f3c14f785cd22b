import { Buffer } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import type { Slots } from '../core/fill-text.ts'
import type { SampleMessage } from '../core/sample.ts'
import { secretKey, signingSecrets } from '../core/scheme-text.ts'
import type { Signable } from '../core/sign.ts'
import { schemeFor, signDelivery } from '../core/sign-delivery.ts'
import { makeSecret, type SimulatedApp } from './apps.ts'
import type { Hook } from './hooks.ts'
import { ed25519Of } from './keys.ts'
import type { World } from './world.ts'

/** How long a signature is good for a later try. */
const freshMs = 60_000

/**
 * Signs a message for the URL that is called, as the provider does: by the first scheme whose secret it has. The same
 * request comes back for the same URL while it is fresh, so that one sent twice is the same byte for byte. A forger knows
 * neither secret nor key.
 */
export function signer(
  world: World,
  app: SimulatedApp,
  hook: Hook | null,
  message: SampleMessage,
  forged: boolean,
): (url: string) => Signable {
  const { definition } = world
  const { methods } = definition.webhook
  const method = methods.includes('POST') ? 'POST' : (methods[0] as string)
  const secrets = secretsOf(world, app, hook)
  if (forged) for (const name of Object.keys(secrets)) secrets[name] = forgedSecret(world, name)
  const keys = { secrets, ...privateKeyOf(world, app, forged) }
  const restsOnKey = schemeFor(definition, keys)?.scheme === 'url-key'
  let last: { url: string; at: number; request: Signable } | undefined
  return url => {
    const now = world.now()
    if (last?.url === url && now - last.at < freshMs) return last.request
    const called = forged && restsOnKey ? otherKey(world, url) : url
    const signed = signDelivery(
      definition,
      { method, url: called, ...message },
      { ...keys, now, slots: slotsOf(app, url) },
    )
    last = { url, at: now, request: { method, ...signed } }
    return last.request
  }
}

/** The app's secrets, and in place of those that belong to a hook the hook's own. One that is the app's has the app's first. */
function secretsOf({ definition }: World, app: SimulatedApp, hook: Hook | null): Record<string, string> {
  const secrets: Record<string, string> = {}
  const ofApp = hook?.company === null ? signingSecrets(definition, 'app')[0] : undefined
  for (const scheme of definition.webhook.verify) {
    const key = secretKey(scheme)
    if (!key) continue
    const isOwn = key.secret === ofApp || (key.of !== undefined && key.of !== 'app')
    const own = hook && isOwn ? hook.secret : null
    const value = own ?? (key.of === 'activation' ? undefined : app.secrets[key.secret])
    if (value !== undefined) secrets[key.secret] = value
  }
  return secrets
}

/** The key of the one scheme that needs a private one: the simulator has them all. */
function privateKeyOf(
  { definition, keys, randomBytes }: World,
  app: SimulatedApp,
  forged: boolean,
): { privateKey?: KeyObject; keyId?: string } {
  for (const scheme of definition.webhook.verify) {
    if (scheme.scheme === 'ed25519') {
      const seed = forged ? Buffer.from(randomBytes(16)).toString('hex') : app.clientId
      return { privateKey: ed25519Of(seed).privateKey }
    }
    if (scheme.scheme === 'jwt' && 'jwks' in scheme.key) {
      const { privateKey, kid } = keys.rsa()
      return { privateKey: forged ? keys.otherRsa().privateKey : privateKey, keyId: kid }
    }
  }
  return {}
}

function slotsOf({ clientId, settings }: SimulatedApp, callback: string): Slots {
  const named = Object.entries(settings).map(([name, value]) => [`setting.${name}`, value])
  return { ...Object.fromEntries(named), clientId, callback }
}

function forgedSecret({ definition, randomBytes }: World, name: string): string {
  return makeSecret(definition, name, Buffer.from(randomBytes(8)).toString('hex'), randomBytes)
}

/** A URL with a key that nobody has given out, in place of the one at its end. */
function otherKey({ randomBytes }: World, url: string): string {
  return url.replace(/[^/]*$/, Buffer.from(randomBytes(32)).toString('base64url'))
}
