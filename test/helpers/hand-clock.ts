import type { Clock } from '../../src/deliver/clock.ts'

/** Time that passes only when a test says so. */
export interface HandClock extends Clock {
  /** Both clocks go on; timers run in the order in which they are due. */
  advance(ms: number): void
  /** The wall clock alone jumps: somebody set it, or the machine slept. */
  jump(ms: number): void
}

export function handClock(): HandClock {
  const timers = new Set<{ at: number; run: () => void }>()
  let monotonic = 1_000
  let ahead = Date.UTC(2026, 0, 1)
  return {
    now: () => monotonic + ahead,
    monotonic: () => monotonic,
    random: () => 0.5,
    setTimer(run, ms) {
      const timer = { at: monotonic + ms, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const end = monotonic + ms
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)
        if (!next) break
        timers.delete(next)
        monotonic = Math.max(monotonic, next.at)
        next.run()
      }
      monotonic = end
    },
    jump(ms) {
      ahead += ms
    },
  }
}
