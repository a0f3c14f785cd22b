import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import { callHook } from './hook-call.ts'
import { type HookPlace, hookPlaceOf } from './hook-place.ts'
import { hookSlots, setsUrl } from './hook-slots.ts'
import { notRemade } from './not-made.ts'
import { failedOutcome, wellOutcome } from './outcome-of.ts'
import { remakeHook } from './remake-hook.ts'
import { settled } from './settled.ts'

/**
 * Points a hook at today's callback URL (without a key): `moved`, or `made` where the provider had it no more;
 * `elsewhere` where only a person can; `failed`.
 */
export async function moveTo(
  deps: ActivationDeps,
  activation: StoredActivation,
  callback: string,
): Promise<ActivationOutcome> {
  if (!deps.definitionOf(activation.provider).activation.api) return byPerson(deps, activation, callback)
  const place = await settled(hookPlaceOf(deps, { app: activation.app, connection: activation.connectionId }))
  if (place.ok) return moveAt(deps, place.value, activation, callback)
  return activation.madeBy === 'api' ? failedOutcome(place.failure, activation) : byPerson(deps, activation, callback)
}

/** The same where its place is known. */
export async function moveAt(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<ActivationOutcome> {
  const { move } = place.api
  const slots = await hookSlots(deps, place, hook, callback)
  const canCall = typeof move === 'object' && hook.providerId !== null && slots.callback !== undefined
  if (!setsUrl(place) || (hook.madeBy === 'hand' && !canCall)) return byPerson(deps, hook, callback)
  if (canCall) {
    const answer = await callHook(deps, place, move, slots)
    if (answer.ok)
      return wellOutcome('moved', await deps.store.write('changeActivation', { id: hook.id, url: callback }))
    if (answer.failure.means !== 'gone' || hook.madeBy === 'hand') return failedOutcome(answer.failure, hook)
  }
  const remade = await remakeHook(deps, place, hook, { callback, isGone: canCall })
  if (remade.ok) return wellOutcome(canCall ? 'made' : 'moved', remade.hook)
  return canCall ? notRemade(deps, hook, remade) : failedOutcome(remade.failure, remade.waits ?? hook)
}

function byPerson(deps: ActivationDeps, hook: StoredActivation, callback: string): ActivationOutcome {
  const { label, where } = deps.definitionOf(hook.provider).portal.callbackUrl
  const url = hook.keyed ? `${callback}/<its key>` : callback
  return wellOutcome('elsewhere', hook, {
    why: hook.url === null ? null : `it points at ${hook.url}`,
    todo: `set ${label} to ${url} (${where})`,
  })
}
