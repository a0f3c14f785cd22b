import { onTestFinished } from 'vitest'
import { type App, makeApp } from '../../src/app/app.ts'
import { type ListenOptions, listen, type Session } from '../../src/app/listen.ts'

/** An app on a data directory, closed after the test. */
export function appHere(home: string, env: Record<string, string | undefined> = {}, now = Date.now): App {
  const platform = process.platform
  const app = makeApp({ home, env, userHome: home, platform, version: '0.0.0', now })
  onTestFinished(() => app.close())
  return app
}

/** A free port, no tunnel, nowhere to forward to. */
export function listenOptions(): ListenOptions {
  return {
    rules: [],
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

/** A listener in this process on a free port without a tunnel, ended after the test. */
export async function listenHere(home: string, changes: Partial<ListenOptions> = {}): Promise<Session> {
  const session = await listen(appHere(home), { ...listenOptions(), ...changes }, () => undefined)
  onTestFinished(async () => {
    await session.stop('the test is over')
  })
  return session
}
