import type { ProviderDefinition, SecretName } from '../../core/definition.ts'
import { fillText, type Slots, slotsOf } from '../../core/fill-text.ts'
import { hookSecret } from '../../core/hook-secret.ts'
import { secretKey, signingSecrets } from '../../core/scheme-text.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import { uuidOf } from '../api-call.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { HookPlace } from './hook-place.ts'
import { lifeEnd } from './hook-times.ts'
import { providerIdOf } from './read-made.ts'

/** The secret that proves a hook's deliveries: which, and whether each hook has its own. */
export interface SecretOfHook {
  name: SecretName
  of: 'app' | 'activation'
}

/** Null where no secret of ours proves deliveries. */
export function secretOfHook({ definition, per }: HookPlace): SecretOfHook | null {
  const own = hookSecret(definition)
  if (own !== null && per !== 'app') return { name: own, of: 'activation' }
  const [name] = signingSecrets(definition, 'app')
  return name === undefined ? null : { name, of: 'app' }
}

/** Whether we choose the secret: the call that makes the hook tells it to the provider. */
export function choosesSecret({ api, definition }: HookPlace): boolean {
  const named = slotsOf(JSON.stringify(api.create))
  return definition.activation.secret === 'chosen' && named.some(slot => /^secret(User|Password)?$/.test(slot))
}

/** Whether a call sets the URL; else a person does. */
export function setsUrl({ api }: HookPlace): boolean {
  return slotsOf(JSON.stringify(api.create)).includes('callback')
}

/** A new secret, in the form that its scheme wants. */
export function newSecret({ randomBytes }: ActivationDeps, { webhook }: ProviderDefinition, name: SecretName): string {
  const bytes = Buffer.from(randomBytes(32))
  const scheme = webhook.verify.find(one => secretKey(one)?.secret === name)
  if (scheme?.scheme === 'basic') return `whs:${bytes.toString('base64url')}`
  const as = scheme && secretKey(scheme)?.as
  if (as === 'whsec') return `whsec_${bytes.toString('base64')}`
  return bytes.toString(as === 'base64' || as === 'hex' ? as : 'base64url')
}

/** The id that we choose for a new hook; null where the provider does. */
export function chosenId(deps: ActivationDeps, place: HookPlace, resource: string | null): string | null {
  const { id } = place.api.made
  if (typeof id === 'string' || !('chosen' in id)) return null
  const uuid = uuidOf(deps.randomBytes(16))
  const text = fillText(id.chosen, { ...place.slots, uuid, ...(resource === null ? {} : { resource }) })
  return text === undefined ? null : providerIdOf(place.definition, text)
}

/** What the calls of a stored hook are filled with, besides what its place gives. */
export async function hookSlots(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<Slots> {
  const key = hook.keyed ? await deps.store.read('hookKey', { id: hook.id }) : null
  const secret = await secretValue(deps, place, hook)
  return {
    ...hook.slots,
    ...(hook.keyed && key === null ? {} : { callback: key === null ? callback : `${callback}/${key}` }),
    ...(secret === null ? {} : spread(secret)),
    ...(hook.resource === null ? {} : { resource: hook.resource }),
    ...(hook.providerId === null ? {} : { activation: hook.providerId }),
    ...expirySlots(place.definition, deps.now()),
  }
}

async function secretValue(deps: ActivationDeps, place: HookPlace, hook: StoredActivation): Promise<string | null> {
  const wanted = secretOfHook(place)
  if (wanted === null) return null
  if (wanted.of === 'app') return (await deps.secretsOf(place.app, wanted.name))[0]?.value ?? null
  const keys = await deps.store.read('readKeys', { appId: hook.appId })
  return keys.find(({ activation, name }) => activation?.id === hook.seq && name === wanted.name)?.value ?? null
}

function spread(secret: string): Slots {
  const at = secret.indexOf(':')
  return at < 0 ? { secret } : { secret, secretUser: secret.slice(0, at), secretPassword: secret.slice(at + 1) }
}

function expirySlots(definition: ProviderDefinition, now: number): Slots {
  const ms = lifeEnd(definition, now)
  if (ms === null) return {}
  const [iso, seconds, ttl] = [new Date(ms).toISOString(), Math.floor(ms / 1000), (ms - now) / 1000]
  return { 'expires.iso': iso, 'expires.ms': String(ms), 'expires.s': String(seconds), ttl: String(ttl) }
}
