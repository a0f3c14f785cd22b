import { isActivationKey } from '../../core/activation-key.ts'
import { type Slots, slotsOf } from '../../core/fill-text.ts'
import { readValue } from '../../core/value.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import { itemsIn } from '../api-call.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { type Called, callAll, momentIn } from './hook-call.ts'
import type { HookPlace } from './hook-place.ts'
import { keptIn, providerIdOf } from './read-made.ts'

/** A hook as the provider lists it. */
export interface StandingHook {
  id: string
  url: string | null
  resource: string | null
  expiresAt: number | null
  secret: string | null
  keep: Slots
}

/** Whether the list is asked for once a resource. */
export function isListedByResource({ api }: HookPlace): boolean {
  return api.list !== undefined && slotsOf(JSON.stringify(api.list.call)).includes('resource')
}

/** What stands at the provider (for one resource where that is how it is asked); null where there is no list. */
export async function standingHooks(
  deps: ActivationDeps,
  place: HookPlace,
  resource: string | null,
): Promise<Called<StandingHook[]> | null> {
  const { list } = place.api
  if (!list) return null
  const pages = await callAll(deps, place, list.call, resource === null ? {} : { resource })
  if (!pages.ok) return pages
  const isOfOne = isListedByResource(place)
  const hooks = itemsIn(pages.value, list).flatMap(item => {
    const raw = readValue(item, list.id)?.text
    const id = raw === undefined ? null : providerIdOf(place.definition, raw)
    if (id === null) return []
    const read = (value: typeof list.url): string | null => (value && readValue(item, value)?.text) ?? null
    return [
      {
        id,
        url: read(list.url),
        resource: isOfOne ? resource : read(list.resource),
        expiresAt: momentIn(item, list.expires),
        secret: read(list.secret),
        keep: keptIn(item, list.keep),
      },
    ]
  })
  return { ok: true, value: hooks }
}

/** Which of them is ours: its id, and what we kept of it where it lists that too. */
export function sameHook(hooks: StandingHook[], { providerId, slots, resource }: StoredActivation) {
  if (providerId === null) return undefined
  return hooks.find(
    hook =>
      hook.id === providerId &&
      (hook.resource === null || resource === null || hook.resource === resource) &&
      Object.entries(hook.keep).every(([name, value]) => slots[name] === undefined || slots[name] === value),
  )
}

/** A callback URL as it is compared, and the key behind that of the app; null where it is not one of this app's. */
export function keyBehind(url: string | null, callback: string): { key: string | null } | null {
  if (url === null) return null
  const [there, ours] = [plainUrl(url), plainUrl(callback)]
  if (there === ours) return { key: null }
  const rest = there.startsWith(`${ours}/`) ? there.slice(ours.length + 1) : ''
  return isActivationKey(rest) ? { key: rest } : null
}

/** The URL of a hook without the key at its end. */
export function withoutKey(url: string): string {
  const last = url.slice(url.lastIndexOf('/') + 1)
  return isActivationKey(last) ? url.slice(0, -last.length - 1) : url
}

function plainUrl(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, '')
}
