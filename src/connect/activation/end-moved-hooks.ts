import type { TenantConnection } from '../../store/tenant-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { endHooks } from './end-hooks.ts'

/** An account, and who has it from now on. */
export interface MovedAccount {
  kind: string
  value: string
  /** Null: a tenant that comes into being. */
  to: string | null
}

/**
 * Before accounts are taken from other tenants: removes the hooks of connections that are over then, while their tokens
 * hold. Says of each that stays at the provider whose it was, and why.
 */
export async function endMovedHooks(deps: ActivationDeps, app: string, moved: MovedAccount[]): Promise<string[]> {
  const left: string[] = []
  for (const { name, accounts, connections } of await deps.store.read('listTenants')) {
    const isTaken = ({ kind, value }: { kind: string; value: string }): boolean =>
      moved.some(one => one.kind === kind && one.value === value && one.to !== name)
    const isOver = ({ id, state }: TenantConnection): boolean => {
      const own = accounts.filter(({ connectionId, source }) => connectionId === id && source === 'connect')
      return state !== 'revoked' && own.length > 0 && own.every(isTaken)
    }
    const over = connections.filter(one => one.app === app && isOver(one)).map(({ id }) => id)
    if (over.length === 0) continue
    const hooks = await deps.store.read('listActivations', { app, tenant: name })
    const own = hooks.filter(({ connectionId }) => connectionId !== null && over.includes(connectionId))
    const ended = await endHooks(deps, own)
    left.push(...ended.left.map(({ id, providerId, why }) => `${name} (${providerId ?? id}): ${why}`))
  }
  return left
}
