import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exits, WhsError } from '../core/errors.ts'
import { isListening } from '../store/listener-lock.ts'

/**
 * Removes the demo's store. It is not opened for that, so that one whose key or database is broken can be reset too.
 * @throws WhsError `listening` (exit 7) while a demo runs
 */
export function resetDemo({ home }: { home: string }): void {
  if (!existsSync(join(home, 'whs.db'))) return
  if (isListening(home)) {
    throw new WhsError({
      code: 'listening',
      exit: exits.held,
      what: 'a demo runs already',
      why: 'its store is in use',
      next: 'end that one first (Ctrl-C in its terminal)',
    })
  }
  for (const file of ['whs.db', 'search.db'].flatMap(db => [db, `${db}-wal`, `${db}-shm`]).concat('key'))
    rmSync(join(home, file), { force: true })
}
