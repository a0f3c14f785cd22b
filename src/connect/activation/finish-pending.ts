import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import type { HookPlace } from './hook-place.ts'
import { chosenId } from './hook-slots.ts'
import { attemptHook } from './make-hook.ts'
import { notMade } from './not-made.ts'
import { wellOutcome } from './outcome-of.ts'

/** Tries a hook again that an earlier call left pending. */
export async function finishPending(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<ActivationOutcome> {
  const made = await attemptHook(deps, place, await withFreshId(deps, place, hook), callback)
  return made.ok ? wellOutcome(made.isFound ? 'found' : 'made', made.hook) : notMade(deps, hook, made.failure, false)
}

/** Where nobody can ask whether the earlier call made it, the id that we chose for it may be taken. */
async function withFreshId(deps: ActivationDeps, place: HookPlace, hook: StoredActivation): Promise<StoredActivation> {
  const providerId = place.api.list ? null : chosenId(deps, place, hook.resource)
  if (providerId === null || providerId === hook.providerId) return hook
  return deps.store.write('changeActivation', { id: hook.id, providerId })
}
