import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { type DeliveryKeys, schemeFor } from '../core/sign-delivery.ts'
import type { TriggerKey } from '../core/trigger-mark.ts'
import { fillUrl } from '../core/url-template.ts'
import type { Scheme } from '../core/webhook-definition.ts'
import type { StoredActivation } from '../store/activation-rows.ts'
import type { App } from '../store/app-ops.ts'
import type { ClearKey } from '../store/key-ops.ts'
import type { TriggerTenant } from './trigger-tenants.ts'

/** What a sample for one tenant is signed with, and what its mark must bring along. */
export interface SampleKeys {
  scheme: Scheme
  keys: Omit<DeliveryKeys, 'now'>
  brings: TriggerKey | null
}

export interface KeySource {
  definition: ProviderDefinition
  app: App
  hosts: Hosts
  keys: ClearKey[]
  activations: StoredActivation[]
  slots: Record<string, string>
}

/**
 * The keys for a tenant's samples: the app's own secrets, those of the tenant's hook before them, and a key of the moment
 * where only the provider could sign. `wrong` gives keys that fit nothing.
 * @throws WhsError `no-secret`, `no-hook` (exit 3)
 */
export function sampleKeys(source: KeySource, tenant: TriggerTenant, wrong: boolean): SampleKeys {
  const { definition, slots } = source
  const hook = hookOf(source, tenant)
  const secrets = secretsFor(source, hook)
  const wanted = schemeFor(definition, { secrets, privateKey: {} as KeyObject })
  const scheme = schemeFor(definition, { secrets }) ?? wanted
  if (!scheme) throw noSecret(source, tenant)
  const index = definition.webhook.verify.indexOf(scheme)
  const common = { secrets: wrong ? falsified(secrets) : secrets, scheme: index, slots }
  const activation = definition.activation.keyed && hook && !wrong ? { activation: hook.seq } : null
  if (scheme.scheme === 'url-key' && !hook) throw noHook(source, tenant)
  if (scheme.scheme === 'ed25519') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const value = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
    const secret = { name: scheme.key.secret, value }
    return { scheme, keys: { ...common, privateKey }, brings: wrong ? null : { secret } }
  }
  if (scheme.scheme === 'jwt' && 'jwks' in scheme.key) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const kid = `trigger-${randomBytes(4).toString('hex')}`
    const jwk = { url: fillUrl(scheme.key.jwks, source.hosts), kid, key: publicKey.export({ format: 'jwk' }) }
    return { scheme, keys: { ...common, privateKey, keyId: kid }, brings: wrong ? null : { jwk } }
  }
  return { scheme, keys: common, brings: activation }
}

/** The tenant's hook, the one that its account names before others. */
function hookOf({ definition, activations }: KeySource, tenant: TriggerTenant): StoredActivation | undefined {
  const own = activations.filter(({ tenant: name, state }) => name === tenant.name && state !== 'gone')
  const named = tenant.accounts[definition.activation.kind ?? '']
  return own.find(({ providerId }) => providerId === named) ?? own[0]
}

function secretsFor({ keys }: KeySource, hook: StoredActivation | undefined): Record<string, string> {
  const secrets: Record<string, string> = {}
  for (const { name, value, activation } of keys) {
    if (activation === null) secrets[name] ??= value
  }
  for (const { name, value, activation } of [...keys].reverse()) {
    if (activation !== null && activation.id === hook?.seq) secrets[name] = value
  }
  return secrets
}

/** Secrets of the same names that are nobody's. */
function falsified(secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(secrets).map(name => [name, randomBytes(24).toString('base64')]))
}

function noSecret(source: KeySource, tenant: TriggerTenant): WhsError {
  const { definition, app } = source
  const keys = definition.webhook.verify.flatMap(scheme =>
    'key' in scheme && 'secret' in scheme.key ? [scheme.key] : [],
  )
  const own = keys.find(({ of = 'app' }) => of !== 'activation')
  if (!own) return noHook(source, tenant)
  const flag =
    own.secret === 'client' || own.secret === 'webhook' ? `--${own.secret}-secret -` : `--secret ${own.secret}=-`
  return new WhsError({
    code: 'no-secret',
    exit: exits.missing,
    what: `${app.name} has no ${definition.secrets[own.secret]?.label ?? own.secret} yet`,
    why: 'a sample is signed with it',
    next: `whs app set ${app.name} ${flag}`,
  })
}

function noHook({ definition, app }: KeySource, { name }: TriggerTenant): WhsError {
  return new WhsError({
    code: 'no-hook',
    exit: exits.missing,
    what: `${name} has no ${definition.activation.noun ?? 'webhook'} at ${app.name} that could send`,
    why: `${definition.name} has one webhook a ${definition.activation.noun ?? 'tenant'}, each with a secret or key of its own`,
    next: `whs activations add ${app.name} --tenant ${name}`,
  })
}
