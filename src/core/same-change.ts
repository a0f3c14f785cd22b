import type { ProviderDefinition } from './definition.ts'
import { momentMs } from './moment.ts'
import type { IngestedItem, Resource } from './read-item.ts'

/** A change of one thing at one time, by which events are the same that have no id in common. */
export interface Change {
  /** `invoice/130`. */
  resource: string
  /** In ms. */
  at: number
  /** By how much two times may differ, in ms. */
  within: number
}

const known = new WeakMap<ProviderDefinition, number | null>()

/** Within how many ms a feed of the provider takes changes of a thing for one; null where none compares so. */
export function comparedWithin(definition: ProviderDefinition): number | null {
  const found = known.get(definition)
  if (found !== undefined) return found
  const seconds = (definition.feeds ?? []).flatMap(({ same }) => (typeof same === 'object' ? [same.withinSeconds] : []))
  const within = seconds.length === 0 ? null : Math.max(...seconds) * 1000
  known.set(definition, within)
  return within
}

/** Notes what changed and when, where an item says both. */
export function noteChange(item: IngestedItem, within: number): void {
  const at = item.occurredAt === null ? null : momentMs(item.occurredAt)
  if (at !== null && item.resource !== null) item.change = { resource: resourceKey(item.resource), at, within }
}

/** The same for `Invoice` and `invoice`. */
export function resourceKey({ type, id }: Pick<Resource, 'type' | 'id'>): string {
  return `${type.toLowerCase()}/${id}`
}
