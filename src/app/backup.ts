import { exits, WhsError } from '../core/errors.ts'
import { readBackup, writeBackup } from '../store/backup-file.ts'
import type { App } from './app.ts'

/**
 * Seals all of this store into a file. With `retire` this store refuses to listen from then on; that needs that nobody
 * listens, so that nothing comes after the copy.
 * @throws WhsError `listening` (7), `file-exists`, `backup-failed` (2)
 */
export async function backupStore(
  app: App,
  { retire, ...given }: { file: string; passphrase: string; retire: boolean; signal?: AbortSignal },
): Promise<{ bytes: number }> {
  const store = app.store()
  const lock = retire ? store.takeListenerLock() : null
  if (retire && !lock) throw listening()
  try {
    const written = await writeBackup(store.home, { ...given, now: app.now() })
    if (retire) await store.write('retireStore')
    return written
  } finally {
    lock?.release()
  }
}

/** Makes the store of a backup in this data directory, which must be empty. @throws as `readBackup` does */
export async function restoreStore(
  app: App,
  given: { file: string; passphrase: string; signal?: AbortSignal },
): Promise<{ at: number; apps: number; events: number }> {
  const { at } = await readBackup(app.surroundings.home, given)
  const store = app.store()
  const apps = (await store.read('listApps')).length
  return { at, apps, events: await store.read('countEvents', { filter: {} }) }
}

function listening(): WhsError {
  return new WhsError({
    code: 'listening',
    exit: exits.held,
    what: 'a listener runs on this store',
    why: 'what it takes in after the copy would be missing where that is restored',
    next: 'end the listener, then the same again; or leave --retire out',
  })
}
