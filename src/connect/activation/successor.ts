import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { type Failure, refused } from './failure.ts'

/** The newest hook that was begun in the place of another one, which is still kept; undefined where there is none. */
export async function successorOf(
  { store }: Pick<ActivationDeps, 'store'>,
  hook: StoredActivation,
): Promise<StoredActivation | undefined> {
  const rows = await store.read('listActivations', { app: hook.app })
  return rows.findLast(
    ({ seq, madeBy, state, tenant, connectionId, resource }) =>
      seq > hook.seq &&
      madeBy === 'api' &&
      state !== 'gone' &&
      tenant === hook.tenant &&
      connectionId === hook.connectionId &&
      resource === hook.resource,
  )
}

/** Whether another command may be making it just now: nobody has said yet how its call ended. */
export function isUnderWay({ now }: Pick<ActivationDeps, 'now'>, { state, why, nextAt }: StoredActivation): boolean {
  return state === 'pending' && why === null && nextAt !== null && nextAt > now()
}

/** Why such a one is left alone. */
export const underWay: Failure = refused('another command is making it, or was ended while it did', {
  means: 'busy',
  isPassing: true,
})
