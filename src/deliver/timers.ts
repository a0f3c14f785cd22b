import type { Clock } from './clock.ts'

/** Timers that end together. */
export interface Timers {
  /** Runs once after so many milliseconds; returns what cancels it. */
  after(ms: number, run: () => void): () => void
  /** Cancels all; none runs any more. */
  end(): void
}

export function makeTimers(clock: Clock): Timers {
  const running = new Set<() => void>()
  let ended = false
  return {
    after(ms, run) {
      if (ended) return () => undefined
      const cancelTimer = clock.setTimer(() => {
        running.delete(cancel)
        run()
      }, ms)
      function cancel(): void {
        running.delete(cancel)
        cancelTimer()
      }
      running.add(cancel)
      return cancel
    },
    end() {
      ended = true
      for (const cancel of running) cancel()
    },
  }
}
