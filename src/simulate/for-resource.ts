import { globMatches } from '../core/glob.ts'
import type { EventKind } from './catalogue.ts'
import type { Company } from './companies.ts'
import type { Hook } from './hooks.ts'
import type { World } from './world.ts'

/** Whether a hook for one thing of a company hears of an event: not where that is known to be of another thing. */
export function isForResource(world: World, { resource }: Hook, company: Company, kind: EventKind): boolean {
  if (resource === null) return true
  const own = thingsOf(world, company, kind)
  return own.length === 0 || own.includes(resource)
}

/** What an event of a company is of: a topic of the API's fixed list, or the company's one thing; empty where nobody says. */
function thingsOf({ definition }: World, { values, resources }: Company, { providerEvent }: EventKind): string[] {
  const listed = definition.activation.api?.resources
  if (listed && 'all' in listed) {
    return listed.all.map(({ id }) => id).filter(id => globMatches(plain(id), plain(providerEvent)))
  }
  const known = (resources ?? []).map(({ id }) => id)
  return Object.values(values).filter(value => known.includes(value))
}

/** `ORDERS_CREATE` and `orders/create` are one topic. */
function plain(topic: string): string {
  return topic.toLowerCase().replaceAll(/[/_]/g, '.')
}
