import type { Clock } from './clock.ts'
import { makeSchedule } from './schedule.ts'

/** Hands things out when their time has come. */
export interface RetryTimer<T> {
  /** One that is absurdly far (a wrong clock wrote it) is pulled in, to some moment of the next minute. */
  plan(owner: T, seq: number, inMs: number): void
  stop(): void
}

export interface RetryTimerDeps<T> {
  clock: Clock
  onDue(owner: T, seq: number): void
  /** The machine slept or its clock was put forward: many may be due at once. */
  onJump(): void
}

/** The longest sleep of the timer, so that a jump is noticed. */
const tickMs = 15_000
const jumpMs = 30_000
/** Others get their turn between so many. */
const atOnce = 5_000
/** Longer than any pause between tries. */
const farthestMs = 70 * 60_000

/**
 * Runs by the monotonic clock, which a clock that is put back does not disturb; what the wall clock is ahead of it (the
 * machine slept) is counted in.
 */
export function startRetryTimer<T>({ clock, onDue, onJump }: RetryTimerDeps<T>): RetryTimer<T> {
  const schedule = makeSchedule<T>()
  let seen = { wall: clock.now(), monotonic: clock.monotonic() }
  let slept = 0
  let pending: { at: number; cancel: () => void } | undefined

  function time(): number {
    const now = { wall: clock.now(), monotonic: clock.monotonic() }
    const jump = now.wall - seen.wall - (now.monotonic - seen.monotonic)
    seen = now
    if (jump > jumpMs) {
      slept += jump
      onJump()
    }
    return now.monotonic + slept
  }

  function tickBy(due: number, now: number): void {
    const wait = Math.min(Math.max(due - now, 0), tickMs)
    if (pending && pending.at <= now + wait) return
    pending?.cancel()
    pending = { at: now + wait, cancel: clock.setTimer(tick, wait) }
  }

  function tick(): void {
    pending = undefined
    const now = time()
    for (let count = 0; count < atOnce; count++) {
      const one = schedule.take(now)
      if (!one) break
      onDue(one.owner, one.seq)
    }
    const next = schedule.next()
    if (next !== undefined) tickBy(next, now)
  }

  return {
    plan(owner, seq, inMs) {
      const now = time()
      const due = now + (inMs > farthestMs ? clock.random() * 60_000 : inMs)
      schedule.add(due, seq, owner)
      tickBy(due, now)
    },
    stop() {
      pending?.cancel()
      pending = undefined
    },
  }
}
