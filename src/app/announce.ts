import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { callbackSetting } from './app-settings.ts'
import type { Moved, ReadyFact } from './facts.ts'
import { lastThrough } from './last-through.ts'
import { accountFor, addHookAtSimulator, tellSimulator } from './simulator-portal.ts'

/** What a person (or the simulator's portal) must know of today's callback URLs. */
export interface Announcement {
  callbacks: Record<string, string>
  moved: Moved[]
  apps: ReadyFact['apps']
}

/** The callback URL of an app under a public URL. */
export function callbackUrl(publicUrl: string, app: string): string {
  return `${publicUrl}/hooks/${app}`
}

/**
 * Compares today's callback URLs with those that were last said, and remembers today's: of each app, and of each hook that
 * was made by hand. A simulator's portal is told by a call; at a real provider a person must paste, and is told what into
 * which field, also where it was said before and what came last shows that it was not done.
 */
export async function announceCallbacks(app: App, publicUrl: string): Promise<Announcement> {
  const store = app.store()
  const callbacks: Record<string, string> = {}
  const moved: Moved[] = []
  const apps: ReadyFact['apps'] = []
  const tenants = await store.read('listTenants')
  for (const one of await store.read('listApps')) {
    const url = app.settingsOf(one)[callbackSetting] ?? callbackUrl(publicUrl, one.name)
    callbacks[one.name] = url
    const count = tenants.filter(tenant => tenant.accounts.some(account => account.app === one.name)).length
    apps.push({ name: one.name, provider: one.provider, env: one.env, tenants: count })
    if (one.env !== 'simulator' && !url.startsWith('https:')) continue
    moved.push(...(await announceHooks(app, one, url)))
    if (one.env === 'simulator') await tellSimulator(app, one, { callbackUrl: url })
    else if (await isPasted(app, one)) {
      const from = one.announcedUrl === url ? await driftedFrom(app, one, url) : one.announcedUrl
      if (from !== url) moved.push({ ...fieldOf(app, one), tenant: null, from, to: url })
    }
    if (one.announcedUrl !== url) await store.write('announceUrl', { app: one.name, url })
  }
  return { callbacks, moved, apps }
}

/**
 * Where the provider sends although the URL of today was said before: what verified last came through another address. Where
 * a proxy of the builder's stands between, nobody can tell.
 */
async function driftedFrom(app: App, stored: StoredApp, url: string): Promise<string> {
  const last = app.settingsOf(stored)[callbackSetting] === undefined ? await lastThrough(app, stored) : null
  return last === null || last.host === new URL(url).host ? url : callbackUrl(`https://${last.host}`, stored.name)
}

/** Whether a person pastes the one URL of all tenants, and no API sets it. */
async function isPasted(app: App, { name, provider }: StoredApp): Promise<boolean> {
  if (app.definitionOf(provider).activation.per !== 'app') return false
  const hooks = await app.store().read('listActivations', { app: name })
  return !hooks.some(({ tenant, madeBy, state }) => tenant === null && madeBy === 'api' && state === 'active')
}

function fieldOf(app: App, { name, provider }: StoredApp): Pick<Moved, 'app' | 'field' | 'where'> {
  const { label, where } = app.definitionOf(provider).portal.callbackUrl
  return { app: name, field: label, where }
}

/** Hooks whose URL is not today's. One that has a key keeps it, which nobody but its maker knows. */
async function announceHooks(app: App, stored: StoredApp, url: string): Promise<Moved[]> {
  const moved: Moved[] = []
  const keys = stored.env === 'simulator' ? await app.keysOf(stored) : []
  for (const hook of await app.store().read('listActivations', { app: stored.name })) {
    const { id, seq, tenant, keyed, state, providerId, resource, madeBy } = hook
    // What an API made is moved by it.
    if (state === 'gone' || tenant === null || madeBy === 'api') continue
    if (stored.env === 'simulator' && !keyed && providerId !== null) {
      const account = await accountFor(app, stored, tenant)
      const secret = keys.find(({ activation }) => activation?.id === seq)?.value ?? null
      // A simulator that was started anew, or does not run, is no fault.
      await addHookAtSimulator(app, stored, { url, account, id: providerId, secret, resource }).catch(() => undefined)
    }
    if (hook.url === url) continue
    if (stored.env !== 'simulator' || keyed) {
      moved.push({ ...fieldOf(app, stored), tenant, from: hook.url, to: keyed ? `${url}/<its key>` : url })
    }
    await app.store().write('changeActivation', { id, url })
  }
  return moved
}
