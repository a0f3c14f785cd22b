import type { ForwardWork } from '../store/forward-ops.ts'
import type { Clock } from './clock.ts'

/**
 * What was stored a moment ago, so that it need not be read again to be sent. It may be forgotten at any time: the store
 * has it all.
 */
export interface FreshWorks {
  add(works: ForwardWork[]): void
  /** Gives a forward out once, while it is at most a second old. */
  take(seq: number): ForwardWork | undefined
}

const freshMs = 1_000
const mostBytes = 8 * 1_048_576

export function makeFreshWorks(clock: Clock): FreshWorks {
  const kept = new Map<number, { work: ForwardWork; at: number }>()
  let bytes = 0

  function take(seq: number): ForwardWork | undefined {
    const entry = kept.get(seq)
    if (!entry) return undefined
    kept.delete(seq)
    bytes -= entry.work.body.length
    return clock.monotonic() - entry.at <= freshMs ? entry.work : undefined
  }

  return {
    add(works) {
      const at = clock.monotonic()
      for (const work of works) {
        kept.set(work.seq, { work, at })
        bytes += work.body.length
      }
      for (const [seq, entry] of kept) {
        if (bytes <= mostBytes && at - entry.at <= freshMs) break
        take(seq)
      }
    },
    take,
  }
}
