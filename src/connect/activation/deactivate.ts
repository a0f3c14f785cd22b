import { WhsError } from '../../core/errors.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import { interrupted, refused } from './failure.ts'
import { type HookPlace, hookPlaceOf } from './hook-place.ts'
import { activateCommand, failedOutcome, wellOutcome } from './outcome-of.ts'
import { removeStanding, removeStored } from './remove-hook.ts'
import { settled } from './settled.ts'
import { keyBehind, standingHooks } from './standing.ts'

/** Removes a hook at the provider, then here: `gone`; else `failed` says what was not removed there, and its row stays. */
export async function deactivate(deps: ActivationDeps, activation: StoredActivation): Promise<ActivationOutcome> {
  const byHand = `remove it at the provider by hand, then: whs activations remove ${activation.id}`
  const definition = deps.definitionOf(activation.provider)
  if (!definition.activation.api?.remove) {
    return failedOutcome(refused(`${definition.name} has no call that removes it`, { todo: byHand }), activation)
  }
  const place = await settled(hookPlaceOf(deps, { app: activation.app, connection: activation.connectionId }))
  if (!place.ok) return failedOutcome({ ...place.failure, todo: byHand }, activation)
  const removed = await removeThere(deps, place.value, activation)
  if (!removed.ok && removed.failure.means === 'interrupted') {
    const todo = activateCommand(activation, 'deactivate')
    return failedOutcome({ ...removed.failure, ...interrupted(place.value, 'removed'), todo }, activation)
  }
  if (!removed.ok) return failedOutcome({ ...removed.failure, todo: removed.failure.todo ?? byHand }, activation)
  await forget(deps, activation)
  const why = removed.value === 'gone' ? `${definition.company} did not have it any more` : null
  return wellOutcome('gone', { ...activation, state: 'gone', nextAt: null }, { why })
}

/** One whose id is not known may stand there all the same: it is looked for by its URL. */
async function removeThere(deps: ActivationDeps, place: HookPlace, hook: StoredActivation) {
  if (hook.providerId !== null) return removeStored(deps, place, hook)
  if (hook.madeBy === 'hand') return { ok: false as const, failure: refused('its id at the provider is not known') }
  const standing = await standingHooks(deps, place, hook.resource)
  if (standing && !standing.ok) return standing
  const key = hook.keyed ? await deps.store.read('hookKey', { id: hook.id }) : null
  const there = standing?.value.find(({ url }) => {
    const behind = keyBehind(url, hook.url ?? '')
    return behind !== null && behind.key === key
  })
  return there ? removeStanding(deps, place, hook, there) : { ok: true as const, value: 'gone' as const }
}

async function forget(deps: ActivationDeps, { id }: StoredActivation): Promise<void> {
  try {
    await deps.store.write('removeActivation', { id })
  } catch (error) {
    if (!(error instanceof WhsError && error.code === 'no-activation')) throw error
  }
}

/** Removes the temporary hooks, those of this run on its end and what a crash left over. */
export async function sweepTemporary(deps: ActivationDeps): Promise<ActivationOutcome[]> {
  const outcomes: ActivationOutcome[] = []
  for (const hook of await deps.store.read('temporaryHooks')) outcomes.push(await deactivate(deps, hook))
  return outcomes
}
