import { setTimeout as pause } from 'node:timers/promises'
import type { Pruned, PruneWish } from '../store/prune-op.ts'
import type { App } from './app.ts'
import { knownTenant } from './known-tenant.ts'

export interface PruneOptions {
  /** Milliseconds since 1970: what is older. */
  before?: number
  tenants: string[]
  parked: boolean
  rejected: boolean
}

/** What conditions mean: together they narrow events; `rejected` alone, or an age, takes rejected requests too. */
function wishOf({ before, tenants, parked, rejected }: PruneOptions): PruneWish {
  const narrows = tenants.length > 0 || parked
  return {
    filter: {
      ...(before === undefined ? {} : { until: before }),
      ...(tenants.length > 0 ? { tenant: tenants } : {}),
      ...(parked ? { parked: true } : {}),
    },
    events: narrows || !rejected,
    rejected: rejected || !narrows,
  }
}

/** What a pruning would take. @throws WhsError `no-tenant` (5) */
export async function countPrunable(app: App, options: PruneOptions): Promise<Pruned> {
  for (const name of options.tenants) await knownTenant(app, name)
  return app.store().read('countPrunable', wishOf(options))
}

const slice = 500
const pagesAtOnce = 500
const restMs = 5

/**
 * Deletes for good what conditions choose, and gives its room back to the system, in slices between which a listener
 * writes. What a target still waits for stays. `shrunk` is false where the file keeps its size since a listener is there.
 * @throws WhsError `no-tenant` (5)
 */
export async function prune(
  app: App,
  options: PruneOptions,
  { signal, onSlice }: { signal: AbortSignal; onSlice(pruned: Pruned): void },
): Promise<Pruned & { shrunk: boolean }> {
  for (const name of options.tenants) await knownTenant(app, name)
  const store = app.store()
  const total: Pruned = { events: 0, deliveries: 0, rejected: 0, bytes: 0 }
  for (let isDone = false; !isDone && !signal.aborted; await pause(restMs)) {
    const { isDone: done, ...pruned } = await store.write('pruneSlice', { ...wishOf(options), limit: slice })
    for (const name of ['events', 'deliveries', 'rejected', 'bytes'] as const) total[name] += pruned[name]
    isDone = done
    onSlice(pruned)
  }
  const mayRewrite = !store.isListening()
  for (let before = Number.POSITIVE_INFINITY; !signal.aborted; await pause(restMs)) {
    const free = await store.read('shrinkFile', { pages: pagesAtOnce, mayRewrite })
    if (free === null) return { ...total, shrunk: false }
    if (free === 0 || free >= before) break
    before = free
  }
  return { ...total, shrunk: true }
}
