import { callbackPath } from '../connect/redirect.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { definitionHash as hashOf } from '../core/definition-hash.ts'
import { exits, WhsError } from '../core/errors.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { providerOf } from '../providers/index.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { type AppDraft, placesOf, type Secrets, secretNames } from './app-draft.ts'
import { doorNow } from './door-now.ts'
import { type Rechecked, recheckKept } from './recheck-kept.ts'
import { type Registered, registerAtSimulator } from './simulator-portal.ts'

/**
 * Stores an app. A simulator's is registered at its portal first, which gives client id, secrets and settings; `port` is
 * where the public door will be if nobody listens now. One of a custom provider is pinned to its definition.
 * @throws WhsError `no-simulator` (exit 3), `app-exists` (exit 2)
 */
export async function addApp(app: App, draft: AppDraft, port: number): Promise<StoredApp> {
  const { definition, name, env, hosts } = draft
  const base = draft.settings.simulator
  const given = { clientId: draft.clientId, secrets: draft.secrets, settings: draft.settings }
  const { clientId, secrets, settings } = env === 'simulator' && base ? await register(app, draft, base, port) : given
  const definitionHash = providerOf(definition.id) ? null : hashOf(definition)
  const stored = { name, provider: definition.id, env, clientId, hosts, settings, secrets, definitionHash }
  return app.store().write('addApp', stored)
}

/** What a person does at a real portal: makes an app and pastes redirect URI and callback URL. */
async function register(app: App, draft: AppDraft, base: string, port: number): Promise<Registered> {
  const { definition, name, clientId, secrets } = draft
  const door = await doorNow(app)
  const { simulator: _, callback, ...settings } = draft.settings
  const wish = {
    redirectUris: [`http://localhost:${door?.port ?? port}${callbackPath(name)}`],
    callbackUrl: callback || (door ? callbackUrl(door.publicUrl, name) : null),
    secrets,
    settings,
  }
  const made = await registerAtSimulator(app, { base, provider: definition.id, clientId }, wish)
  const own = new Set(secretNames(definition))
  return {
    clientId: made.clientId,
    secrets: Object.fromEntries(Object.entries(made.secrets).filter(([secret]) => own.has(secret))),
    settings: { ...made.settings, ...draft.settings },
  }
}

export interface AppChanges {
  clientId?: string
  secrets: Secrets
  /** `name=value` as typed. */
  hosts: string[]
  settings: string[]
  keepOldMs: number
}

export interface ChangedApp {
  app: StoredApp
  /** Kept deliveries that verify with the new secret, and were taken in; null where it did not change. */
  rechecked: Rechecked | null
}

/**
 * Changes what is named. After a new secret that proves deliveries, those that were kept for want of it are checked again as of
 * their arrival.
 * @throws WhsError `nothing-to-set`, and those of `placesOf` (exit 2)
 */
export async function setApp(app: App, stored: StoredApp, changes: AppChanges): Promise<ChangedApp> {
  const { clientId, secrets, keepOldMs } = changes
  const definition = app.definitionOf(stored.provider)
  const hasPlaces = changes.hosts.length + changes.settings.length > 0
  if (clientId === undefined && Object.keys(secrets).length === 0 && !hasPlaces) {
    throw nothingToSet(stored.name, definition)
  }
  const places = hasPlaces ? changedPlaces(app, stored, changes) : {}
  const named = clientId === undefined ? {} : { clientId }
  const changed = await app.store().write('setApp', { app: stored.name, ...named, ...places, secrets, keepOldMs })
  const proving = signingSecrets(definition, 'app')
  if (!proving.some(name => secrets[name])) return { app: changed, rechecked: null }
  return { app: changed, rechecked: await recheckKept(app, changed) }
}

function changedPlaces(app: App, stored: StoredApp, { hosts, settings }: AppChanges): ReturnType<typeof placesOf> {
  const moves = hosts.some(text => text.startsWith('simulator='))
  const before = stored.env === 'simulator' && moves ? {} : stored.hosts
  const kept = Object.entries(before).map(([role, url]) => `${role}=${url}`)
  const simulator = stored.settings.simulator && !moves ? [`simulator=${stored.settings.simulator}`] : []
  const typed = { hosts: [...simulator, ...kept, ...hosts], settings }
  return placesOf(app.definitionOf(stored.provider), { name: stored.name, env: stored.env }, typed)
}

function nothingToSet(name: string, definition: ProviderDefinition): WhsError {
  const [secret = 'client'] = signingSecrets(definition, 'app')
  return new WhsError({
    code: 'nothing-to-set',
    exit: exits.usage,
    what: 'nothing was named that is to change',
    why: 'app set changes what its flags name, and nothing else',
    next: `whs app set ${name} ${secretFlag(secret)}`,
  })
}
