import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import type { Failure } from './failure.ts'
import { againAt } from './hook-times.ts'
import { activateCommand, failedOutcome } from './outcome-of.ts'
import type { Remade } from './remake-hook.ts'
import { settled } from './settled.ts'

/** The same of one that was to take the place of a hook: where that one waits now, nothing more is to be noted. */
export async function notRemade(
  deps: ActivationDeps,
  old: StoredActivation,
  { failure, waits }: Extract<Remade, { ok: false }>,
): Promise<ActivationOutcome> {
  return waits ? failedOutcome(failure, waits) : notMade(deps, old, failure, false)
}

/**
 * Nothing false remains: a row waits for another try, one that was there is `gone`, a new one goes, as does one that
 * somebody ended before the provider was asked to make it.
 */
export async function notMade(
  deps: ActivationDeps,
  hook: StoredActivation,
  failure: Failure,
  isNew: boolean,
): Promise<ActivationOutcome> {
  const { id, app, provider, tenant, resource } = hook
  const { why, isPassing } = failure
  const isEnded = failure.means === 'interrupted'
  const told = { ...failure, todo: failure.todo ?? (isPassing && !isEnded ? null : activateCommand(hook)) }
  if (isNew && (!isPassing || (isEnded && !failure.mayStand))) {
    await settled(deps.store.write('removeActivation', { id }))
    return failedOutcome(told, { app, provider, tenant, resource })
  }
  const tries = isPassing ? hook.tries + 1 : 0
  const nextAt = isPassing ? againAt(failure, deps.now(), tries) : null
  const state = isPassing ? 'pending' : 'gone'
  const noted = await settled(deps.store.write('noteHook', { id, state, tries, nextAt, why }))
  return failedOutcome(told, noted.ok ? noted.value : hook)
}
