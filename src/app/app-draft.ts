import { isAppName } from '../core/account.ts'
import { appHosts } from '../core/app-hosts.ts'
import { isKeyOnly } from '../core/credentials-definition.ts'
import type { Environment, Hosts, ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { providerOf } from '../providers/index.ts'
import { simulatorHosts } from '../simulate/hosts.ts'
import { type App, envName } from './app.ts'
import { settingFault, settingsOf, typedPairs, typedSettings } from './app-settings.ts'

export type Secrets = Record<SecretName, string>

/** What a person says of a new app. `hosts` and `settings` are `name=value` as typed. */
export interface AppWish {
  provider: string
  name?: string
  env?: Environment
  clientId?: string
  hosts: string[]
  settings: string[]
}

/** An app that is checked and may still lack what must be asked for. */
export interface AppDraft {
  definition: ProviderDefinition
  name: string
  env: Environment
  clientId: string | null
  secrets: Secrets
  hosts: Hosts
  settings: Record<string, string>
}

const defaultSimulator = 'http://127.0.0.1:4480'

/**
 * Checks what a person wishes, before anything is asked or stored. What is not said is taken from the environment
 * (`WHS_<APP>_CLIENT_ID`, `…_<SETTING>`, `…_<NAME>_SECRET`) and, for settings, from the definition; secrets that flags
 * give are added by the caller.
 * @throws WhsError `unknown-provider` (exit 5); `bad-app-name`, `app-exists`, `no-environment`, `bad-host-role`,
 * `bad-host`, `bad-setting` (exit 2)
 */
export async function draftApp(app: App, wish: AppWish): Promise<AppDraft> {
  const definition = app.definitionOf(wish.provider)
  const name = wish.name ?? definition.id
  checkName(name, definition)
  if (await app.store().read('findApp', { name })) throw appExists(name)
  const env = wish.env ?? (definition.hosts.sandbox ? 'sandbox' : 'production')
  const places = placesOf(definition, { name, env }, wish)
  const fromEnv = app.surroundings.env
  const variable = (setting: string): string | undefined => fromEnv[envName(name, setting)]
  const settings = settingsOf(definition, places.settings, setting => places.settings[setting] ?? variable(setting))
  checkSettings(definition, settings, name)
  const secrets: Secrets = {}
  for (const secret of secretNames(definition)) {
    const value = fromEnv[envName(name, `${secret}_SECRET`)]
    if (value) secrets[secret] = value
  }
  const clientId = wish.clientId ?? (fromEnv[envName(name, 'CLIENT_ID')] || null)
  return { definition, name, env, clientId, secrets, hosts: places.hosts, settings }
}

/** @throws WhsError `bad-setting` for a value that came from the environment */
function checkSettings(definition: ProviderDefinition, settings: Record<string, string>, app: string): void {
  for (const name of Object.keys(definition.settings ?? {})) {
    const fault = settings[name] === undefined ? undefined : settingFault(definition, name, settings[name])
    if (fault === undefined) continue
    const what = `the setting ${name} of ${app} cannot be used`
    const next = `--set ${name}=<value>   (or ${envName(app, name)})`
    throw new WhsError({ code: 'bad-setting', exit: exits.usage, what, why: fault, next })
  }
}

/** The secrets that an app of a definition may hold, in its order: all but those that activations alone have. */
export function secretNames(definition: ProviderDefinition): SecretName[] {
  const own = signingSecrets(definition, 'app')
  const ofActivations = signingSecrets(definition, 'activation').filter(name => !own.includes(name))
  return Object.keys(definition.secrets).filter(name => !ofActivations.includes(name))
}

/** Something that a person must still give, and all the ways to give it. */
export interface Missing {
  kind: 'client-id' | 'setting' | 'secret'
  name: string
  label: string
  where: string
  flag: string
  variable: string
  /** The app works without it: a person may leave it out, and nobody else is asked. */
  optional: boolean
}

/** What an app still lacks. A simulator gives keys and settings by itself; a secret that the portal shows later is not asked for. */
export function missingOf(draft: AppDraft): Missing[] {
  const { definition, name, env, clientId, secrets, settings } = draft
  if (env === 'simulator') return []
  const missing: Missing[] = []
  const lack = (one: Omit<Missing, 'variable' | 'optional'>, variable: string, optional = false): void => {
    missing.push({ ...one, variable: envName(name, variable), optional })
  }
  if (clientId === null && !isKeyOnly(definition)) {
    const { label, where } = definition.portal.clientId
    lack({ kind: 'client-id', name: 'client-id', label, where, flag: '--client-id <id>' }, 'CLIENT_ID')
  }
  for (const [setting, { label, where, optional }] of Object.entries(definition.settings ?? {})) {
    if (settings[setting] !== undefined) continue
    lack({ kind: 'setting', name: setting, label, where, flag: `--set ${setting}=<value>` }, setting, optional)
  }
  for (const secret of secretNames(definition)) {
    const { later, optional, label, where } = definition.secrets[secret] as ProviderDefinition['secrets'][string]
    if (later || secrets[secret]) continue
    lack({ kind: 'secret', name: secret, label, where, flag: secretFlag(secret) }, `${secret}_SECRET`, optional)
  }
  return missing
}

/**
 * The hosts and settings of an app as typed, checked; for a simulator's app where the simulator is.
 * @throws WhsError `no-environment`, `bad-host-role`, `bad-host`, `bad-setting` (exit 2)
 */
export function placesOf(
  definition: ProviderDefinition,
  app: { name: string; env: Environment },
  typed: { hosts: string[]; settings: string[] },
): { hosts: Hosts; settings: Record<string, string> } {
  const roles = [...new Set(Object.values(definition.hosts).flatMap(hosts => Object.keys(hosts)))]
  const known = app.env === 'simulator' ? ['simulator', ...roles] : roles
  const named = { flag: '--host', noun: 'role', code: 'bad-host-role' }
  const { simulator, ...hosts } = typedPairs(typed.hosts, known, definition, named)
  const settings = typedSettings(definition, typed.settings)
  if (app.env !== 'simulator') {
    appHosts(definition, { ...app, hosts })
    return { hosts, settings }
  }
  const base = (simulator ?? defaultSimulator).replace(/\/+$/, '')
  const simulated = { ...simulatorHosts(base, definition), ...hosts }
  return { hosts: appHosts(definition, { ...app, hosts: simulated }), settings: { ...settings, simulator: base } }
}

function checkName(name: string, definition: ProviderDefinition): void {
  const other = providerOf(name)
  const why = !isAppName(name)
    ? 'an app’s name has small letters, digits and -, and begins with a letter or digit'
    : name === 'whs'
      ? 'its environment variables would be whs’s own'
      : other && other.id !== definition.id
        ? `that is the name of ${other.name}`
        : undefined
  if (why === undefined) return
  const next = `whs app add ${definition.id} --app ${definition.id}-live`
  throw new WhsError({ code: 'bad-app-name', exit: exits.usage, what: `"${name}" cannot be the app’s name`, why, next })
}

function appExists(name: string): WhsError {
  return new WhsError({
    code: 'app-exists',
    exit: exits.usage,
    what: `the app ${name} is there already`,
    why: 'an app is never replaced silently; a second one of the provider takes --app <name>',
    next: `whs app set ${name}`,
  })
}
