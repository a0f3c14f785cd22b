import { exits, WhsError } from '../../core/errors.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import { finishPending } from './finish-pending.ts'
import { type HookPlace, hookPlaceOf, tenantOf } from './hook-place.ts'
import { setsUrl } from './hook-slots.ts'
import { attemptHook, draftHook } from './make-hook.ts'
import { moveAt } from './move-to.ts'
import { notMade, notRemade } from './not-made.ts'
import { failedOutcome, wellOutcome } from './outcome-of.ts'
import { remakeHook } from './remake-hook.ts'
import { renewHook } from './renew-hook.ts'
import { settled } from './settled.ts'
import { keyBehind, sameHook, standingHooks } from './standing.ts'

export interface HookWish {
  app: string
  /** The connection (`con_…`) whose token makes it; null: the app's own credentials. */
  connection: string | null
  resource: string | null
  /** It goes with the run that makes it. */
  temporary: boolean
  /** Today's callback URL of the app, without a key. */
  callback: string
}

/**
 * Makes a hook at the provider, or finds the one that stands there: never two for the same. Its row is there before the
 * call. What the provider refuses is told, not thrown; then nothing is kept, except where it is tried again.
 * @throws WhsError those of `hookPlaceOf`, `resource-needed` (exit 2)
 */
export async function activate(deps: ActivationDeps, wish: HookWish): Promise<ActivationOutcome> {
  const place = await hookPlaceOf(deps, wish)
  if (place.per === 'resource' && wish.resource === null) throw noResource(place)
  const resource = place.per === 'resource' ? wish.resource : null
  const whose = { app: place.app.name, provider: place.definition.id, tenant: tenantOf(place), resource }
  const { own, byHand } = await rowsOf(deps, place, resource)
  if (byHand) return wellOutcome('found', byHand, { why: 'it was made by hand' })
  if (own?.state === 'active') return checkActive(deps, place, own, wish.callback)
  if (own) return finishPending(deps, place, own, wish.callback)
  const { temporary, callback } = wish
  const drafted = await settled(draftHook(deps, place, { resource, temporary, callback, replaces: null }))
  if (!drafted.ok) return failedOutcome(drafted.failure, whose)
  const made = await attemptHook(deps, place, drafted.value, callback)
  if (!made.ok) return notMade(deps, drafted.value, made.failure, true)
  return wellOutcome(made.isFound ? 'found' : 'made', made.hook)
}

/** What is kept already of a hook for the same. */
async function rowsOf(
  deps: ActivationDeps,
  place: HookPlace,
  resource: string | null,
): Promise<{ own?: StoredActivation; byHand?: StoredActivation }> {
  const rows = await deps.store.read('listActivations', { app: place.app.name })
  const same = rows.filter(row => row.tenant === tenantOf(place) && row.resource === resource)
  const byApi = same.filter(row => row.madeBy === 'api' && row.connectionId === (place.connection?.id ?? null))
  const own = byApi.findLast(({ state }) => state !== 'gone')
  const byHand = own ? undefined : same.find(({ madeBy, state }) => madeBy === 'hand' && state === 'active')
  return { ...(own ? { own } : {}), ...(byHand ? { byHand } : {}) }
}

/** Whether a hook that was made still stands where it should; else it is mended. */
async function checkActive(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<ActivationOutcome> {
  const standing = await standingHooks(deps, place, hook.resource)
  if (standing && !standing.ok) return failedOutcome(standing.failure, hook)
  const there = standing && sameHook(standing.value, hook)
  if (standing && !there) {
    const remade = await remakeHook(deps, place, hook, { callback, isGone: true })
    if (!remade.ok) return notRemade(deps, hook, remade)
    const why = `${place.definition.company} did not have the earlier one any more`
    return wellOutcome('made', remade.hook, { why })
  }
  const url = there?.url ?? hook.url
  if (setsUrl(place) && keyBehind(url, callback) === null) return moveAt(deps, place, hook, callback)
  // A move whose answer nobody heard is one.
  const isNoted = !setsUrl(place) || hook.url === callback
  const here = isNoted ? hook : await deps.store.write('changeActivation', { id: hook.id, url: callback })
  const isDue = here.nextAt !== null && (here.tries > 0 || here.nextAt <= deps.now())
  return (isDue && (await renewHook(deps, here, callback))) || wellOutcome('found', here)
}

function noResource({ app, definition }: HookPlace): WhsError {
  const noun = definition.activation.noun ?? 'resource'
  return new WhsError({
    code: 'resource-needed',
    exit: exits.usage,
    what: `which ${noun} the hook of ${app.name} is for was not said`,
    why: `${definition.name} has one for each`,
    next: `whs activate ${app.name} --resource <${noun}>`,
  })
}
