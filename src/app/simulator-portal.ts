import { exits, WhsError } from '../core/errors.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { type Secrets, secretNames } from './app-draft.ts'

/**
 * Changes an app at the simulator's portal, as a person would paste it at a real one. Does nothing for an app of a real
 * provider; a simulator that is not running is no fault.
 */
export async function tellSimulator(
  app: App,
  stored: StoredApp,
  change: { callbackUrl?: string; redirectUris?: string[] },
): Promise<void> {
  const url = portalUrl(stored, `apps/${encodeURIComponent(stored.clientId ?? '')}`)
  if (url === null || !stored.clientId) return
  // A simulator that was started anew has forgotten the app: with these it has the same one again.
  const secrets = await secretsNow(app, stored)
  const { simulator: _, callback: __, ...settings } = app.settingsOf(stored)
  await app
    .http({ ...jsonRequest('PUT', url, { secrets, settings, ...change }), timeoutMs: 2_000 })
    .catch(() => undefined)
}

async function secretsNow(app: App, stored: StoredApp): Promise<Secrets> {
  const secrets: Secrets = {}
  for (const name of secretNames(app.definitionOf(stored.provider))) {
    const [newest] = await app.secretsOf(stored, name)
    if (newest) secrets[name] = newest.value
  }
  return secrets
}

function portalUrl({ env, provider, settings }: StoredApp, path: string): string | null {
  return env === 'simulator' && settings.simulator ? `${settings.simulator}/${provider}/portal/${path}` : null
}

function jsonRequest(method: 'POST' | 'PUT', url: string, body: object) {
  return { method, url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** An app as it is registered at a simulator. */
export interface Registered {
  clientId: string
  secrets: Secrets
  settings: Record<string, string>
}

/**
 * Makes an app at a simulator's portal, or the one of a client id anew; what is not given the simulator makes up.
 * @throws WhsError `no-simulator` (exit 3)
 */
export async function registerAtSimulator(
  app: App,
  { base, provider, clientId }: { base: string; provider: string; clientId: string | null },
  wish: { redirectUris: string[]; callbackUrl: string | null; secrets: Secrets; settings: Record<string, string> },
): Promise<Registered> {
  const apps = `${base}/${provider}/portal/apps`
  const request = clientId
    ? jsonRequest('PUT', `${apps}/${encodeURIComponent(clientId)}`, wish)
    : jsonRequest('POST', apps, wish)
  const answer = await app.http(request).catch(cause => {
    throw noSimulator(base, 'nothing answers there', cause)
  })
  if (answer.status === 404) throw startedBefore(base, provider)
  if (answer.status !== 200) throw noSimulator(base, `it answered ${answer.status}`)
  const made = readRegistered(answer.body.toString())
  if (!made) throw noSimulator(base, 'what answers there is no simulator of whs')
  return made
}

function readRegistered(text: string): Registered | undefined {
  try {
    const { clientId, secrets, settings = {} } = JSON.parse(text) as Partial<Registered>
    if (typeof clientId !== 'string' || typeof secrets !== 'object') return undefined
    return { clientId, secrets, settings }
  } catch {
    return undefined
  }
}

function startedBefore(base: string, provider: string): WhsError {
  const what = `the simulator at ${base} does not play ${provider}`
  const why = 'it knows the providers that were there when it was started'
  const next = 'whs simulate   (end it and start it again, then the same command again)'
  return new WhsError({ code: 'no-simulator', exit: exits.missing, what, why, next })
}

function noSimulator(base: string, why: string, cause?: unknown): WhsError {
  const what = `the simulator at ${base} cannot be asked for an app`
  const next = 'whs simulate   (in another terminal, then the same command again)'
  return new WhsError({ code: 'no-simulator', exit: exits.missing, what, why, next, cause })
}

export interface HookWish {
  url: string
  /** One of the tenant's accounts, or its company's name. */
  account: string
  id: string | null
  secret: string | null
  resource: string | null
}

/** A hook as the simulator made it. */
export interface SimulatedHook {
  id: string
  secret: string | null
}

/** What the simulator knows a tenant by: one of its accounts at the app, else its name. */
export async function accountFor(app: App, stored: StoredApp, name: string): Promise<string> {
  const tenant = await app.store().read('findTenant', { name })
  return tenant?.accounts.find(one => one.app === stored.name)?.value ?? name
}

/** Makes a hook at the simulator's portal, or points the one that has the id at a URL. @throws WhsError `hook-refused` (exit 10), with the simulator's words */
export async function addHookAtSimulator(app: App, stored: StoredApp, wish: HookWish): Promise<SimulatedHook> {
  const url = portalUrl(stored, 'hooks') as string
  const answer = await app
    .http(jsonRequest('POST', url, { clientId: stored.clientId, ...wish }))
    .catch((cause: Error) => {
      throw hookRefused(stored, cause.message)
    })
  const text = answer.body.toString()
  if (answer.status !== 200) throw hookRefused(stored, errorOf(text))
  const { id, secret } = JSON.parse(text) as SimulatedHook
  return { id, secret }
}

/** Removes a hook at the simulator's portal; one that is not running has none. */
export async function removeHookAtSimulator(app: App, stored: StoredApp, id: string): Promise<void> {
  const url = portalUrl(stored, `hooks/${encodeURIComponent(id)}`)
  if (url !== null) await app.http({ method: 'DELETE', url, timeoutMs: 2_000 }).catch(() => undefined)
}

function errorOf(text: string): string {
  try {
    return String((JSON.parse(text) as { error?: unknown }).error)
  } catch {
    return 'it did not say why'
  }
}

function hookRefused({ name, settings }: StoredApp, why: string): WhsError {
  const what = `the simulator at ${settings.simulator} made no hook for ${name}`
  const next = `whs connect ${name} --tenant <id>   (a hook belongs to a tenant that has authorised)`
  return new WhsError({ code: 'hook-refused', exit: exits.api, what, why, next })
}
