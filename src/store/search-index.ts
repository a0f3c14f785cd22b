import { chmodSync, existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type { Db } from './database.ts'
import { rareTrigrams } from './rare-trigrams.ts'

/**
 * An index of bodies by their trigrams (SQLite FTS5), in a file of its own, search.db. It only ever narrows: what it
 * finds is looked at by the filter itself. Trigrams, since a search is for any piece of text, words or not; without
 * positions, which makes the file a third. The first search makes it; from then on the writer thread fills it while it
 * has nothing else to do, and every search goes on with it. What it does not hold yet is read through as before.
 */
interface SearchIndex {
  raw: Database.Database
  /** Deliveries up to this number are in it. */
  high(): number
}

/** Deliveries that may hold a text, and all behind `high`, of which nothing is known yet. */
export interface Candidates {
  seqs: number[]
  high: number
}

const largestIndexed = 1_048_576
/** A text that so many hold is found soon enough without. */
const mostCandidates = 20_000
/** So few are read through at once. */
const fewDeliveries = 5_000
const patientMs = 5_000
const mostGrams = 16
const form = 1
const opened = new WeakMap<Database.Database, SearchIndex>()

/** Where the index can narrow a search, the deliveries that may fit; null where it cannot. */
export function searchCandidates(db: Db, text: string): Candidates | null {
  const all = trigramsOf(text)
  if (all.length === 0) return null
  return guarded(db, null, () => {
    const index = openIndex(db, false)
    if (!index) return null
    const high = index.high()
    const trigrams = high === 0 ? [] : rareTrigrams(db, all)
    if (trigrams.length === 0) return null
    const find = index.raw.prepare('SELECT rowid FROM bodies WHERE bodies MATCH ? LIMIT ?').pluck()
    const found = find.all(matchAll(trigrams), mostCandidates + 1) as number[]
    if (found.length > mostCandidates) return null
    const large = index.raw.prepare('SELECT seq FROM large').pluck().all() as number[]
    return { high, seqs: [...found, ...large] }
  })
}

/**
 * Goes on filling the index for at most so long; true where nothing is left. `make` makes it where there
 * is none yet.
 */
export function fillSearch(db: Db, { ms, make }: { ms: number; make: boolean }): boolean {
  const until = performance.now() + ms
  const { seq } = db.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM deliveries') ?? { seq: 0 }
  return guarded(db, true, () => {
    const index = openIndex(db, make && seq >= fewDeliveries)
    if (!index) return true
    // The writer thread never waits for a command that fills it too.
    index.raw.pragma(`busy_timeout = ${make ? patientMs : 0}`)
    for (;;) {
      const isDone = fillSlice(db, index, Math.min(until, performance.now() + sliceMs))
      if (isDone || performance.now() >= until) return isDone
    }
  })
}

/** What was deleted leaves the index too: its owner has raised the epoch, and it is filled anew. */
export function emptySearch(db: Db): void {
  opened.get(db.raw)?.raw.pragma(`busy_timeout = ${patientMs}`)
  guarded(db, undefined, () => void openIndex(db, false))
}

/** To be called in the transaction that deletes bodies. */
export function raiseSearchEpoch(db: Db): void {
  db.run(
    "INSERT INTO meta VALUES ('search_epoch', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
  )
}

/** Closes the file. */
export function closeSearch(db: Db): void {
  opened.get(db.raw)?.raw.close()
  opened.delete(db.raw)
}

const sliceMs = 200

/** One transaction, in the order of the numbers: FTS5 writes what it holds to disk whenever a smaller one comes. */
function fillSlice(db: Db, { raw, high }: SearchIndex, until: number): boolean {
  raw.exec('BEGIN IMMEDIATE')
  try {
    // Whoever deletes raises the epoch first, then waits for this lock to empty the index.
    if (ageOf(db, raw) !== 'same') {
      raw.exec('ROLLBACK')
      return true
    }
    const insert = raw.prepare('INSERT INTO bodies (rowid, body) VALUES (?, ?)')
    const skip = raw.prepare('INSERT INTO large VALUES (?)')
    let last = high()
    let isDone = false
    while (!isDone && performance.now() < until) {
      const row = db.get<{ seq: number; body: Buffer }>(nextBody, last)
      isDone = row === undefined
      if (!row) break
      if (row.body.length > largestIndexed) skip.run(row.seq)
      // FTS5 takes no more of a text than stands before a NUL.
      else insert.run(row.seq, row.body.toString('utf8').replaceAll('\0', ' '))
      last = row.seq
    }
    raw.prepare('UPDATE state SET high = ?').run(last)
    raw.exec('COMMIT')
    return isDone
  } catch (error) {
    if (raw.inTransaction) raw.exec('ROLLBACK')
    throw error
  }
}

const nextBody = 'SELECT seq, body FROM deliveries WHERE seq > ? ORDER BY seq LIMIT 1'

/** Three characters that follow each other, some of a long text, all of which a body has that holds it. */
function trigramsOf(text: string): string[] {
  const letters = Array.from(text)
  if (letters.length < 3 || text.includes('\0') || /[\ud800-\udfff]/u.test(text)) return []
  const grams = new Set<string>()
  const step = Math.ceil((letters.length - 2) / mostGrams)
  for (let at = 0; at + 3 <= letters.length; at += step) grams.add(letters.slice(at, at + 3).join(''))
  return [...grams]
}

/** In FTS5's own language. */
function matchAll(trigrams: string[]): string {
  return trigrams.map(trigram => `"${trigram.replaceAll('"', '""')}"`).join(' AND ')
}

function openIndex(db: Db, make: boolean): SearchIndex | null {
  let index = opened.get(db.raw) ?? null
  const file = fileOf(db)
  if (index && !existsSync(file)) {
    closeSearch(db)
    index = null
  }
  if (!index) {
    const isNew = !existsSync(file)
    if (isNew && !make) return null
    const raw = new Database(file, { timeout: patientMs })
    if (isNew && process.platform !== 'win32') chmodSync(file, 0o600)
    index = { raw, high: () => raw.prepare('SELECT high FROM state').pluck().get() as number }
    opened.set(db.raw, index)
    raw.pragma('journal_mode = WAL')
    raw.pragma('synchronous = NORMAL')
    raw.pragma('secure_delete = ON')
    if (raw.pragma('user_version', { simple: true }) !== form) makeTables(raw)
  }
  const { raw } = index
  if (ageOf(db, raw) === 'older') {
    raw
      .transaction(() => {
        if (ageOf(db, raw) !== 'older') return
        const { salt, epoch } = identityOf(db)
        raw.exec("INSERT INTO bodies (bodies) VALUES ('delete-all'); DELETE FROM large")
        raw.prepare('UPDATE state SET salt = ?, epoch = ?, high = 0').run(salt, epoch)
      })
      .immediate()
    raw.pragma('wal_checkpoint(TRUNCATE)')
  }
  return ageOf(db, raw) === 'same' ? index : null
}

function makeTables(raw: Database.Database): void {
  raw
    .transaction(() => {
      if (raw.pragma('user_version', { simple: true }) === form) return
      raw.exec(`
        DROP TABLE IF EXISTS bodies; DROP TABLE IF EXISTS large; DROP TABLE IF EXISTS state;
        CREATE VIRTUAL TABLE bodies USING fts5(body, content = '', contentless_delete = 1, detail = 'none', tokenize = 'trigram');
        -- Bodies that are too large to be indexed: each may hold anything.
        CREATE TABLE large (seq INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE state (salt TEXT NOT NULL, epoch INTEGER NOT NULL, high INTEGER NOT NULL) STRICT;
        INSERT INTO state VALUES ('', 0, 0);
      `)
      raw.pragma(`user_version = ${form}`)
    })
    .immediate()
}

/** Of which database, and since which deletion: another one's index says nothing of this one. */
function identityOf(db: Db): { salt: string; epoch: number } {
  const value = (key: string): string =>
    db.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value ?? '0'
  return { salt: value('id_salt'), epoch: Number(value('search_epoch')) }
}

/** Whether an index is this database's as it is now, or `newer` than what a reader's snapshot still shows. */
function ageOf(db: Db, raw: Database.Database): 'same' | 'older' | 'newer' {
  const state = raw.prepare('SELECT salt, epoch FROM state').get() as { salt: string; epoch: number }
  const { salt, epoch } = identityOf(db)
  if (state.salt !== salt) return 'older'
  return state.epoch === epoch ? 'same' : state.epoch > epoch ? 'newer' : 'older'
}

function fileOf(db: Db): string {
  return join(dirname(db.raw.name), 'search.db')
}

/** A broken index is thrown away: it is made of what the store holds. One that is busy just does not help. */
function guarded<T>(db: Db, otherwise: T, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    if (!code.startsWith('SQLITE_')) throw error
    if (/CORRUPT|NOTADB|ERROR/.test(code)) {
      closeSearch(db)
      for (const end of ['', '-wal', '-shm']) rmSync(fileOf(db) + end, { force: true })
    }
    return otherwise
  }
}
