import { exits, WhsError } from '../../core/errors.ts'
import { holds } from '../../core/holds.ts'
import { clip, safeText } from '../../core/text.ts'
import { type ItemContext, readValue } from '../../core/value.ts'
import { itemsIn } from '../api-call.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { callAll } from './hook-call.ts'
import { hookPlaceOf } from './hook-place.ts'

export interface Resource {
  id: string
  name: string
  /** It is chosen where nobody says. */
  isUsual: boolean
}

/**
 * What hooks of a connection can be for, as the provider lists it; empty where hooks are for no resource.
 * @throws WhsError those of `hookPlaceOf`, `resources-refused` (exit 4 where the token is at fault, else 10)
 */
export async function listResources(
  deps: ActivationDeps,
  wish: { app: string; connection: string | null },
): Promise<Resource[]> {
  const place = await hookPlaceOf(deps, wish)
  const { resources } = place.api
  if (place.per !== 'resource' || !resources) return []
  if ('all' in resources) return resources.all.map(({ id, name, usual }) => ({ id, name, isUsual: usual === true }))
  const pages = await callAll(deps, place, resources.call, {})
  if (!pages.ok) {
    const { means, why, todo } = pages.failure
    throw new WhsError({
      code: 'resources-refused',
      exit: means === 'token' || means === 'scope' ? exits.consent : exits.api,
      what: `${place.definition.company} did not say what hooks can be for`,
      why,
      ...(todo === null ? {} : { next: todo }),
    })
  }
  const nameOf = (item: ItemContext, id: string): string =>
    clip(safeText((resources.name && readValue(item, resources.name)?.text) || id), 120)
  const found = new Map<string, Resource>()
  for (const item of itemsIn(pages.value, resources)) {
    const id = readValue(item, resources.id)?.text
    if (!id || found.has(id)) continue
    found.set(id, {
      id,
      name: nameOf(item, id),
      isUsual: resources.usual !== undefined && holds(item, resources.usual),
    })
  }
  const all = [...found.values()]
  return all.length === 1 ? all.map(one => ({ ...one, isUsual: true })) : all
}
