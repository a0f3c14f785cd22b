import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/store.ts'
import { startChild } from '../helpers/child.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, listen } from '../helpers/store-facts.ts'
import { queryFile, tempHome, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

/** A data directory with an app in it, closed. */
async function usedHome(): Promise<string> {
  const store = await tempStore({ writer: false })
  await addApp(store)
  await store.close()
  return store.home
}

function faultOf(home: string): { code?: string; exit?: number; why?: string; next?: string } {
  try {
    const store = openStore({ home })
    void store.close()
  } catch (error) {
    return error as { code: string }
  }
  return { code: 'it opened' }
}

test.each<[string, string, (home: string) => void]>([
  ['is missing', 'key-missing', home => rmSync(join(home, 'key'))],
  ['is another', 'key-other', home => writeFileSync(join(home, 'key'), `${'ab'.repeat(32)}\n`)],
  ['is damaged', 'key-broken', home => writeFileSync(join(home, 'key'), 'ab'.repeat(31))],
  ['is empty', 'key-broken', home => writeFileSync(join(home, 'key'), '')],
  ['can be read by others', 'key-open', home => chmodSync(join(home, 'key'), 0o640)],
])('a key file that %s is an error, never a new key', async (_, code, harm) => {
  const home = await usedHome()
  harm(home)
  const before = existsSync(join(home, 'key')) && readFileSync(join(home, 'key'), 'utf8')
  const fault = faultOf(home)
  expect(fault).toMatchObject({ code, exit: 2 })
  expect(fault.why).toBeTruthy()
  expect(fault.next).toBeTruthy()
  expect(existsSync(join(home, 'key')) && readFileSync(join(home, 'key'), 'utf8')).toBe(before)
})

test('a newer database is refused and left as it is', async () => {
  const home = await usedHome()
  queryFile(home, 'PRAGMA user_version = 99')
  expect(faultOf(home)).toMatchObject({ code: 'database-newer', exit: 2, why: expect.stringContaining('99') })
  expect(queryFile(home, 'PRAGMA user_version')).toEqual([{ user_version: 99 }])
})

test('a file that is no database, and a home that cannot be one, are told apart', async () => {
  const broken = tempHome()
  writeFileSync(join(broken, 'whs.db'), 'this is no database, and longer than its header would be')
  expect(faultOf(broken)).toMatchObject({ code: 'database-broken', exit: 2 })

  const folder = tempHome()
  mkdirSync(join(folder, 'whs.db'))
  expect(faultOf(folder)).toMatchObject({ code: 'home-unwritable', exit: 2 })

  const file = tempHome()
  writeFileSync(join(file, 'file'), '')
  expect(faultOf(join(file, 'file'))).toMatchObject({ code: 'home-unwritable', exit: 2 })
  expect(faultOf(join(file, 'file', 'home'))).toMatchObject({ code: 'home-unwritable', exit: 2 })
})

test('directory and files belong to their owner alone, also where the directory was open before', async () => {
  const home = join(tempHome(), 'deep', 'home')
  mkdirSync(home, { recursive: true, mode: 0o755 })
  const store = await tempStore({ home })
  await addApp(store)
  store.takeListenerLock()?.release()
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
  expect(modeOf(home)).toBe('700')
  const files = readdirSync(home)
  expect(files).toEqual(expect.arrayContaining(['key', 'listener.lock', 'whs.db', 'whs.db-wal']))
  expect(files.map(name => `${name} ${modeOf(join(home, name))}`)).toEqual(files.map(name => `${name} 600`))
})

test('a directory of somebody else’s things is not taken over', () => {
  const home = tempHome()
  chmodSync(home, 0o755)
  writeFileSync(join(home, 'thesis.txt'), 'chapter 1')
  expect(faultOf(home)).toMatchObject({ code: 'home-foreign', exit: 2 })
  expect((statSync(home).mode & 0o777).toString(8)).toBe('755')
  expect(readdirSync(home)).toEqual(['thesis.txt'])
})

test('no secret stands in clear in any file, and each can be read again where it was sealed', async () => {
  const store = await tempStore()
  const app = await addApp(store, 'quickbooks', 'verifier-0badc0ffee')
  await store.write('setApp', { app: 'quickbooks', secrets: { webhook: 'another-5ca1ab1e' }, keepOldMs: 60_000 })
  await listen(store, ['3000'])
  const token = (await store.read('listenerToken')) as string
  const clear = await store.read('readSecrets', { appId: app.id, name: 'webhook' })
  expect(clear.map(secret => secret.value)).toEqual(['another-5ca1ab1e', 'verifier-0badc0ffee'])
  for (const name of readdirSync(store.home)) {
    const bytes = readFileSync(join(store.home, name))
    for (const secret of ['verifier-0badc0ffee', 'another-5ca1ab1e', 'client-verifier', token]) {
      expect(bytes.includes(secret), `${name} holds ${secret}`).toBe(false)
    }
  }
})

test('a sealed value that was moved or changed is no secret any more', async () => {
  const store = await tempStore({ writer: false })
  const app = await addApp(store)
  const move = `UPDATE secrets SET value_sealed = (SELECT value_sealed FROM secrets WHERE name = 'client') WHERE name = 'webhook'`
  queryFile(store.home, move)
  await expect(store.read('readSecrets', { appId: app.id, name: 'webhook' })).rejects.toMatchObject({
    code: 'unreadable-secret',
  })
  expect(await store.read('readSecrets', { appId: app.id, name: 'client' })).toHaveLength(1)
  queryFile(store.home, "UPDATE secrets SET value_sealed = substr(value_sealed, 1, 20) WHERE name = 'client'")
  await expect(store.read('readSecrets', { appId: app.id, name: 'client' })).rejects.toMatchObject({
    code: 'unreadable-secret',
  })
})

test('a replaced secret stays valid as long as it was said, the same one again is one', async () => {
  let now = 1_000_000
  const store = await tempStore({ writer: false, now: () => now })
  const app = await addApp(store, 'quickbooks', 'first')
  const valid = async (): Promise<string[]> =>
    (await store.read('readSecrets', { appId: app.id, name: 'webhook' })).map(secret => secret.value)
  const set = (webhook: string, keepOldMs: number) =>
    store.write('setApp', { app: 'quickbooks', secrets: { webhook }, keepOldMs })
  await set('second', 500)
  await set('second', 500)
  expect(await valid()).toEqual(['second', 'first'])
  now += 499
  expect(await valid()).toEqual(['second', 'first'])
  now += 1
  expect(await valid()).toEqual(['second'])
  await set('third', 0)
  expect(await valid()).toEqual(['third'])
})

test('many processes that open a new home at once agree on one key and one schema', { timeout: 60_000 }, async () => {
  for (const _round of [1, 2]) {
    const home = join(tempHome(), 'new')
    const children = Array.from({ length: 6 }, () => startChild('store-child.ts', ['open', home]))
    const ends = await Promise.all(children.map(child => child.ended))
    expect(ends).toEqual(ends.map(() => ({ how: 0, stderr: '' })))
    const store = await tempStore({ home, writer: false })
    const apps = await store.read('listApps')
    expect(apps).toHaveLength(6)
    for (const app of apps) expect(await store.read('readSecrets', { appId: app.id, name: 'webhook' })).toHaveLength(1)
  }
})

test('a new file that another process is just writing is waited for', async () => {
  const home = tempHome()
  const other = new Database(join(home, 'whs.db'))
  onTestFinished(() => void other.close())
  other.exec('CREATE TABLE passing (x); DROP TABLE passing; BEGIN IMMEDIATE')
  const child = startChild('store-child.ts', ['open', home])
  await child.waitForLines(1)
  setTimeout(() => other.exec('COMMIT'), 300)
  expect(await child.ended).toEqual({ how: 0, stderr: '' })
})

test('one listener at a time: the lock is held for life and freed by the system', async () => {
  const store = await tempStore({ writer: false })
  const other = await tempStore({ home: store.home, writer: false })
  expect(store.isListening()).toBe(false)
  const lock = store.takeListenerLock()
  expect(other.isListening()).toBe(true)
  expect(other.takeListenerLock()).toBeNull()
  lock?.release()
  expect(other.isListening()).toBe(false)
  const next = other.takeListenerLock()
  expect(next).not.toBeNull()
  next?.release()
})

test('a commit is synced before it is answered, and rows hang together: SQLite is told so', () => {
  const { raw } = openDatabase({ home: tempHome(), now: Date.now })
  const told = (name: string): unknown => raw.pragma(name, { simple: true })
  // https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL, a sync of the log at every commit.
  expect([told('journal_mode'), told('synchronous'), told('fullfsync'), told('foreign_keys')]).toEqual(['wal', 2, 1, 1])
  raw.close()
})
