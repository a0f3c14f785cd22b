import { isAppName } from '../core/account.ts'
import { appHosts } from '../core/app-hosts.ts'
import type { Environment, Hosts, ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { didYouMean } from '../core/text.ts'
import { providerOf } from '../providers/index.ts'
import { simulatorHosts } from '../simulate/hosts.ts'
import { type App, envName } from './app.ts'

export type Secrets = Partial<Record<SecretName, string>>

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
 * (`WHS_<APP>_CLIENT_ID`, `…_<NAME>_SECRET`); secrets that flags give are added by the caller.
 * @throws WhsError `unknown-provider` (exit 5); `bad-app-name`, `app-exists`, `no-environment`, `bad-host-role`,
 * `bad-host`, `bad-setting` (exit 2)
 */
export async function draftApp(app: App, wish: AppWish): Promise<AppDraft> {
  const definition = app.definitionOf(wish.provider)
  const name = wish.name ?? definition.id
  checkName(name, definition)
  if (await app.store().read('findApp', { name })) throw appExists(name)
  const env = wish.env ?? (definition.hosts.sandbox ? 'sandbox' : 'production')
  const { hosts, settings } = placesOf(definition, { name, env }, wish)
  const fromEnv = app.surroundings.env
  const secrets: Secrets = {}
  for (const secret of secretNames(definition)) {
    const value = fromEnv[envName(name, `${secret}_SECRET`)]
    if (value) secrets[secret] = value
  }
  const clientId = wish.clientId ?? (fromEnv[envName(name, 'CLIENT_ID')] || null)
  return { definition, name, env, clientId, secrets, hosts, settings }
}

/** The secrets that a definition names, in its order. */
export function secretNames(definition: ProviderDefinition): SecretName[] {
  return Object.keys(definition.secrets) as SecretName[]
}

/** Something that a person must still give, and all the ways to give it. */
export interface Missing {
  name: 'client-id' | SecretName
  label: string
  where: string
  flag: string
  variable: string
}

/** What an app still lacks. A simulator gives it by itself; a secret that the portal shows later is not asked for. */
export function missingOf(draft: AppDraft): Missing[] {
  const { definition, name, env, clientId, secrets } = draft
  if (env === 'simulator') return []
  const missing: Missing[] = []
  if (clientId === null) {
    const variable = envName(name, 'CLIENT_ID')
    missing.push({ name: 'client-id', ...definition.portal.clientId, flag: '--client-id <id>', variable })
  }
  for (const secret of secretNames(definition)) {
    const { later, label, where } = definition.secrets[secret]
    if (later || secrets[secret]) continue
    const variable = envName(name, `${secret}_SECRET`)
    missing.push({ name: secret, label, where, flag: secretFlag(secret), variable })
  }
  return missing
}

/** The flag that reads a secret from stdin. */
function secretFlag(name: SecretName): string {
  return `--${name}-secret -`
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
  const { simulator, ...hosts } = pairs(typed.hosts, known, definition, '--host', 'role')
  const settings = pairs(typed.settings, [], definition, '--set', 'setting')
  if (app.env !== 'simulator') {
    appHosts(definition, { ...app, hosts })
    return { hosts, settings }
  }
  const base = (simulator ?? defaultSimulator).replace(/\/+$/, '')
  const simulated = { ...simulatorHosts(base, definition), ...hosts }
  return { hosts: appHosts(definition, { ...app, hosts: simulated }), settings: { ...settings, simulator: base } }
}

function pairs(
  typed: string[],
  known: string[],
  definition: ProviderDefinition,
  flag: string,
  noun: string,
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const text of typed) {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    if (at > 0 && known.includes(name)) {
      found[name] = text.slice(at + 1)
      continue
    }
    const near = didYouMean(name, known)
    const why = known.length > 0 ? `known: ${known.join(', ')}` : `its apps need none`
    throw new WhsError({
      code: noun === 'role' ? 'bad-host-role' : 'bad-setting',
      exit: exits.usage,
      what: `${definition.name} has no ${noun} "${name}"`,
      why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : why,
      next: known.length > 0 ? `${flag} ${near[0] ?? known[0]}=<value>` : `leave out ${flag}`,
    })
  }
  return found
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
