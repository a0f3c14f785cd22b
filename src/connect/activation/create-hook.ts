import { WhsError } from '../../core/errors.ts'
import type { Slots } from '../../core/fill-text.ts'
import { type ItemContext, readValue } from '../../core/value.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { type Failure, failureOf, interrupted, refused } from './failure.ts'
import { type Called, callHook, momentIn } from './hook-call.ts'
import type { HookPlace } from './hook-place.ts'
import { hookSlots, secretOfHook } from './hook-slots.ts'
import { lifeEnd, renewalAt } from './hook-times.ts'
import { keptIn, providerIdOf } from './read-made.ts'
import { removeAtProvider } from './remove-hook.ts'

/** What is known of a hook that stands at the provider. */
export interface MadeHook {
  providerId: string | null
  secret: string | null
  expiresAt: number | null
  keep: Slots
}

/**
 * Makes the call that makes a hook, whose row is there, and writes down what came of it. What stands at the provider and
 * cannot be kept here is removed there again; a failure says where it may stand all the same.
 */
export async function createHook(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<Called<StoredActivation>> {
  const slots = await hookSlots(deps, place, hook, callback)
  const answer = await callHook(deps, place, place.api.create, slots)
  if (!answer.ok) return isUnsure(answer.failure) ? maybe(place, answer.failure) : answer
  const made = madeIn(place, answer.value, hook, deps.now())
  if (made.providerId === null) {
    const name = place.definition.company
    return { ok: false, failure: refused(`${name} said yes and gave no id of the hook`) }
  }
  const all = { ...slots, ...made.keep, activation: made.providerId }
  const secret =
    made.secret === null ? await secretAskedFor(deps, place, all) : { ok: true as const, value: made.secret }
  const kept = secret.ok ? await keepHook(deps, place, hook, { ...made, secret: secret.value }, callback) : secret
  if (kept.ok) return kept
  const removed = await removeAtProvider(deps, place, all)
  return removed.ok ? kept : maybe(place, kept.failure)
}

/** Nobody heard whether the provider did what it was asked. */
function isUnsure({ means }: Failure): boolean {
  return means === 'busy' || means === 'interrupted'
}

function maybe(place: HookPlace, failure: Failure): { ok: false; failure: Failure } {
  const said = failure.means === 'interrupted' ? interrupted(place, 'made') : {}
  return { ok: false, failure: { ...failure, ...said, mayStand: true } }
}

/** What an answer says of the hook that was made, or made again. */
export function madeIn(place: HookPlace, context: ItemContext, hook: StoredActivation, now: number): MadeHook {
  const { made } = place.api
  const isChosen = typeof made.id !== 'string' && 'chosen' in made.id
  const raw = isChosen ? undefined : readValue(context, made.id as Exclude<typeof made.id, { chosen: string }>)?.text
  return {
    providerId: isChosen ? hook.providerId : raw === undefined ? null : providerIdOf(place.definition, raw),
    secret: (made.secret && readValue(context, made.secret)?.text) ?? null,
    expiresAt: momentIn(context, made.expires) ?? lifeEnd(place.definition, now),
    keep: { ...hook.slots, ...keptIn(context, made.keep) },
  }
}

/** The secret of a hook where the provider must be asked for it; null where it gives none that way. */
export async function secretAskedFor(
  deps: ActivationDeps,
  place: HookPlace,
  slots: Slots,
): Promise<Called<string | null>> {
  const { secretBy } = place.api.made
  if (!secretBy) return { ok: true, value: null }
  const answer = await callHook(deps, place, secretBy.call, slots)
  if (!answer.ok) return answer
  const value = readValue(answer.value, secretBy.at)?.text
  if (value) return { ok: true, value }
  return { ok: false, failure: refused(`${place.definition.company} did not give the secret of the hook`) }
}

/** Writes down what stands at the provider. A secret that a handshake should have brought must be there by now. */
export async function keepHook(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  made: MadeHook,
  callback: string,
): Promise<Called<StoredActivation>> {
  const wanted = secretOfHook(place)
  const { name } = place.definition
  try {
    const now = await deps.store.read('findActivation', { id: hook.id })
    if (isBrought(place) && made.secret === null && now?.secrets.length === 0) {
      const why = `${name} made the hook, and its handshake with the secret did not come`
      return { ok: false, failure: refused(why, { means: 'unreachable', isPassing: true }) }
    }
    const kept = await deps.store.write('completeHook', {
      id: hook.id,
      providerId: made.providerId,
      secret: made.secret === null || wanted === null ? null : { ...wanted, value: made.secret },
      url: callback,
      expiresAt: made.expiresAt,
      nextAt: renewalAt(place.api, deps.now(), made.expiresAt),
      slots: made.keep,
    })
    return { ok: true, value: kept }
  } catch (error) {
    if (error instanceof WhsError) return { ok: false, failure: failureOf(error) }
    throw error
  }
}

/** Whether a handshake, while the hook is made, brings its secret. */
export function isBrought({ definition }: HookPlace): boolean {
  return definition.webhook.handshakes?.some(({ brings }) => brings?.of === 'activation') === true
}
