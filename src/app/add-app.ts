import { callbackPath } from '../connect/redirect.ts'
import { exits, WhsError } from '../core/errors.ts'
import { recheckRejected } from '../receive/recheck.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { type AppDraft, placesOf, type Secrets } from './app-draft.ts'
import { doorNow } from './door-now.ts'

/**
 * Stores an app. A simulator's is registered at its portal first, which gives client id and secrets; `port` is where the
 * public door will be if nobody listens now.
 * @throws WhsError `no-simulator` (exit 3), `app-exists` (exit 2)
 */
export async function addApp(app: App, draft: AppDraft, port: number): Promise<StoredApp> {
  const { definition, name, env, hosts, settings } = draft
  const base = settings.simulator
  const given = { clientId: draft.clientId, secrets: draft.secrets }
  const { clientId, secrets } = env === 'simulator' && base ? await register(app, draft, base, port) : given
  return app.store().write('addApp', { name, provider: definition.id, env, clientId, hosts, settings, secrets })
}

/** What a person does at a real portal: makes an app and pastes redirect URI and callback URL. */
async function register(
  app: App,
  draft: AppDraft,
  base: string,
  port: number,
): Promise<{ clientId: string; secrets: Secrets }> {
  const { definition, name, clientId, secrets } = draft
  const door = await doorNow(app)
  const body: Record<string, unknown> = {
    redirectUris: [`http://localhost:${door?.port ?? port}${callbackPath(name)}`],
    callbackUrl: door ? callbackUrl(door.publicUrl, name) : null,
  }
  if (secrets.client) body.clientSecret = secrets.client
  if (secrets.webhook) body.webhookSecret = secrets.webhook
  const apps = `${base}/${definition.id}/portal/apps`
  const request = {
    method: clientId ? 'PUT' : 'POST',
    url: clientId ? `${apps}/${encodeURIComponent(clientId)}` : apps,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const answer = await app.http(request).catch(cause => {
    throw noSimulator(base, 'nothing answers there', cause)
  })
  if (answer.status !== 200) throw noSimulator(base, `it answered ${answer.status}`)
  const made = readRegistered(answer.body.toString())
  if (!made) throw noSimulator(base, 'what answers there is no simulator of whs')
  return made
}

function readRegistered(text: string): { clientId: string; secrets: Secrets } | undefined {
  try {
    const { clientId, clientSecret, webhookSecret } = JSON.parse(text) as Record<string, unknown>
    if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || typeof webhookSecret !== 'string') return
    return { clientId, secrets: { client: clientSecret, webhook: webhookSecret } }
  } catch {
    return undefined
  }
}

function noSimulator(base: string, why: string, cause?: unknown): WhsError {
  const what = `the simulator at ${base} cannot be asked for an app`
  const next = 'whs simulate   (in another terminal, then the same command again)'
  return new WhsError({ code: 'no-simulator', exit: exits.missing, what, why, next, cause })
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
  /** Kept deliveries that verify with the new webhook secret, and were taken in; null where it did not change. */
  rechecked: { taken: number; left: number } | null
}

/**
 * Changes what is named. After a new webhook secret the deliveries that were kept for want of it are checked again as of
 * their arrival.
 * @throws WhsError `nothing-to-set`, and those of `placesOf` (exit 2)
 */
export async function setApp(app: App, stored: StoredApp, changes: AppChanges): Promise<ChangedApp> {
  const { clientId, secrets, keepOldMs } = changes
  const definition = app.definitionOf(stored.provider)
  const hasPlaces = changes.hosts.length + changes.settings.length > 0
  if (clientId === undefined && Object.keys(secrets).length === 0 && !hasPlaces) throw nothingToSet(stored.name)
  const places = hasPlaces ? changedPlaces(app, stored, changes) : {}
  const named = clientId === undefined ? {} : { clientId }
  const changed = await app.store().write('setApp', { app: stored.name, ...named, ...places, secrets, keepOldMs })
  if (!secrets[definition.webhook.verify.secret]) return { app: changed, rechecked: null }
  return { app: changed, rechecked: await recheckRejected(app.store(), await app.receivingApp(changed)) }
}

function changedPlaces(app: App, stored: StoredApp, { hosts, settings }: AppChanges): ReturnType<typeof placesOf> {
  const moves = hosts.some(text => text.startsWith('simulator='))
  const before = stored.env === 'simulator' && moves ? {} : stored.hosts
  const kept = Object.entries(before).map(([role, url]) => `${role}=${url}`)
  const simulator = stored.settings.simulator && !moves ? [`simulator=${stored.settings.simulator}`] : []
  const typed = { hosts: [...simulator, ...kept, ...hosts], settings }
  return placesOf(app.definitionOf(stored.provider), { name: stored.name, env: stored.env }, typed)
}

function nothingToSet(name: string): WhsError {
  return new WhsError({
    code: 'nothing-to-set',
    exit: exits.usage,
    what: 'nothing was named that is to change',
    why: 'app set changes what its flags name, and nothing else',
    next: `whs app set ${name} --webhook-secret -`,
  })
}
