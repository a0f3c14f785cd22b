import type { OpenForward } from '../store/forward-ops.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from './timers.ts'

/** Hands out every open forward once, oldest first: those that are there, then what whichever process adds. */
export interface ForwardFeed {
  /** There may be new ones, these among them: looks at once instead of at the next turn. */
  poke(fresh: OpenForward[]): void
  /** Resolves when nothing is handed out any more. */
  stop(): Promise<void>
}

export interface ForwardFeedDeps {
  store: Store
  timers: Timers
  onForward(forward: OpenForward): void
  onError(error: Error): void
}

const page = 2_000
const againMs = 1_000
const pollMs = 100

/** Reads in pages and lets others have their turn between them, since a million may be open. */
export function startForwardFeed({ store, timers, onForward, onError }: ForwardFeedDeps): ForwardFeed {
  let newest = 0
  let mustRead = false
  let ended = false
  let reading: Promise<void> | undefined

  /** Numbers without a gap: nothing lies between what was handed out and these, so nothing need be read. */
  function handOut(fresh: OpenForward[]): boolean {
    if (reading || newest === 0 || ended) return false
    for (const forward of fresh) {
      if (forward.seq <= newest) continue
      if (forward.seq !== newest + 1) return false
      onForward(forward)
      newest = forward.seq
    }
    return true
  }

  function poke(fresh: OpenForward[]): void {
    if (fresh.length === 0 || !handOut(fresh)) look()
  }

  function look(): void {
    mustRead = true
    if (reading || ended) return
    reading = read()
      .catch((error: Error) => {
        onError(error)
        timers.after(againMs, look)
      })
      .finally(() => {
        reading = undefined
      })
  }

  async function read(): Promise<void> {
    while (mustRead && !ended) {
      mustRead = false
      const rows = await store.read('openForwards', { after: newest, limit: page })
      for (const row of rows) {
        onForward(row)
        newest = row.seq
      }
      if (rows.length < page) continue
      mustRead = true
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  function follow(seen: number): void {
    const version = store.dataVersion()
    if (version !== seen) look()
    timers.after(pollMs, () => follow(version))
  }

  follow(-1)
  return {
    poke,
    async stop() {
      ended = true
      await reading
    },
  }
}
