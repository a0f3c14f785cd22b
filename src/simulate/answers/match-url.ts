import type { ProviderDefinition } from '../../core/definition.ts'
import type { UrlTemplate } from '../../core/value-definition.ts'
import type { RouteRequest } from '../../net/door.ts'
import { readRole } from '../hosts.ts'
import { matchPath, matchTemplate, onlySlot } from './match-template.ts'

/** Where a request stands under one of the simulator's hosts. */
export interface Place {
  role: string
  /** What stands in the host's name. */
  slots: Record<string, string>
  path: string
  query: URLSearchParams
}

/** The place of a request to `/<provider>/<role>/…`. */
export function placeOf(definition: ProviderDefinition, { params, path, query }: RouteRequest): Place | undefined {
  const asked = params.role ?? ''
  const found = readRole(definition, asked)
  return found && { ...found, path: path.slice(`/${params.provider}/${asked}`.length), query }
}

/**
 * Whether a place is what a URL template says, and with which slots. Fixed parts of the query are not asked for (providers
 * ignore them); a slot that came twice must have one value.
 */
export function matchUrl(template: UrlTemplate, place: Place): Record<string, string> | undefined {
  const [, wantedRole, wantedPath = '', wantedQuery = ''] = /^\{(\w+)\}([^?]*)\??(.*)$/.exec(template) ?? []
  if (place.role !== wantedRole) return undefined
  const found = matchPath(wantedPath, place.path)
  if (!found) return undefined
  const slots = { ...place.slots, ...found }
  if (Object.entries(place.slots).some(([name, value]) => slots[name] !== value)) return undefined
  for (const [key, value] of new URLSearchParams(wantedQuery)) {
    const given = place.query.get(key) ?? ''
    const slot = onlySlot(value)
    if (slot) slots[slot] = given
    else Object.assign(slots, matchTemplate(value, given))
  }
  return slots
}

/** How many of the fixed parts of a template's query a request has: two calls may differ in nothing else. */
export function fixedParts(template: UrlTemplate, query: URLSearchParams): number {
  const wanted = new URLSearchParams(template.split('?')[1] ?? '')
  return [...wanted].filter(([key, value]) => query.get(key) === value).length
}
