import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { openStore, type Store } from '../../src/store/store.ts'

/** A data directory of its own, removed after the test. */
export function tempHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'whs-home-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return home
}

/** A store on a data directory, closed after the test. With `writer`, writes go through the thread as in a listener. */
export async function tempStore({ home = tempHome(), writer = true, now = Date.now } = {}): Promise<Store> {
  const store = openStore({ home, now })
  onTestFinished(() => store.close())
  if (writer) await store.startWriter()
  return store
}

/** One statement on the file itself, for what no operation of the store tells. */
export function queryFile<T>(home: string, sql: string, ...args: unknown[]): T[] {
  const raw = new Database(join(home, 'whs.db'))
  try {
    const statement = raw.prepare(sql)
    if (statement.reader) return statement.all(...args) as T[]
    statement.run(...args)
    return []
  } finally {
    raw.close()
  }
}
