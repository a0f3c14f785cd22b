import { stat } from 'node:fs/promises'
import { WhsError } from '../core/errors.ts'
import { bytesText } from '../core/text.ts'
import type { App } from './app.ts'
import { type Check, fault, ok, warning } from './check.ts'

/** Data directory, key and database. A database that cannot be opened is a fault of whichever of them is to blame. */
export async function* storeChecks(app: App): AsyncGenerator<Check> {
  const { home } = app.surroundings
  try {
    app.store()
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    const { code, message, why, next } = error
    const name = code.startsWith('key-') ? 'key' : code === 'home-unwritable' ? 'data directory' : 'database'
    yield fault(name, why ? `${message}: ${why}` : message, next ?? 'set WHS_HOME to another directory')
    return
  }
  yield await homeCheck(home, app.surroundings.platform)
  const health = await app.store().read('checkHealth')
  yield ok('key', `key ${health.keyFingerprint}, beside the database`)
  const what = `schema ${health.schema}, ${bytesText(health.bytes)}`
  const [first = 'nothing'] = health.check
  if (first !== 'ok')
    yield fault('database', `${what}; SQLite finds it broken: ${first}`, 'restore a backup of the data directory')
  else if (isOpenToOthers(health.mode, app.surroundings.platform)) {
    yield warning('database', `${what}; others can read ${health.file}`, `chmod 600 ${health.file}`)
  } else yield ok('database', what)
  if (first === 'ok') yield* sealedChecks(app)
}

/** What is stored sealed and opens no more. Only what needs it fails. */
async function* sealedChecks(app: App): AsyncGenerator<Check> {
  const [secrets, tokens] = [await app.store().read('unreadableSecrets'), await app.store().read('unreadableTokens')]
  for (const { what, next } of [...secrets, ...tokens]) {
    yield fault('secret', `${what} cannot be read: it was sealed with another key or was changed`, next)
  }
}

async function homeCheck(home: string, platform: NodeJS.Platform): Promise<Check> {
  const { mode } = await stat(home)
  if (isOpenToOthers(mode, platform))
    return warning('data directory', `others can look into ${home}`, `chmod 700 ${home}`)
  return ok('data directory', home)
}

function isOpenToOthers(mode: number, platform: NodeJS.Platform): boolean {
  return platform !== 'win32' && (mode & 0o077) !== 0
}
