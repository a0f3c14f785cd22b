import { setTimeout as pause } from 'node:timers/promises'
import { healthOf } from '../connect/connection-health.ts'
import { refreshDue } from '../connect/refresh-due.ts'
import { systemClock } from '../deliver/clock.ts'
import type { ConnectionChange } from '../store/connection-changes.ts'
import type { App } from './app.ts'
import { consentDeps } from './consent-deps.ts'
import type { Fact } from './facts.ts'
import { faultTeller } from './tell-seldom.ts'

/** The care for connections while a listener runs. */
export interface TokenTending {
  /** Ends after the refresh that is under way, at most after this time. */
  stop(limitMs: number): Promise<void>
}

const lookEveryMs = 250
const refreshEveryMs = 60 * 60_000

/**
 * Tells of every change of a connection's state, whichever process found it out, and refreshes in time what would end:
 * at the start, then each hour. A connection that ends all the same is told once as `expiring`.
 */
export function tendTokens(
  app: App,
  tell: (fact: Fact) => void,
  clock: { setTimer(run: () => void, ms: number): () => void } = systemClock,
): TokenTending {
  const deps = consentDeps(app)
  const { store } = deps
  const onFault = faultTeller(app, tell, { code: 'tokens', what: 'tokens are not looked after' })
  const told = new Set<string>()
  let after = store.readNow('lastConnectionChange')
  let seen = -1
  let isOver = false
  let cancelLook = (): void => undefined
  let cancelRefresh = (): void => undefined

  function tellState(tenantName: string, id: string, state: Pick<ConnectionChange, 'state' | 'why'>): void {
    const tenant = store.readNow('findTenant', { name: tenantName })
    const connection = tenant?.connections.find(one => one.id === id)
    if (tenant && connection) tell({ kind: 'connection-changed', tenant, connection: { ...connection, ...state } })
  }

  function look(): void {
    try {
      const version = store.dataVersion()
      if (version !== seen) {
        for (const { seq, tenant, connection, state, why } of store.readNow('connectionChanges', { after })) {
          after = seq
          // What a consent made is told by whoever took it.
          if (state !== 'active' || why !== null) tellState(tenant, connection, { state, why })
        }
      }
      seen = version
    } catch (error) {
      if (!isOver) onFault(error)
    }
    if (!isOver) cancelLook = clock.setTimer(look, lookEveryMs)
  }

  async function refresh(): Promise<void> {
    try {
      for (const { tenant, connection } of await refreshDue(deps)) {
        const { state, why, endsAt } = healthOf(connection, deps.now())
        const key = `${connection.id} ${endsAt}`
        if (!told.has(key)) tellState(tenant.name, connection.id, { state, why })
        told.add(key)
      }
    } catch (error) {
      if (!isOver) onFault(error)
    }
    if (isOver) return
    cancelRefresh = clock.setTimer(() => {
      running = refresh()
    }, refreshEveryMs)
  }

  look()
  let running = refresh()
  return {
    async stop(limitMs) {
      isOver = true
      cancelLook()
      cancelRefresh()
      await Promise.race([running, pause(limitMs, undefined, { ref: false })])
    },
  }
}
