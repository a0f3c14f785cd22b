import type { Buffer } from 'node:buffer'
import type { Listing } from '../../core/activation-definition.ts'
import type { Value } from '../../core/value-definition.ts'
import type { Company } from '../companies.ts'
import type { HookResource } from '../fixtures.ts'
import type { World } from '../world.ts'
import { lastPage, makeHold, writeAnswer, writeItems } from './write-answer.ts'

/** What the hooks of companies can be for; where nothing is known of that, the fixture's answer as it is. */
export function resourcesAnswer(world: World, listing: Listing & { name?: Value }, companies: Company[]): Buffer {
  const { call, items, where, id, name } = listing
  const known = companies.map(company => resourcesOf(world, company))
  const body = world.fixtures.answer('activation-resources')
  if (known.every(one => one === null)) return lastPage(call, body)
  const resources = known.flatMap(one => one ?? [])
  const written = writeItems(body, items, where, resources.length, (bytes, index, pick) => {
    const one = resources[index] as HookResource
    const counting = where === undefined ? bytes : makeHold(bytes, where, pick)
    const named = name === undefined ? counting : writeAnswer(counting, name, one.name, pick)
    return writeAnswer(named, id, one.id, pick)
  })
  return lastPage(call, written)
}

/** The company that has a resource, else the first. */
export function companyWith(world: World, companies: Company[], resource: string | undefined): Company | null {
  const has = (company: Company): boolean =>
    Object.values(company.values).some(value => value === resource) ||
    (resourcesOf(world, company)?.some(({ id }) => id === resource) ?? false)
  return companies.find(has) ?? companies[0] ?? null
}

/** As its fixture says, else its records of the kind that a resource is, else what its hooks share an id with. */
export function resourcesOf({ definition }: World, { resources, records, values }: Company): HookResource[] | null {
  if (resources) return resources
  const { noun = '', kind = '', api } = definition.activation
  const held = records.filter(({ type, deleted }) => type === noun && !deleted)
  if (held.length > 0) return held.map(({ id }) => ({ id, name: `${noun} ${id}` }))
  const named = api?.list?.keep ? values[kind] : undefined
  return named === undefined ? null : [{ id: named, name: `${noun} ${named}` }]
}
