import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { refreshesEnd } from '../connect/refreshes.ts'
import { appHosts } from '../core/app-hosts.ts'
import type { ProviderDefinition, SecretName } from '../core/definition.ts'
import { definitionHash } from '../core/definition-hash.ts'
import { exits, WhsError } from '../core/errors.ts'
import { fingerprint } from '../core/sign.ts'
import { didYouMean, safeText } from '../core/text.ts'
import { type HttpCall, makeHttpCall } from '../net/call.ts'
import { providerOf, providers } from '../providers/index.ts'
import type { ReceivingApp } from '../receive/receiving-app.ts'
import type { ClearSecret, App as StoredApp } from '../store/app-ops.ts'
import type { ClearKey, StoredKeyring } from '../store/key-ops.ts'
import { openStore, type Store } from '../store/store.ts'
import { callbackSetting, settingsOf } from './app-settings.ts'

/** What the world outside gives: everything that cli/ read from the process. */
export interface Surroundings {
  /** The data directory. */
  home: string
  env: Record<string, string | undefined>
  /** The person's own home directory. */
  userHome: string
  platform: NodeJS.Platform
  version: string
  now(): number
  /** A command as it is typed here: `whs replay …` → `npx whs replay …`. Without it as it is. */
  command?(text: string): string
}

/** The composition root: parts in the order of their dependence, each made when it is first asked for. */
export interface App {
  surroundings: Surroundings
  now(): number
  /** @throws WhsError exit 2 where the data directory, database or key cannot be used */
  store(): Store
  http: HttpCall
  /** A definition of whs, else a custom one. @throws WhsError `unknown-provider` (exit 5) */
  definitionOf(provider: string): ProviderDefinition
  /** The custom definitions that were added here; none where there is no store yet. */
  customProviders(): Promise<ProviderDefinition[]>
  /** The valid secrets of an app, newest first; one in the environment wins over all that are stored. */
  secretsOf(app: { id: number; name: string }, name: SecretName): Promise<ClearSecret[]>
  /** Every valid secret of an app, its own and those of its activations, newest first; the environment's win. */
  keysOf(app: Pick<StoredApp, 'id' | 'name' | 'provider'>): Promise<ClearKey[]>
  clientIdOf(app: StoredApp): string | null
  /** The settings of an app: from the environment, else as stored, else the definition's defaults. */
  settingsOf(app: StoredApp): Record<string, string>
  /** An app as deliveries need it. @throws WhsError for an unknown provider or a secret that cannot be opened */
  receivingApp(app: StoredApp): Promise<ReceivingApp>
  /** Every app by name; what is wrong with one takes no other down. */
  receivingApps(): Promise<Map<string, ReceivingApp | Error>>
  /** The app of that name, or the one app of that provider. @throws WhsError `no-app` (3), `which-app` (2), `unknown-provider` (5) */
  findApp(name: string, env?: string): Promise<StoredApp>
  close(): Promise<void>
}

