import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/**
 * The right to listen on a store: an exclusive transaction on a second SQLite file, held for life. The system frees it
 * on any death, which a pid file would not.
 */
export interface ListenerLock {
  release(): void
}

/** Takes the lock, or null where another process holds it. */
export function takeListenerLock(home: string): ListenerLock | null {
  const lock = openLock(home, patientMs)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) return null
    throw error
  }
  return {
    release() {
      if (lock.open && lock.inTransaction) lock.exec('ROLLBACK')
      lock.close()
    },
  }
}

/**
 * Whether a listener lives on this store. It only reads, so that it can never stand in the way of one that starts, and it
 * never waits: whoever keeps it from reading is a listener, or about to be one.
 */
export function isListening(home: string): boolean {
  const lock = openLock(home, 0)
  try {
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    lock.close()
  }
}

/** Whoever takes it waits a moment, since another process may be looking right now. */
const patientMs = 200

function openLock(home: string, timeout: number): Database.Database {
  const file = join(home, 'listener.lock')
  const lock = new Database(file, { timeout })
  if (process.platform !== 'win32') chmodSync(file, 0o600)
  return lock
}

function isBusy(error: unknown): boolean {
  return (error as { code?: string }).code?.startsWith('SQLITE_BUSY') === true
}
