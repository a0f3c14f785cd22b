import type { ResourceWord } from '../core/activation-definition.ts'
import { globMatches } from '../core/glob.ts'
import { resourcesOf } from './answers/resources.ts'
import type { EventKind } from './catalogue.ts'
import type { Change } from './change-wish.ts'
import type { Hook } from './hooks.ts'
import type { World } from './world.ts'

/** Whether a hook for one thing of a company hears of a change: where that is of this thing, or of none in particular. */
export function isForResource(world: World, { resource }: Pick<Hook, 'resource'>, change: Change): boolean {
  if (resource === null) return true
  const things = thingsOf(world, change)
  return things === null || things.includes(resource)
}

/** The things that a change is of, among those that hooks can be for; null where it is of none in particular. */
function thingsOf(world: World, { company, kind, changed }: Change): string[] | null {
  const { api, noun } = world.definition.activation
  if (api?.resources && 'all' in api.resources) return topicsOf(api.resources.all, kind)
  const known = resourcesOf(world, company)
  if (known === null) return null
  // An account that the event names.
  const named = Object.values(company.values).filter(value => known.some(({ id }) => id === value))
  if (named.length > 0) return named
  if (changed === null) return null
  if (kind.type === noun) return [changed.resourceId]
  const holds = known.find(({ records }) => records?.[kind.type ?? '']?.includes(changed.resourceId))
  return (holds ? [holds] : known.slice(0, 1)).map(({ id }) => id)
}

/** Those of a fixed list: by the type of the thing where they say that, else by the event's own. */
function topicsOf(words: ResourceWord[], { type, providerEvent }: EventKind): string[] | null {
  const isByType = words.some(({ types }) => types !== undefined)
  if (isByType && type === null) return null
  const fitting = words.filter(({ id, types }) =>
    types === undefined ? globMatches(plain(id), plain(providerEvent)) : types.includes(type ?? ''),
  )
  return fitting.map(({ id }) => id)
}

/** `ORDERS_CREATE` and `orders/create` are one topic. */
function plain(topic: string): string {
  return topic.toLowerCase().replaceAll(/[/_]/g, '.')
}
