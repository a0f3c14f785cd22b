import { Buffer } from 'node:buffer'
import { createHash, type KeyObject } from 'node:crypto'
import { isFormType } from '../core/decode.ts'
import type { Slots } from '../core/fill-text.ts'
import { header } from '../core/headers.ts'
import { type SampleMessage } from '../core/sample.ts'
import { secretKey } from '../core/scheme-text.ts'
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
  const { methods } = world.definition.webhook
  const method = methods.includes('POST') ? 'POST' : (methods[0] as string)
  const secrets = secretsOf(world, app, hook)
  if (forged) for (const name of Object.keys(secrets)) secrets[name] = forgedSecret(world, name)
  const scheme = schemeIndex(world, secrets)
  const restsOnKey = scheme >= 0 && world.definition.webhook.verify[scheme]?.scheme === 'url-key'
  let last: { url: string; at: number; request: Signable } | undefined
  return url => {
    const now = world.now()
    if (last?.url === url && now - last.at < freshMs) return last.request
    const called = withBodyHash(world, scheme, message, forged && restsOnKey ? otherKey(world, url) : url)
    const slots = slotsOf(app, url)
    const options = { now, ...keyOf(world, app, scheme, forged), ...(scheme < 0 ? {} : { scheme }) }
    const request = { method, url: called, ...message }
    const signed = signDelivery(world.definition, request, { secrets, slots, ...options })
    last = { url, at: now, request: { ...request, ...signed } }
    return last.request
  }
}

/** The app's secrets, and in place of those that belong to a hook the hook's own. */
function secretsOf({ definition }: World, app: SimulatedApp, hook: Hook | null): Record<string, string> {
  const secrets: Record<string, string> = {}
  for (const scheme of definition.webhook.verify) {
    const key = secretKey(scheme)
    if (!key) continue
    const own = hook && key.of !== undefined && key.of !== 'app' ? hook.secret : null
    const value = own ?? (key.of === 'activation' ? undefined : app.secrets[key.secret])
    if (value !== undefined) secrets[key.secret] = value
  }
  return secrets
}

/** The first scheme that can be signed with: the simulator has every private key. */
function schemeIndex({ definition, keys }: World, secrets: Record<string, string>): number {
  const { verify } = definition.webhook
  const needsKey = verify.some(scheme => scheme.scheme === 'ed25519' || scheme.scheme === 'jwt')
  const scheme = schemeFor(definition, { secrets, ...(needsKey ? { privateKey: keys.rsa().privateKey } : {}) })
  return scheme === undefined ? -1 : verify.indexOf(scheme)
}

function keyOf(
  { definition, keys, randomBytes }: World,
  app: SimulatedApp,
  index: number,
  forged: boolean,
): { privateKey?: KeyObject; keyId?: string } {
  const scheme = definition.webhook.verify[index]
  if (scheme?.scheme === 'ed25519') {
    const seed = forged ? Buffer.from(randomBytes(16)).toString('hex') : app.clientId
    return { privateKey: ed25519Of(seed).privateKey }
  }
  if (scheme?.scheme !== 'jwt' || !('jwks' in scheme.key)) return {}
  const { privateKey, kid } = keys.rsa()
  return { privateKey: forged ? keys.otherRsa().privateKey : privateKey, keyId: kid }
}

function slotsOf({ clientId, settings }: SimulatedApp, callback: string): Slots {
  const named = Object.entries(settings).map(([name, value]) => [`setting.${name}`, value])
  return { ...Object.fromEntries(named), clientId, callback }
}

function forgedSecret({ definition, randomBytes }: World, name: string): string {
  return makeSecret(definition, name, Buffer.from(randomBytes(8)).toString('hex'), randomBytes)
}

/** The URL with the hash of a body that is no form, where the scheme signs the body by that. */
function withBodyHash({ definition }: World, index: number, { headers, body }: SampleMessage, url: string): string {
  const scheme = definition.webhook.verify[index]
  if (!scheme || !('bodyHash' in scheme) || isFormType(header(headers, 'content-type'))) return url
  const { bodyHash } = scheme
  if (body.length === 0 || typeof bodyHash !== 'object' || !('query' in bodyHash)) return url
  const hash = createHash('sha256').update(body).digest('hex')
  return `${url}${url.includes('?') ? '&' : '?'}${bodyHash.query}=${hash}`
}

/** A URL with a key that nobody has given out, in place of the one at its end. */
function otherKey({ randomBytes }: World, url: string): string {
  return url.replace(/[^/]*$/, Buffer.from(randomBytes(32)).toString('base64url'))
}
