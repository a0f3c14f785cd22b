import type { InspectCounts } from '../store/inspect-ops.ts'
import type { Store } from '../store/store.ts'

/** From so many on they are counted anew only now and then; what came since is added. */
const many = 50_000
const freshMs = 10_000

/** How much there is, cheap enough to be asked every second. */
export function makeCounts(store: Store): () => InspectCounts {
  let counted: { at: number; newest: number; events: number } | undefined
  return () => {
    const now = performance.now()
    const { event: newest } = store.readNow('readCursors')
    const { parked, rejected } = store.readNow('countKept')
    if (!counted || counted.events < many || now - counted.at > freshMs) {
      counted = { at: now, newest, events: store.readNow('countEvents', { filter: {} }) }
    }
    return { events: counted.events + newest - counted.newest, parked, rejected }
  }
}
