import type { App } from './app.ts'
import { secretsOfApp } from './export-delivery.ts'

/**
 * Every secret of every app, to cover them wherever somebody else's text may hold one: a handler's error page may print
 * the environment of all of them. Read again when the configuration changed.
 */
export function knownSecrets(app: App): () => Promise<string[]> {
  let version = -1
  let known: Promise<string[]> | undefined
  return () => {
    const now = app.store().configVersion()
    if (now !== version || !known) {
      version = now
      known = read(app)
      known.catch(() => {
        known = undefined
      })
    }
    return known
  }
}

async function read(app: App): Promise<string[]> {
  const secrets = new Set<string>()
  for (const stored of await app.store().read('listApps')) {
    for (const secret of await secretsOfApp(app, stored)) secrets.add(secret)
  }
  return [...secrets]
}
