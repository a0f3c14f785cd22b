import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import type { Failure } from './failure.ts'
import { againAt } from './hook-times.ts'
import { activateCommand, failedOutcome } from './outcome-of.ts'
import { settled } from './settled.ts'

/** Nothing false remains: a row waits for another try, one that was there is `gone`, a new one goes. */
export async function notMade(
  deps: ActivationDeps,
  hook: StoredActivation,
  failure: Failure,
  isNew: boolean,
): Promise<ActivationOutcome> {
  const { id, app, tenant, resource } = hook
  const { why, isPassing } = failure
  const told = { ...failure, todo: failure.todo ?? (isPassing ? null : activateCommand(hook)) }
  if (isNew && !isPassing) {
    await settled(deps.store.write('removeActivation', { id }))
    return failedOutcome(told, { app, tenant, resource })
  }
  const tries = isPassing ? hook.tries + 1 : 0
  const nextAt = isPassing ? againAt(failure, deps.now(), tries) : null
  const state = isPassing ? 'pending' : 'gone'
  const noted = await settled(deps.store.write('noteHook', { id, state, tries, nextAt, why }))
  return failedOutcome(told, noted.ok ? noted.value : hook)
}
