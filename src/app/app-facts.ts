import { needsPublicRedirect, redirectUri } from '../connect/redirect.ts'
import type { Environment, ProviderDefinition, SecretName } from '../core/definition.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Listener } from '../store/listener-ops.ts'
import { callbackUrl } from './announce.ts'
import { type App, envName } from './app.ts'
import { secretNames } from './app-draft.ts'
import { callbackSetting } from './app-settings.ts'

/** An app as lists, set-up and checks show it. Never a secret's value. */
export interface AppFacts {
  name: string
  definition: ProviderDefinition
  stored: StoredApp
  clientId: string | null
  secrets: SecretFacts[]
  settings: Record<string, string>
  /** Where deliveries reach the running listener; null where nobody listens. */
  callback: string | null
  /** Where consents come back; null where that needs a public URL that is not open, or a port that is not known. */
  redirect: string | null
  tenants: number
}
export interface SecretFacts {
  name: SecretName
  /** The provider's own word. */
  label: string
  /** The app works without it. */
  isOptional: boolean
  /** The valid ones, newest first; none where it is not set. */
  keys: { fingerprint: string; createdAt: number | null; validUntil: number | null }[]
  /** The environment variable that wins over what is stored, where it is set. */
  variable: string | null
}

/** What is known of an app. `port` is where the public door will be if nobody listens; 0 is unknown. */
export async function appFacts(
  app: App,
  stored: StoredApp,
  { listener, port }: { listener: Listener | null; port: number },
): Promise<AppFacts> {
  const definition = app.definitionOf(stored.provider)
  const tenants = await app.store().read('listTenants')
  const settings = app.settingsOf(stored)
  const addresses = addressesNow(definition, stored, { listener, port })
  return {
    name: stored.name,
    definition,
    stored,
    clientId: app.clientIdOf(stored),
    secrets: await Promise.all(secretNames(definition).map(name => secretFacts(app, stored, definition, name))),
    settings,
    ...addresses,
    callback: addresses.callback && (settings[callbackSetting] ?? addresses.callback),
    tenants: tenants.filter(tenant => tenant.accounts.some(account => account.app === stored.name)).length,
  }
}

/** Whether an app has a secret of that name. */
export function hasSecret({ secrets }: AppFacts, name: SecretName): boolean {
  return secrets.some(one => one.name === name && one.keys.length > 0)
}

async function secretFacts(
  app: App,
  stored: StoredApp,
  definition: ProviderDefinition,
  name: SecretName,
): Promise<SecretFacts> {
  const label = definition.secrets[name]?.label ?? name
  const isOptional = definition.secrets[name]?.optional === true
  const variable = envName(stored.name, `${name}_SECRET`)
  if (app.surroundings.env[variable]) {
    const valid = await app.secretsOf(stored, name)
    const keys = valid.map(({ fingerprint }) => ({ fingerprint, createdAt: null, validUntil: null }))
    return { name, label, isOptional, keys, variable }
  }
  const keys = stored.secrets.filter(secret => secret.name === name)
  return { name, label, isOptional, keys, variable: null }
}

/** Where an app's deliveries and consents reach us, also for one that is not stored yet. */
export function addressesNow(
  definition: ProviderDefinition,
  app: { name: string; env: Environment },
  { listener, port }: { listener: Listener | null; port: number },
): Pick<AppFacts, 'callback' | 'redirect'> {
  const callback = listener ? callbackUrl(listener.publicUrl, app.name) : null
  const publicUrl = listener?.publicUrl.startsWith('https:') ? listener.publicUrl : null
  const door = listener?.port ?? port
  const isUnknown = needsPublicRedirect(definition, app.env) ? publicUrl === null : door === 0
  return { callback, redirect: isUnknown ? null : redirectUri(definition, app, { port: door, publicUrl }) }
}
