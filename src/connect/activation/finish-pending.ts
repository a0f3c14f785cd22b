import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import type { HookPlace } from './hook-place.ts'
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
  const made = await attemptHook(deps, place, hook, callback)
  return made.ok ? wellOutcome(made.isFound ? 'found' : 'made', made.hook) : notMade(deps, hook, made.failure, false)
}