export function makeApp(surroundings: Surroundings): App {
  const { env, now } = surroundings
  let opened: Store | undefined
  const store = (): Store => {
    opened ??= openStore({ home: surroundings.home, now })
    return opened
  }
  const proxy = env.HTTPS_PROXY ?? env.https_proxy
  const ended = new AbortController()

  function definitionOf(provider: string): ProviderDefinition {
    const known = providerOf(provider)
    if (known) return known
    const custom = hasStore() ? store().readNow('findCustomProvider', { id: provider }) : null
    if (custom) return JSON.parse(custom.definition) as ProviderDefinition
    throw unknownProvider(provider, customIds())
  }

  function hasStore(): boolean {
    return opened !== undefined || existsSync(join(surroundings.home, 'whs.db'))
  }

  async function customProviders(): Promise<ProviderDefinition[]> {
    if (!hasStore()) return []
    const stored = await store().read('listCustomProviders')
    return stored.map(({ definition }) => JSON.parse(definition) as ProviderDefinition)
  }

  function customIds(): string[] {
    return hasStore()
      ? store()
          .readNow('listCustomProviders')
          .map(({ id }) => id)
      : []
  }

  async function secretsOf(app: { id: number; name: string }, name: SecretName): Promise<ClearSecret[]> {
    const value = givenSecret(app, name)
    if (value) return [{ id: 0, value, fingerprint: fingerprint(value), createdAt: 0 }]
    return store().read('readSecrets', { appId: app.id, name })
  }

  function clientIdOf(app: StoredApp): string | null {
    return env[envName(app.name, 'CLIENT_ID')] || app.clientId
  }

  function settingsNow({ name, provider, settings }: StoredApp): Record<string, string> {
    return settingsOf(definitionOf(provider), settings, setting => env[envName(name, setting)])
  }

  async function keyringOf(app: Pick<StoredApp, 'id' | 'name' | 'provider'>): Promise<StoredKeyring> {
    const names = Object.keys(definitionOf(app.provider).secrets)
    // A secret of the environment has no number in the store; these are nobody else's.
    const given = names.flatMap((name, index): ClearKey[] => {
      const value = givenSecret(app, name)
      const key = { id: -10 - index, name, createdAt: 0, activation: null }
      return value ? [{ ...key, value, fingerprint: fingerprint(value) }] : []
    })
    const stored = await store().read('readKeyring', { appId: app.id })
    const isGiven = ({ name, activation }: Pick<ClearKey, 'name' | 'activation'>): boolean =>
      activation === null && given.some(key => key.name === name)
    const keys = [...given, ...stored.keys.filter(key => !isGiven(key))]
    return { keys, unreadable: stored.unreadable.filter(key => !isGiven(key)) }
  }

  function givenSecret({ name: app }: { name: string }, name: SecretName): string | undefined {
    return env[envName(app, `${name}_SECRET`)]
  }

  async function receivingApp(app: StoredApp): Promise<ReceivingApp> {
    const { id, name, provider } = app
    const definition = definitionOf(provider)
    checkPin(app, definition)
    const settings = settingsNow(app)
    const stated = await store().read('activationUrls', { appId: id })
    const urls = [settings[callbackSetting], ...stated].filter(url => typeof url === 'string')
    const slots: Record<string, string> = { clientId: clientIdOf(app) ?? '' }
    for (const [setting, value] of Object.entries(settings)) slots[`setting.${setting}`] = value
    const { keys: secrets, unreadable } = await keyringOf(app)
    return { id, name, definition, secrets, unreadable, urls, slots, hosts: appHosts(definition, app) }
  }

  async function receivingApps(): Promise<Map<string, ReceivingApp | Error>> {
    const found = new Map<string, ReceivingApp | Error>()
    for (const app of await store().read('listApps')) {
      found.set(app.name, await receivingApp(app).catch((error: Error) => error))
    }
    return found
  }

  function pinned(app: StoredApp): StoredApp {
    if (app.definitionHash !== null) checkPin(app, definitionOf(app.provider))
    return app
  }

  async function findApp(name: string, wantedEnv?: string): Promise<StoredApp> {
    const apps = await store().read('listApps')
    const exact = apps.find(app => app.name === name && (!wantedEnv || app.env === wantedEnv))
    if (exact) return pinned(exact)
    const ofProvider = apps.filter(app => app.provider === name && (!wantedEnv || app.env === wantedEnv))
    if (ofProvider.length === 1) return pinned(ofProvider[0] as StoredApp)
    if (ofProvider.length > 1) throw whichApp(name, ofProvider)
    throw noApp(name, wantedEnv, { apps, custom: customIds() })
  }

  return {
    surroundings,
    now,
    store,
    http: makeHttpCall({ signal: ended.signal, ...(proxy ? { proxy } : {}) }),
    definitionOf,
    customProviders,
    secretsOf,
    keysOf: async app => (await keyringOf(app)).keys,
    clientIdOf,
    settingsOf: settingsNow,
    receivingApp,
    receivingApps,
    findApp,
    async close() {
      await refreshesEnd(opened)
      // A provider that does not answer would keep the process alive.
      ended.abort()
      await opened?.close()
    },
  }
}

/** `my-crm`, `signingKey_SECRET` → `WHS_MY_CRM_SIGNING_KEY_SECRET`. */
export function envName(app: string, name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
  return `WHS_${app}_${words}`.toUpperCase().replaceAll('-', '_')
}

/** An app of a custom provider works with the definition that it was made with alone. @throws WhsError `definition-changed` */
function checkPin({ name, definitionHash: hash }: StoredApp, definition: ProviderDefinition): void {
  if (hash === null || hash === definitionHash(definition)) return
  throw new WhsError({
    code: 'definition-changed',
    exit: exits.usage,
    what: `the definition of ${definition.id} is not the one that ${name} was made with`,
    why: 'a changed one may send tokens elsewhere, so a person must agree to it',
    next: 'whs providers add <its file>',
  })
}

function unknownProvider(provider: string, custom: string[]): WhsError {
  const near = didYouMean(provider, [...providers.map(({ id }) => id), ...custom])
  return new WhsError({
    code: 'unknown-provider',
    exit: exits.unknown,
    what: `there is no provider ${safeText(provider)}`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'whs has no definition of that name',
    next: 'whs providers',
  })
}

function whichApp(name: string, apps: StoredApp[]): WhsError {
  return new WhsError({
    code: 'which-app',
    exit: exits.usage,
    what: `${name} has several apps`,
    why: apps.map(app => `${app.name} (${app.env})`).join(', '),
    next: `name one of them instead: ${apps[0]?.name}`,
  })
}

function noApp(
  name: string,
  env: string | undefined,
  { apps, custom }: { apps: StoredApp[]; custom: string[] },
): WhsError {
  if (providerOf(name) === undefined && !custom.includes(name)) {
    const near = didYouMean(name, [...apps.map(app => app.name), ...providers.map(({ id }) => id), ...custom])
    return new WhsError({
      code: 'unknown-provider',
      exit: exits.unknown,
      what: `there is no app or provider ${safeText(name)}`,
      why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'no app is set up under that name',
      next: near.length > 0 ? 'whs app list' : 'whs providers',
    })
  }
  return new WhsError({
    code: 'no-app',
    exit: exits.missing,
    what: `${name} is not set up${env ? ` for ${env}` : ''} yet`,
    why: 'whs needs the client id and secret of your OAuth App there',
    next: `whs setup ${name}${env ? ` --env ${env}` : ''}`,
  })
}
