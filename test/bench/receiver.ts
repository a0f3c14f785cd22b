import { type App, makeApp } from '../../src/app/app.ts'
import type { RawRoutes } from '../../src/net/door.ts'
import { publishedKeys } from '../../src/receive/published-keys.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'

/** The receive path of whs alone, on the real store: verified, split, resolved, synced, answered. */
export async function openReceiver(home: string): Promise<{ app: App; receiver: RawRoutes }> {
  const app = makeApp({ home, env: {}, userHome: home, platform: process.platform, version: '0', now: Date.now })
  const store = app.store()
  await store.startWriter()
  const receiver = makeReceiver({
    store,
    loadApps: app.receivingApps,
    publishedKeys: publishedKeys({ store, http: app.http, now: Date.now }),
    publicUrls: () => [],
    listenerToken: 'bench',
    allowUnverified: false,
    now: Date.now,
    onStray: () => undefined,
    onStored: () => undefined,
    onFault: error => console.error(error),
  })
  return { app, receiver }
}
