import type { App } from './app.ts'
import type { Moved, ReadyFact } from './facts.ts'
import { tellSimulator } from './simulator-portal.ts'

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
 * Compares today's callback URLs with those that were last said, and remembers today's. A simulator's portal is told
 * by a call; at a real provider a person must paste, and is told what into which field.
 */
export async function announceCallbacks(app: App, publicUrl: string): Promise<Announcement> {
  const store = app.store()
  const callbacks: Record<string, string> = {}
  const moved: Moved[] = []
  const apps: ReadyFact['apps'] = []
  const tenants = await store.read('listTenants')
  for (const one of await store.read('listApps')) {
    const url = callbackUrl(publicUrl, one.name)
    callbacks[one.name] = url
    const count = tenants.filter(tenant => tenant.accounts.some(account => account.app === one.name)).length
    apps.push({ name: one.name, provider: one.provider, env: one.env, tenants: count })
    if (one.env === 'simulator') await tellSimulator(app, one, { callbackUrl: url })
    else if (one.announcedUrl !== url && publicUrl.startsWith('https:')) {
      const { label, where } = app.definitionOf(one.provider).portal.callbackUrl
      moved.push({ app: one.name, field: label, where, from: one.announcedUrl, to: url })
    } else continue
    await store.write('announceUrl', { app: one.name, url })
  }
  return { callbacks, moved, apps }
}
