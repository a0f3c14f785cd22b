import { probeWait } from '../core/retry.ts'
import { isLoopback } from '../core/rule.ts'
import { type Fifo, makeFifo } from './fifo.ts'
import type { Lane } from './lane.ts'

/** The most requests in flight at one target. */
const widest = 64

/**
 * Everything that goes to one origin. While nobody is there it is paused, and one lane's next request is its probe; when
 * it is back one request goes, and with each answer one more may be in flight.
 */
export interface Target {
  origin: string
  isLoopback: boolean
  /** Lanes that could send now. */
  ready: Fifo<Lane>
  inFlight: number
  /** How many may be in flight. */
  window: number
  /** Forwards that are open. */
  open: number
  pause: Pause | null
}
export interface Pause {
  /** Monotonic. */
  since: number
  probes: number
  /** `rest`: until the next probe; `due`: the next ready lane probes; `probing`: one does. */
  state: 'rest' | 'due' | 'probing'
}

export function makeTarget(origin: string): Target {
  const { hostname } = new URL(origin)
  const ready = makeFifo<Lane>()
  return { origin, isLoopback: isLoopback(hostname), ready, inFlight: 0, window: widest, open: 0, pause: null }
}

export function mayLaunch({ ready, inFlight, window, pause }: Target): boolean {
  if (ready.length === 0) return false
  return pause ? pause.state === 'due' : inFlight < window
}

/** After an answer, or where a request is at least being held by somebody. */
export function widen(target: Target): void {
  if (!target.pause) target.window = Math.min(widest, target.window + 1)
}

/** After anything that would bring many at once. */
export function narrow(target: Target): void {
  target.window = 1
}

/** Nobody is there. Returns how long to rest before the next probe, and whether this is news. */
export function pauseTarget(target: Target, monotonicNow: number): { restMs: number; isNew: boolean } {
  const isNew = target.pause === null
  target.pause ??= { since: monotonicNow, probes: 0, state: 'rest' }
  target.pause.state = 'rest'
  target.pause.probes++
  return { restMs: probeWait(target.pause.probes), isNew }
}

/** Somebody is there again. Returns for how long nobody was. */
export function resumeTarget(target: Target, monotonicNow: number): number {
  const since = target.pause?.since ?? monotonicNow
  target.pause = null
  narrow(target)
  return monotonicNow - since
}
