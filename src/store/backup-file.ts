import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import Database from 'better-sqlite3'
import { exits, WhsError } from '../core/errors.ts'
import { dumpDatabase, restoreDatabase, schemaOf } from './database-dump.ts'
import { migrations } from './schema.ts'
import { sealed, unsealed } from './sealed-file.ts'

/** What stands before the database in a backup, as one line of JSON. */
interface Preface {
  whs: 'backup'
  version: number
  schema: number
  at: number
  key: string
}
const mostPreface = 10_000

/**
 * Writes all of a store, with its key, into one file, sealed by a passphrase. It is one state of the store: a listener may
 * go on meanwhile. Nothing of it is written in clear; of a process that is killed, a sealed beginning is left
 * (`<file>.….part`).
 * @throws WhsError `file-exists`, `backup-failed` (exit 2)
 */
export async function writeBackup(
  home: string,
  { file, passphrase, now, signal }: { file: string; passphrase: string; now: number; signal?: AbortSignal },
): Promise<{ bytes: number }> {
  if (existsSync(file)) throw fileExists(file)
  const database = join(home, 'whs.db')
  const part = `${file}.${randomBytes(6).toString('hex')}.part`
  try {
    const key = (await readFile(join(home, 'key'), 'utf8')).trim()
    const preface: Preface = { whs: 'backup', version: 2, schema: schemaOf(database), at: now, key }
    const clear = Readable.from(joined(preface, database))
    const zip = createGzip({ level: 1 })
    const to = createWriteStream(part, { flags: 'wx', mode: 0o600 })
    await pipeline(clear, zip, source => sealed(source, passphrase), to, signal ? { signal } : {})
    await synced(part)
    // Unlike a renaming, a link never takes the place of what came there meanwhile.
    await link(part, file)
    await synced(dirname(file))
    return { bytes: (await stat(file)).size }
  } catch (cause) {
    const { code } = cause as { code?: string }
    throw cause instanceof WhsError ? cause : code === 'EEXIST' ? fileExists(file) : failed(file, cause as Error)
  } finally {
    await rm(part, { force: true })
  }
}

async function* joined(preface: Preface, database: string): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(preface)}\n`)
  yield* dumpDatabase(database)
}

/**
 * Makes the store of a backup in an empty data directory. It is there whole or not at all, and may listen again.
 * @throws WhsError `home-taken`, `file-unreadable`, `not-a-backup`, `wrong-passphrase`, `backup-damaged`, `backup-newer` (exit 2)
 */
export async function readBackup(
  home: string,
  { file, passphrase, signal }: { file: string; passphrase: string; signal?: AbortSignal },
): Promise<{ at: number }> {
  await refuseTaken(home)
  if (!(await isFile(file))) throw unreadable(file)
  const wasThere = existsSync(home)
  await mkdir(home, { recursive: true, mode: 0o700 })
  if (process.platform !== 'win32') await chmod(home, 0o700)
  const part = join(home, 'restore.part')
  const newKey = join(home, 'key')
  try {
    const preface = await unpack({ file, passphrase, part, signal })
    unretire(part)
    await writeFile(newKey, `${preface.key}\n`, { flag: 'wx', mode: 0o600 })
    await synced(part)
    await rename(part, join(home, 'whs.db'))
    await synced(home)
    return { at: preface.at }
  } catch (error) {
    await rm(newKey, { force: true })
    for (const more of ['', '-journal', '-wal', '-shm']) await rm(part + more, { force: true })
    if (!wasThere) await rmdir(home).catch(() => undefined)
    throw error
  }
}

interface Unpacking {
  file: string
  passphrase: string
  part: string
  signal: AbortSignal | undefined
}

async function unpack({ file, passphrase, part, signal }: Unpacking): Promise<Preface> {
  const found: { preface?: Preface } = {}
  async function* withoutPreface(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let begun = Buffer.alloc(0)
    for await (const chunk of source) {
      if (found.preface) {
        yield chunk
        continue
      }
      begun = Buffer.concat([begun, chunk])
      const end = begun.indexOf(0x0a)
      if (end < 0 && begun.length > mostPreface) break
      if (end < 0) continue
      found.preface = JSON.parse(begun.subarray(0, end).toString()) as Preface
      const { version, schema } = found.preface
      if (version < 2) throw unreadable(file)
      if (version > 2 || schema > migrations.length) throw newer(schema)
      yield begun.subarray(end + 1)
    }
    if (!found.preface) throw unreadable(file)
  }
  await rm(part, { force: true })
  await writeFile(part, '', { flag: 'wx', mode: 0o600 })
  await pipeline(
    createReadStream(file),
    source => unsealed(source, passphrase),
    createGunzip(),
    withoutPreface,
    source => makeWhole(source, part),
    signal ? { signal } : {},
  )
  if (!found.preface) throw unreadable(file)
  return found.preface
}

/** The end of the stream is where its seal is, so all of it is read before anything relies on it. */
async function makeWhole(source: AsyncIterable<Buffer>, part: string): Promise<void> {
  const rest = source[Symbol.asyncIterator]()
  await restoreDatabase({ [Symbol.asyncIterator]: () => rest }, part)
  for (let left = await rest.next(); !left.done; left = await rest.next()) throw new Error('more follows its end')
}

/** The copy takes over. */
function unretire(part: string): void {
  const raw = new Database(part)
  try {
    raw.exec("DELETE FROM meta WHERE key = 'retired_at'")
  } finally {
    raw.close()
  }
}

async function refuseTaken(home: string): Promise<void> {
  const names = existsSync(home) ? await readdir(home) : []
  const others = names.filter(name => !name.startsWith('restore.part'))
  if (others.length === 0) return
  throw new WhsError({
    code: 'home-taken',
    exit: exits.usage,
    what: `there is something in ${home} already`,
    why: 'a backup is restored into an empty data directory, never over another store',
    next: 'WHS_HOME=<an empty directory> whs restore <file>',
  })
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    found => found.isFile(),
    () => false,
  )
}

async function synced(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function fileExists(file: string): WhsError {
  return new WhsError({
    code: 'file-exists',
    exit: exits.usage,
    what: `${file} is there already`,
    why: 'a backup is never written over anything',
    next: 'whs backup <another file>',
  })
}

function failed(file: string, cause: Error): WhsError {
  return new WhsError({
    code: 'backup-failed',
    exit: exits.usage,
    what: `the backup was not written to ${file}`,
    why: cause.message,
    next: 'whs backup <a file where there is room>',
    cause,
  })
}

function unreadable(file: string): WhsError {
  return new WhsError({
    code: 'file-unreadable',
    exit: exits.usage,
    what: `${file} cannot be read`,
    why: 'there is no such file, or it is no backup',
    next: 'whs restore <file>',
  })
}

function newer(schema: number): WhsError {
  return new WhsError({
    code: 'backup-newer',
    exit: exits.usage,
    what: 'the backup is newer than this whs',
    why: `it has schema ${schema}, this program knows ${migrations.length}`,
    next: 'npm install -g whs-cli@latest',
  })
}
