/** The time as lanes see it. Due times are wall clock, time-outs monotonic. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that never go back; may stand still while the machine sleeps. */
  monotonic(): number
  /** 0 … 1. */
  random(): number
  /** Runs once after some milliseconds of the monotonic clock; returns what cancels it. */
  setTimer(run: () => void, ms: number): () => void
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  random: Math.random,
  setTimer(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
