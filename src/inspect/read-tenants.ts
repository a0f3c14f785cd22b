import type { TenantShown } from '../store/inspect-tenant-ops.ts'
import type { Store } from '../store/store.ts'
import type { TenantView } from './api.ts'
import type { InspectorDeps } from './inspector.ts'
import { accountWord } from './rows.ts'

const halfHourMs = 1_800_000
const halfHours = 48
/** So many half hours are counted at once: a tenant may have had a million events in them. */
const atOnce = 8
const answerCount = 100
const mostTenants = 200

/** Tenants by name, from behind `after`, whose names hold `search`. */
export async function readTenants(deps: InspectorDeps, query: URLSearchParams): Promise<TenantView[]> {
  const { store } = deps
  const after = query.get('after') ?? ''
  const search = query.get('search')?.toLowerCase() ?? ''
  const waiting = await countWaiting(store)
  const views: TenantView[] = []
  for (const tenant of await store.read('tenantsShown', { after, search, limit: mostTenants })) {
    views.push(await tenantView(deps, tenant, waiting))
  }
  return views
}

type Waiting = Map<number, { open: number; failed: number }>

/** How many forwards of each tenant wait, and how many were given up. */
async function countWaiting(store: Store): Promise<Waiting> {
  const found: Waiting = new Map()
  for (const state of ['open', 'failed'] as const) {
    for (let after = 0; ; ) {
      const { seq, tenants } = store.readNow('waitingSlice', { state, after, limit: 5_000 })
      for (const id of tenants) {
        const counts = found.get(id) ?? { open: 0, failed: 0 }
        counts[state]++
        found.set(id, counts)
      }
      await turn()
      if (seq === null) break
      after = seq
    }
  }
  return found
}

async function tenantView(deps: InspectorDeps, tenant: TenantShown, waiting: Waiting): Promise<TenantView> {
  const { store, definitionOf } = deps
  const { id: tenantId, name } = tenant
  const activations = await store.read('listActivations', { tenant: name })
  const events = await eventCounts(deps, tenantId)
  return {
    name,
    accounts: tenant.accounts.map(({ app, provider, kind, value, name: own }) => {
      return { app, word: accountWord(definitionOf, provider, kind), value, name: own }
    }),
    connections: tenant.connections.map(one => deps.connectionView(one, name)),
    activations: activations.map(({ app, id, state, resource, expiresAt, url }) => {
      return { app, id, state, resource, expiresAt, url: url ?? '' }
    }),
    events,
    answers: await store.read('answerTimes', { tenantId, limit: answerCount }),
    lastAt: await store.read('lastEventAt', { tenantId }),
    ...(waiting.get(tenantId) ?? { open: 0, failed: 0 }),
  }
}

/** Events of a tenant in each of the last half hours, oldest first. */
async function eventCounts({ store, now }: InspectorDeps, tenantId: number): Promise<number[]> {
  const start = (Math.floor(now() / halfHourMs) + 1 - halfHours) * halfHourMs
  const counts = Array.from({ length: halfHours }, () => 0)
  for (let first = 0; first < halfHours; first += atOnce) {
    const from = start + first * halfHourMs
    const span = { tenantId, from, to: from + atOnce * halfHourMs, stepMs: halfHourMs }
    for (const { step, count } of store.readNow('countTenantEvents', span)) counts[first + step] = count
    await turn()
  }
  return counts
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
