import { nowMs } from './clock.ts'
import type { Batch } from './deliveries.ts'

/** What a feeding process is told, in this order: what to make, to begin, and meanwhile how many have arrived. */
export type FeedOrder = { prepare: Batch } | { window: number } | { arrived: number }

export interface Feeder {
  /** Makes and signs everything before the clock starts. */
  prepare(batch: Batch): void
  /** Sends as much as the tool takes now; before each delivery `mayGo` must agree. Called again whenever more may go. */
  pump(mayGo: () => boolean): void
}

/**
 * Obeys the orders of the bench. A window (how many may be under way to the handler) keeps the load at what a tool can do
 * for as long as it is wanted: without one, tools that store nothing would pile everything up in memory.
 */
export function obeyOrders({ prepare, pump }: Feeder): () => void {
  let window = 0
  let sent = 0
  let arrived = 0
  const mayGo = (): boolean => sent - arrived < window && ++sent > 0
  process.on('message', (order: FeedOrder) => {
    if ('prepare' in order) {
      prepare(order.prepare)
      window = 0
      sent = 0
      arrived = 0
      process.send?.({ prepared: true })
      return
    }
    if ('window' in order) {
      window = order.window
      process.send?.({ startedAt: nowMs() })
    } else arrived = order.arrived
    pump(mayGo)
  })
  return () => pump(mayGo)
}
