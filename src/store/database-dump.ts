import { Buffer } from 'node:buffer'
import Database from 'better-sqlite3'

/**
 * A database as a stream that is never on disk: how it is made, then its rows, so many at a time that little is in memory,
 * then indexes and triggers. A line of JSON says what follows; bytes of rows stand behind their line.
 */
type Frame =
  | { make: string[] }
  | { table: string; columns: string[] }
  | { rows: Cell[][]; bytes: number }
  | { sequence: [table: string, seq: number][] }
  | { finish: string[] }
  | { version: number; count: number }

/** A value; a blob is told by where it stands behind the line. */
type Cell = string | number | null | { blob: [from: number, to: number] }
type Value = string | number | null | Buffer

const batchBytes = 262_144
const batchRows = 1_000
const mostLine = 256 * 1_048_576

/** The whole of one state of a database. It is open for reading while that goes on, and closed behind it. */
export async function* dumpDatabase(file: string): AsyncGenerator<Buffer> {
  const raw = new Database(file, { readonly: true, timeout: 15_000 })
  try {
    raw.exec('BEGIN')
    const made = raw
      .prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      )
      .all() as { type: string; name: string; sql: string }[]
    const tables = made.filter(({ type }) => type === 'table')
    yield lineOf({ make: tables.map(({ sql }) => sql) })
    let count = 0
    for (const { name } of tables) {
      const select = raw.prepare(`SELECT * FROM "${name}"`).raw()
      yield lineOf({ table: name, columns: select.columns().map(column => column.name) })
      for (const batch of batches(select.iterate() as Iterable<Value[]>)) {
        count += batch.count
        yield* batch.pieces
      }
    }
    yield lineOf({ sequence: sequenceOf(raw) })
    yield lineOf({ finish: made.filter(({ type }) => type !== 'table').map(({ sql }) => sql) })
    yield lineOf({ version: raw.pragma('user_version', { simple: true }) as number, count })
  } finally {
    raw.close()
  }
}

/** The number of migrations that a database has gone through. */
export function schemaOf(file: string): number {
  const raw = new Database(file, { readonly: true, timeout: 15_000 })
  try {
    return raw.pragma('user_version', { simple: true }) as number
  } finally {
    raw.close()
  }
}

function lineOf(frame: Frame): Buffer {
  return Buffer.from(`${JSON.stringify(frame)}\n`)
}

/** The highest number that each table ever gave: what was deleted must not come again. */
function sequenceOf(raw: Database.Database): [string, number][] {
  const has = raw.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get()
  return has ? (raw.prepare('SELECT name, seq FROM sqlite_sequence').raw().all() as [string, number][]) : []
}

function* batches(rows: Iterable<Value[]>): Generator<{ count: number; pieces: Buffer[] }> {
  let cells: Cell[][] = []
  let blobs: Buffer[] = []
  let bytes = 0
  let size = 0
  const take = (value: Value): Cell => {
    if (!Buffer.isBuffer(value)) {
      size += typeof value === 'string' ? value.length : 8
      return value
    }
    blobs.push(value)
    bytes += value.length
    return { blob: [bytes - value.length, bytes] }
  }
  const give = (): { count: number; pieces: Buffer[] } => {
    const batch = { count: cells.length, pieces: [lineOf({ rows: cells, bytes }), ...blobs] }
    cells = []
    blobs = []
    bytes = 0
    size = 0
    return batch
  }
  for (const row of rows) {
    cells.push(row.map(take))
    if (bytes + size >= batchBytes || cells.length >= batchRows) yield give()
  }
  if (cells.length > 0) yield give()
}

/**
 * Makes the database of such a stream in a new file, and looks at it whole.
 * @throws Error where the stream ends early, or makes no sound database
 */
export async function restoreDatabase(source: AsyncIterable<Buffer>, file: string): Promise<void> {
  const raw = new Database(file)
  try {
    // Nobody reads it before it is whole, and it is synced then.
    raw.pragma('journal_mode = OFF')
    raw.pragma('synchronous = OFF')
    raw.pragma('auto_vacuum = INCREMENTAL')
    raw.pragma('foreign_keys = OFF')
    raw.exec('BEGIN')
    await fill(raw, reader(source))
    raw.exec('COMMIT')
    const check = raw.pragma('quick_check(1)', { simple: true })
    if (check !== 'ok') throw new Error(String(check))
    if ((raw.pragma('foreign_key_check') as unknown[]).length > 0)
      throw new Error('rows refer to others that are not there')
  } finally {
    raw.close()
  }
}

async function fill(raw: Database.Database, { line, bytes }: Reader): Promise<void> {
  let insert: Database.Statement | undefined
  let count = 0
  for (;;) {
    const frame = JSON.parse((await line()).toString()) as Frame
    if ('make' in frame) for (const sql of frame.make) raw.exec(onlyMakes(sql))
    else if ('table' in frame) insert = insertInto(raw, frame)
    else if ('rows' in frame) {
      const blobs = await bytes(frame.bytes)
      for (const cells of frame.rows) insert?.run(...cells.map(cell => valueOf(cell, blobs)))
      count += frame.rows.length
    } else if ('sequence' in frame) putSequence(raw, frame.sequence)
    else if ('finish' in frame) for (const sql of frame.finish) raw.exec(onlyMakes(sql))
    else {
      if (frame.count !== count) throw new Error(`it holds ${count} rows, and says ${frame.count}`)
      if (!Number.isSafeInteger(frame.version)) throw new Error('it has no version')
      raw.pragma(`user_version = ${frame.version}`)
      return
    }
  }
}

/** Nothing but the making of tables, indexes and triggers is run from a file. */
function onlyMakes(sql: string): string {
  if (/^CREATE (TABLE|INDEX|UNIQUE INDEX|TRIGGER|VIEW)\b/.test(sql)) return sql
  throw new Error('it holds a statement that makes nothing')
}

function insertInto(
  raw: Database.Database,
  { table, columns }: { table: string; columns: string[] },
): Database.Statement {
  const names = columns.map(quoted).join(', ')
  return raw.prepare(`INSERT INTO ${quoted(table)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function valueOf(cell: Cell, blobs: Buffer): Value {
  return typeof cell === 'object' && cell !== null ? blobs.subarray(...cell.blob) : cell
}

function putSequence(raw: Database.Database, sequence: [string, number][]): void {
  if (sequence.length === 0) return
  raw.exec('DELETE FROM sqlite_sequence')
  const put = raw.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)')
  for (const [name, seq] of sequence) put.run(name, seq)
}

interface Reader {
  /** The bytes up to the next line end. */
  line(): Promise<Buffer>
  bytes(length: number): Promise<Buffer>
}

function reader(source: AsyncIterable<Buffer>): Reader {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer[] = []
  let length = 0

  async function more(): Promise<void> {
    const { done, value } = await chunks.next()
    if (done) throw new Error('it ends in the middle')
    held.push(value)
    length += value.length
  }

  function take(count: number): Buffer {
    const all = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held)
    held = [all.subarray(count)]
    length -= count
    return all.subarray(0, count)
  }

  return {
    async line() {
      let looked = 0
      for (let at = 0; ; ) {
        for (; at < held.length; at++) {
          const end = (held[at] as Buffer).indexOf(0x0a)
          if (end >= 0) return take(looked + end + 1)
          looked += (held[at] as Buffer).length
        }
        if (looked > mostLine) throw new Error('one of its lines is too long')
        await more()
      }
    },
    async bytes(count) {
      while (length < count) await more()
      return take(count)
    },
  }
}
