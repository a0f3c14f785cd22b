import type { Now } from './api.ts'
import type { InspectorDeps } from './inspector.ts'
import type { ListDeps } from './read-list.ts'

/** Names are offered while somebody types; more than so many are no help. */
const mostNames = 1_000

/** What everything else on the page hangs on. */
export async function readNow(deps: InspectorDeps & Pick<ListDeps, 'counts'>): Promise<Now> {
  const { store, version, command } = deps
  const { events, parked, rejected } = deps.counts()
  return {
    version,
    whs: command('whs status').replace(/ status$/, ''),
    listener: await deps.listener(),
    apps: await deps.apps(),
    tenants: await store.read('tenantNames', { limit: mostNames }),
    events,
    rejected,
    parked,
  }
}
