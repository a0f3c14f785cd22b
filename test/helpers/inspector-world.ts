import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, makeApp } from '../../src/app/app.ts'
import { type ListenOptions, listen } from '../../src/app/listen.ts'
import { openInspector } from '../../src/app/open-inspector.ts'
import { parseRule } from '../../src/core/rule.ts'
import { fillForInspector } from './inspector-fill.ts'
import { cloudEvents, deliver, token } from './listening.ts'
import { type Handler, startHandler } from './simulated.ts'

/** A listener over a filled store, with a handler, and the inspector that it serves. */
export interface InspectorWorld {
  home: string
  app: App
  handler: Handler
  /** Of the public door. */
  url: string
  /** Of the inspector, without a path. */
  origin: string
  /** Signs a browser in, once. */
  link(): Promise<string>
  /** A signed delivery through the public door. */
  deliver(accounts?: string[], more?: object): Promise<void>
  close(): Promise<void>
}

export interface WorldOptions {
  /** So many events more than the few hundred, or `null`: none at all. */
  more?: number | null
  /** What the handler answers. */
  answer?: Parameters<typeof startHandler>[0]
  listen?: Partial<ListenOptions>
}

export async function openInspectorWorld(options: WorldOptions = {}): Promise<InspectorWorld> {
  const home = mkdtempSync(join(tmpdir(), 'whs-inspect-'))
  const app = makeApp({ home, env: {}, userHome: home, platform: process.platform, version: '0.0.0', now: Date.now })
  const handler = await startHandler(options.answer)
  const store = app.store()
  await store.startWriter()
  const secrets = { webhook: token, client: 'client-s3cret-of-ours' }
  const stored = await store.write('addApp', {
    name: 'quickbooks',
    provider: 'quickbooks',
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets,
  })
  if (options.more !== null) {
    await fillForInspector({ store, app: stored, target: handler.url, now: Date.now() }, options.more ?? 0)
  }
  const session = await listen(app, { ...listenOptions(handler.url), ...options.listen }, () => undefined)
  const { url, inspector: origin } = session.ready
  let count = 0
  let isClosed = false
  return {
    home,
    app,
    handler,
    url,
    origin,
    link: async () => (await openInspector(app, 0)).url,
    async deliver(accounts = [String((count++ % 5) + 1)], more = {}) {
      const body = cloudEvents(accounts, more)
      const { status } = await deliver(url, body)
      if (status !== 200) throw new Error(`a delivery was answered ${status}`)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await session.stop('the world ends')
      await handler.close()
      await app.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function listenOptions(target: string): ListenOptions {
  return {
    rules: [parseRule(target)],
    filter: {},
    tunnel: { how: 'none' },
    port: 0,
    allowRemote: false,
    allowUnverified: false,
    deliver: 'original',
    handlerTimeoutMs: undefined,
    skipOpen: false,
  }
}
