import type { WhsError } from '../core/errors.ts'
import { configVersionOf, type Db, openDatabase } from './database.ts'
import { isListening, type ListenerLock, takeListenerLock } from './listener-lock.ts'
import { type Args, type Output, type ReadName, type Reads, reads, type WriteName, type Writes, writes } from './ops.ts'
import { refuseRetired } from './retire-op.ts'
import { closeSearch, emptySearch } from './search-index.ts'
import { startWriter, type Writer } from './writer.ts'

/**
 * The one SQLite file, behind promises. Short commands write in their own transaction; a listener calls
 * `startWriter` first, after which its writes are committed in groups by a worker thread, and a promise that has
 * resolved means: on disk.
 */
export interface Store {
  home: string
  /** Runs a write; resolves once it is committed and synced. @throws what the operation throws, and `store-busy` errors */
  write<K extends WriteName>(name: K, ...args: Args<Writes[K]>): Promise<Output<Writes[K]>>
  /** Runs a read on the present state. */
  read<K extends ReadName>(name: K, ...args: Args<Reads[K]>): Promise<Output<Reads[K]>>
  /** The same at once, for what cannot wait. */
  readNow<K extends ReadName>(name: K, ...args: Args<Reads[K]>): Output<Reads[K]>
  /** Several reads of one state; what a reader looks up again then is still in its cache. */
  snapshot<T>(read: () => T): T
  /** Moves the writes to a worker thread. `onLost` is told where that ends by itself: nothing can be written any more. */
  startWriter(onLost?: (error: WhsError) => void): Promise<void>
  /** Grows when anything was committed by whichever process; cheap enough to ask often. */
  dataVersion(): number
  /** Grows when apps, secrets, mappings, ignored accounts or rules changed: what caches hold on to. */
  configVersion(): number
  /** @throws WhsError `retired` (exit 7) */
  takeListenerLock(): ListenerLock | null
  isListening(): boolean
  close(): Promise<void>
}

export interface StoreOptions {
  home: string
  now?(): number
}

/**
 * Opens the store of a data directory and makes it where there is none.
 * @throws WhsError exit 2: unwritable, newer or broken database, missing, foreign or too open key
 */
export function openStore({ home, now = Date.now }: StoreOptions): Store {
  const db = openDatabase({ home, now })
  let writer: Writer | undefined
  function readNow<K extends ReadName>(name: K, ...args: Args<Reads[K]>): Output<Reads[K]> {
    const read = reads[name] as (db: Db, input: unknown) => unknown
    return read(db, args[0]) as Output<Reads[K]>
  }
  return {
    home,
    async write(name, ...args) {
      const result = writer ? await writer.run(name, args[0]) : runWrite(db, name, args[0])
      if (deletesBodies.has(name)) emptySearch(db)
      return result as Output<Writes[typeof name]>
    },
    async read(name, ...args) {
      return readNow(name, ...args)
    },
    readNow,
    snapshot: read => (db.raw.inTransaction ? read() : db.raw.transaction(read).deferred()),
    async startWriter(onLost) {
      writer ??= await startWriter(home, onLost)
    },
    dataVersion: () => Number(db.get<{ data_version: number }>('PRAGMA data_version')?.data_version),
    configVersion: () => configVersionOf(db),
    takeListenerLock() {
      refuseRetired(db)
      return takeListenerLock(home)
    },
    isListening: () => isListening(home),
    async close() {
      await writer?.close()
      closeSearch(db)
      if (db.raw.open) db.raw.close()
    },
  }
}

/** What they delete leaves the search index too. */
const deletesBodies = new Set<WriteName>(['forgetTenant', 'removeApp', 'pruneSlice'])

/** A write in a transaction of its own. What it caches lives no longer, since other processes write too. */
function runWrite(db: Db, name: WriteName, input: unknown): unknown {
  db.cache.clear()
  const write = writes[name] as (db: Db, input: unknown) => unknown
  try {
    return db.raw.transaction(() => write(db, input)).immediate()
  } finally {
    db.cache.clear()
  }
}
