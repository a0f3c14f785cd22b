import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { Drift } from './activation-outcome.ts'
import type { Called } from './hook-call.ts'
import { type HookPlace, hookPlaceOf } from './hook-place.ts'
import { setsUrl } from './hook-slots.ts'
import { settled } from './settled.ts'
import { isListedByResource, keyBehind, type StandingHook, sameHook, standingHooks, withoutKey } from './standing.ts'

/**
 * What stands at the provider of each hook of an app, against today's callback URL (without a key). Each list is asked for
 * once. Of what has no list, the URL that it was last given is compared. Nothing is changed.
 */
export async function findDrift(deps: ActivationDeps, wish: { app: string; callback: string }): Promise<Drift[]> {
  const hooks = await deps.store.read('listActivations', { app: wish.app })
  const lists = new Map<string, Promise<Called<StandingHook[]> | null>>()
  const found: Drift[] = []
  for (const hook of hooks.filter(({ state }) => state === 'active')) {
    const { api, per } = deps.definitionOf(hook.provider).activation
    // One that a person made is nobody's whose token could ask for it.
    const canAsk = api !== undefined && (hook.connectionId !== null || (api.per ?? per) === 'app')
    const place = canAsk ? await settled(hookPlaceOf(deps, { app: hook.app, connection: hook.connectionId })) : null
    if (!place?.ok) {
      found.push({ ...byRow(hook, wish.callback), why: place?.failure.why ?? null })
      continue
    }
    const resource = isListedByResource(place.value) ? hook.resource : null
    const key = JSON.stringify([hook.connectionId, resource])
    const list = lists.get(key) ?? standingHooks(deps, place.value, resource)
    lists.set(key, list)
    found.push(driftOf(place.value, hook, await list, wish.callback))
  }
  return found
}

function driftOf(
  place: HookPlace,
  hook: StoredActivation,
  list: Called<StandingHook[]> | null,
  callback: string,
): Drift {
  if (list === null) {
    return setsUrl(place) ? byRow(hook, callback) : { activation: hook, state: 'unknown', url: null, why: null }
  }
  if (!list.ok) return { activation: hook, state: 'unknown', url: hook.url, why: list.failure.why }
  if (hook.providerId === null) return byRow(hook, callback)
  const there = sameHook(list.value, hook)
  if (!there) {
    return { activation: hook, state: 'gone', url: null, why: `${place.definition.company} does not list it any more` }
  }
  const url = there.url ?? hook.url
  const isWell = !setsUrl(place) || keyBehind(url, callback) !== null
  return { activation: hook, state: isWell ? 'well' : 'elsewhere', url: url && withoutKey(url), why: null }
}

/** What the row alone says: where it was last pointed at. */
function byRow(hook: StoredActivation, callback: string): Drift {
  const isElsewhere = hook.url !== null && keyBehind(hook.url, callback) === null
  return { activation: hook, state: isElsewhere ? 'elsewhere' : 'unknown', url: hook.url, why: null }
}
