import { makeApp } from '../../src/app/app.ts'
import { openDoor } from '../../src/net/door.ts'
import { publishedKeys } from '../../src/receive/published-keys.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import { prepareHome } from './home.ts'

/** The receive path of whs alone, on the real door and the real store: verified, split, resolved, synced, answered. */
const home = process.argv[2] as string
await prepareHome(home)
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
const door = await openDoor({ port: 0, routes: [], raw: receiver })
process.send?.({ port: door.port, path: '/hooks/quickbooks' })
