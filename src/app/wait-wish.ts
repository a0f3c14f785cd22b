import type { Filter } from '../core/filter.ts'
import type { Cursors } from '../store/event-ops.ts'

/** What `wait` waits for, and how long. */
export interface WaitWish {
  filter: Filter
  /** Requests that did not verify are waited for, no events. */
  rejected: boolean
  /** Until the handler's last word on each is known. */
  handled: boolean
  /** Only behind this; else behind where the listener began, or since `filter.since`. */
  after: Cursors | null
  count: number
  timeoutMs: number
  signal: AbortSignal
}
