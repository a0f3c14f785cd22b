import type { NewAttempt } from '../store/forward-ops.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'

/**
 * Writes attempts down behind the back of the lanes. What cannot be written (a full disk) is kept and tried again, in
 * order; nothing is sent twice because of it.
 */
export interface Recorder {
  record(attempt: NewAttempt): void
  /** How many are not on disk yet. */
  readonly waiting: number
  /** Those of a forward that are not on disk yet, oldest first. */
  of(forwardSeq: number): NewAttempt[]
  /** Resolves when all were written, or could not be once more. */
  drain(): Promise<void>
}

export interface RecorderDeps {
  store: Store
  clock: Clock
  /** Something was written. */
  onRecorded(): void
  /** Writing began to fail. */
  onBlocked(error: Error): void
}

const firstPauseMs = 1_000
const longestPauseMs = 30_000

export function startRecorder({ store, clock, onRecorded, onBlocked }: RecorderDeps): Recorder {
  const ahead = new Map<number, NewAttempt[]>()
  const running = new Set<Promise<void>>()
  let blocked: NewAttempt[] = []
  let isBlocked = false
  let flushing: Promise<void> | undefined
  let pauseMs = firstPauseMs
  let cancelTimer: (() => void) | undefined

  async function write(attempt: NewAttempt): Promise<boolean> {
    try {
      await store.write('recordAttempt', attempt)
    } catch (error) {
      if (!isBlocked) onBlocked(error as Error)
      isBlocked = true
      return false
    }
    const seq = attempt.forwardSeq ?? 0
    const left = (ahead.get(seq) ?? []).filter(one => one !== attempt)
    if (left.length > 0) ahead.set(seq, left)
    else ahead.delete(seq)
    onRecorded()
    return true
  }

  async function writeFirst(attempt: NewAttempt): Promise<void> {
    if (await write(attempt)) return
    blocked.push(attempt)
    flushLater()
  }

  function flushLater(): void {
    cancelTimer ??= clock.setTimer(() => {
      cancelTimer = undefined
      void flush()
    }, pauseMs)
  }

  function flush(): Promise<void> {
    flushing ??= flushAll().finally(() => {
      flushing = undefined
    })
    return flushing
  }

  async function flushAll(): Promise<void> {
    const again = blocked
    const failed: NewAttempt[] = []
    blocked = []
    for (const attempt of again) if (!(await write(attempt))) failed.push(attempt)
    blocked = [...failed, ...blocked]
    isBlocked = blocked.length > 0
    pauseMs = failed.length === 0 ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs)
    if (isBlocked) flushLater()
  }

  return {
    record(attempt) {
      const seq = attempt.forwardSeq ?? 0
      ahead.set(seq, [...(ahead.get(seq) ?? []), attempt])
      if (isBlocked) {
        blocked.push(attempt)
        return
      }
      const written = writeFirst(attempt).finally(() => running.delete(written))
      running.add(written)
    },
    get waiting() {
      return ahead.size
    },
    of: forwardSeq => ahead.get(forwardSeq) ?? [],
    async drain() {
      await Promise.all(running)
      await flushing
      if (blocked.length > 0) await flush()
      cancelTimer?.()
      cancelTimer = undefined
    },
  }
}
