import type { Environment, Hosts, ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { fingerprint } from '../core/sign.ts'
import { didYouMean } from '../core/text.ts'
import { type HttpCall, makeHttpCall } from '../net/call.ts'
import { providerOf, providers } from '../providers/index.ts'
import type { ReceivingApp } from '../receive/receiver.ts'
import type { ClearSecret, App as StoredApp } from '../store/app-ops.ts'
import { openStore, type Store } from '../store/store.ts'

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
}

/** The composition root: parts in the order of their dependence, each made when it is first asked for. */
export interface App {
  surroundings: Surroundings
  now(): number
  /** @throws WhsError exit 2 where the data directory, database or key cannot be used */
  store(): Store
  http: HttpCall
  /** @throws WhsError `unknown-provider` (exit 5) */
  definitionOf(provider: string): ProviderDefinition
  /** The valid secrets of an app, newest first; one in the environment wins over all that are stored. */
  secretsOf(app: { id: number; name: string }, name: SecretName): Promise<ClearSecret[]>
  clientIdOf(app: StoredApp): string | null
  /** An app as deliveries need it. @throws WhsError for an unknown provider or a secret that cannot be opened */
  receivingApp(app: StoredApp): Promise<ReceivingApp>
  /** Every app by name; what is wrong with one takes no other down. */
  receivingApps(): Promise<Map<string, ReceivingApp | Error>>
  /** The app of that name, or the one app of that provider. @throws WhsError `no-app` (3), `which-app` (2), `unknown-provider` (5) */
  findApp(name: string, env?: string): Promise<StoredApp>
  close(): Promise<void>
}

/** An app with the settings that its hosts come from. */
export interface HostedApp {
  env: Environment
  hosts: Hosts
}

export function makeApp(surroundings: Surroundings): App {
  const { env, now } = surroundings
  let opened: Store | undefined
  const store = (): Store => {
    opened ??= openStore({ home: surroundings.home, now })
    return opened
  }
  const proxy = env.HTTPS_PROXY ?? env.https_proxy

  async function secretsOf(app: { id: number; name: string }, name: SecretName): Promise<ClearSecret[]> {
    const value = env[envName(app.name, `${name}_SECRET`)]
    if (value) return [{ id: 0, value, fingerprint: fingerprint(value), createdAt: 0 }]
    return store().read('readSecrets', { appId: app.id, name })
  }

  async function receivingApp(app: StoredApp): Promise<ReceivingApp> {
    const definition = definitionOf(app.provider)
    const secrets = await secretsOf(app, definition.webhook.verify.secret)
    return { id: app.id, name: app.name, definition, secrets }
  }

  async function receivingApps(): Promise<Map<string, ReceivingApp | Error>> {
    const found = new Map<string, ReceivingApp | Error>()
    for (const app of await store().read('listApps')) {
      found.set(app.name, await receivingApp(app).catch((error: Error) => error))
    }
    return found
  }

  async function findApp(name: string, wantedEnv?: string): Promise<StoredApp> {
    const apps = await store().read('listApps')
    const exact = apps.find(app => app.name === name && (!wantedEnv || app.env === wantedEnv))
    if (exact) return exact
    const ofProvider = apps.filter(app => app.provider === name && (!wantedEnv || app.env === wantedEnv))
    if (ofProvider.length === 1) return ofProvider[0] as StoredApp
    if (ofProvider.length > 1) throw whichApp(name, ofProvider)
    throw noApp(name, apps)
  }

  return {
    surroundings,
    now,
    store,
    http: makeHttpCall(proxy ? { proxy } : {}),
    definitionOf,
    secretsOf,
    clientIdOf: app => env[envName(app.name, 'CLIENT_ID')] ?? app.clientId,
    receivingApp,
    receivingApps,
    findApp,
    close: async () => opened?.close(),
  }
}

/** `quickbooks`, `CLIENT_ID` → `WHS_QUICKBOOKS_CLIENT_ID`. */
export function envName(app: string, name: string): string {
  return `WHS_${app}_${name}`.toUpperCase().replaceAll('-', '_')
}

function definitionOf(provider: string): ProviderDefinition {
  const definition = providerOf(provider)
  if (definition) return definition
  const near = didYouMean(
    provider,
    providers.map(({ id }) => id),
  )
  throw new WhsError({
    code: 'unknown-provider',
    exit: exits.unknown,
    what: `there is no provider ${provider}`,
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

function noApp(name: string, apps: StoredApp[]): WhsError {
  const isProvider = providerOf(name) !== undefined
  if (!isProvider) {
    const near = didYouMean(name, [...apps.map(app => app.name), ...providers.map(({ id }) => id)])
    return new WhsError({
      code: 'unknown-provider',
      exit: exits.unknown,
      what: `there is no app or provider ${name}`,
      why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'no app is set up under that name',
      next: near.length > 0 ? 'whs app list' : 'whs providers',
    })
  }
  return new WhsError({
    code: 'no-app',
    exit: exits.missing,
    what: `${name} is not set up yet`,
    why: 'whs needs the client id and secret of your OAuth App there',
    next: `whs setup ${name}`,
  })
}
