import { type Fifo, makeFifo } from './fifo.ts'
import type { Target } from './target.ts'

/**
 * What goes to one URL for one tenant, one at a time. It is `idle` with nothing to send, `ready` when it stands in its
 * target's line, `running` while one is in flight, `waiting` after a busy answer; from the last two it goes back to
 * `ready` or `idle`. First attempts leave in the order of `seq`; between them go retries that are due.
 */
export interface Lane {
  target: Target
  tenantId: number | null
  url: string
  state: 'idle' | 'ready' | 'running' | 'waiting'
  /** First attempts. */
  queue: Fifo<number>
  /** Retries whose time has come. */
  due: Fifo<number>
  /** What is in flight, or goes next whatever else waits (it came back busy, or nobody was there); 0: nothing. */
  current: number
  tookRetry: boolean
}

export function makeLane(target: Target, tenantId: number | null, url: string): Lane {
  const queue = makeFifo<number>()
  return { target, tenantId, url, state: 'idle', queue, due: makeFifo(), current: 0, tookRetry: false }
}

export function hasWork({ current, due, queue }: Lane): boolean {
  return current !== 0 || due.length > 0 || queue.length > 0
}

/** The seq that goes next; it becomes `current`. Retries and first attempts take turns, so that neither starves. */
export function takeNext(lane: Lane): number {
  if (lane.current !== 0) return lane.current
  lane.tookRetry = lane.due.length > 0 && !(lane.tookRetry && lane.queue.length > 0)
  lane.current = (lane.tookRetry ? lane.due.shift() : lane.queue.shift()) ?? 0
  return lane.current
}
