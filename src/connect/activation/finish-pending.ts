import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import type { HookPlace } from './hook-place.ts'
import { chosenId } from './hook-slots.ts'
import { type Attempt, attemptHook } from './make-hook.ts'
import { notMade } from './not-made.ts'
import { failedOutcome, wellOutcome } from './outcome-of.ts'
import { isUnderWay, underWay } from './successor.ts'

/** Tries a hook again that an earlier call left pending, unless another command may be at it just now. */
export async function finishPending(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<ActivationOutcome> {
  if (isUnderWay(deps, hook)) return failedOutcome(underWay, hook)
  const made = await attemptAgain(deps, place, hook, callback)
  if (!made.ok) return notMade(deps, hook, made.failure, false)
  const why = made.isFound ? `${place.definition.company} had made it already` : null
  return wellOutcome('made', made.hook, { why })
}

/** Brings a hook into being that an earlier call may have made already. */
export async function attemptAgain(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<Attempt> {
  return attemptHook(deps, place, await withFreshId(deps, place, hook), callback)
}

/** Where nobody can ask whether the earlier call made it, the id that we chose for it may be taken. */
async function withFreshId(deps: ActivationDeps, place: HookPlace, hook: StoredActivation): Promise<StoredActivation> {
  const providerId = place.api.list ? null : chosenId(deps, place, hook.resource)
  if (providerId === null || providerId === hook.providerId) return hook
  return deps.store.write('changeActivation', { id: hook.id, providerId })
}
