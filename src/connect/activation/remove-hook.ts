import type { Slots } from '../../core/fill-text.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { refused } from './failure.ts'
import { type Called, callHook } from './hook-call.ts'
import type { HookPlace } from './hook-place.ts'
import { hookSlots } from './hook-slots.ts'
import type { StandingHook } from './standing.ts'

/** Takes a hook away at the provider. One that is gone already is removed as well as can be: then it says `gone`. */
export async function removeAtProvider(
  deps: ActivationDeps,
  place: HookPlace,
  slots: Slots,
): Promise<Called<'removed' | 'gone'>> {
  const { api, definition } = place
  if (!api.remove) return { ok: false, failure: refused(`${definition.name} has no call that removes a hook`) }
  const answer = await callHook(deps, place, api.remove, slots)
  if (answer.ok) return { ok: true, value: 'removed' }
  return answer.failure.means === 'gone' ? { ok: true, value: 'gone' } : answer
}

/** The same with what is stored of it. */
export async function removeStored(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
): Promise<Called<'removed' | 'gone'>> {
  return removeAtProvider(deps, place, await hookSlots(deps, place, hook, hook.url ?? ''))
}

/** The same with what the provider lists of it, where it is for a row's resource. */
export async function removeStanding(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  there: StandingHook,
): Promise<Called<'removed' | 'gone'>> {
  const resource = there.resource ?? hook.resource
  const slots = { ...there.keep, activation: there.id, ...(resource === null ? {} : { resource }) }
  return removeAtProvider(deps, place, slots)
}
