import { badWait, busyTries, busyWait, type TryClass } from '../core/retry.ts'
import type { NewAttempt } from '../store/forward-ops.ts'

/** A try at a forward, with what was before it. */
export interface Tried {
  class: Exclude<TryClass, 'nobody'>
  /** This one included. */
  tries: number
  /** As it was stored before this try. */
  busy: number
  firstTryAt: number
  /** Wall clock in milliseconds. */
  now: number
  retryAfterMs: number | undefined
  /** 0 … 1. */
  random: number
}

/** What becomes of a forward: `laneWaitsMs` where its lane waits for it, else the lane goes on. */
export interface Step extends Pick<NewAttempt, 'state' | 'busy' | 'nextAt'> {
  laneWaitsMs: number | null
}

/**
 * What follows from a try (DESIGN §6, Lanes). A busy answer makes the lane wait, three times in all; another one counts
 * as bad, and a bad one gets a schedule of its own. `busy` is the number of times that the lane has waited, negative
 * while the forward has a schedule of its own. Pure.
 */
export function nextStep(tried: Tried): Step {
  const { class: came, now } = tried
  const waited = Math.abs(tried.busy)
  if (came === 'done' || came === 'final') return { state: came, busy: tried.busy, nextAt: null, laneWaitsMs: null }
  if (came === 'busy' && waited < busyTries) {
    const wait = busyWait(waited + 1, tried.retryAfterMs)
    return { state: 'open', busy: waited + 1, nextAt: now + wait, laneWaitsMs: wait }
  }
  const wait = badWait(tried.tries - waited, now - tried.firstTryAt, tried.random)
  if (wait === null) return { state: 'failed', busy: -waited, nextAt: null, laneWaitsMs: null }
  return { state: 'open', busy: -waited, nextAt: now + wait, laneWaitsMs: null }
}

/** Whether a stored open forward is one that its lane waits for, not one with a schedule of its own. */
export function isLaneWaiting(busy: number): boolean {
  return busy > 0
}
