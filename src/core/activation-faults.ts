import type { Activation, ActivationApi, Listing } from './activation-definition.ts'
import { slotsOf } from './fill-text.ts'
import type { Value } from './value-definition.ts'
import { itemsFaults, valueFaults, whenFaults } from './value-faults.ts'

/** What is wrong with hooks by API, besides their calls: parts that contradict one another, paths that are none. */
export function apiFaults({ api, by, per, days, secret }: Activation): string[] {
  if (!api) return []
  const faults: string[] = []
  const scope = api.per ?? per
  if (by === 'portal') faults.push('what is made in the portal alone has no api')
  if (scope === 'resource' && !api.resources) faults.push('api.resources must say what hooks can be for')
  if (scope !== 'resource' && api.resources) faults.push('api.resources is there, but hooks are not one a resource')
  if (api.renew && days === undefined && !api.made.expires)
    faults.push('api.renew is there, but nothing says when a hook ends')
  const given = [api.made.secret, api.made.secretBy].filter(one => one !== undefined)
  if (given.length > 1) faults.push('api.made has both secret and secretBy')
  if (given.length > 0 && secret === 'chosen') faults.push('api.made has a secret, but we choose it')
  if (asksForSecret(api) && secret !== 'chosen') faults.push('api.create sends a secret, but secret is not "chosen"')
  if (!api.remove && (api.renew === 'anew' || api.move === 'remove-first'))
    faults.push('api.remove must say how the old hook is removed')
  if (api.list && String(names(api.list.keep)) !== String(names(api.made.keep)))
    faults.push('api.list.keep and api.made.keep must have the same names')
  return [...faults, ...readFaults(api)]
}

function names(keep: Record<string, Value> | undefined): string[] {
  return Object.keys(keep ?? {}).sort()
}

/** Whether a call that makes a hook has a slot for the secret that we choose. */
function asksForSecret({ create: { url, headers, body } }: ActivationApi): boolean {
  const slots = slotsOf(JSON.stringify([url, headers, body]))
  return slots.some(slot => ['secret', 'secretUser', 'secretPassword'].includes(slot))
}

/** What is wrong with what is read from answers. */
function readFaults({ resources, list, made, renew, refusals = [] }: ActivationApi): string[] {
  const faults: string[] = []
  if (resources && 'call' in resources) {
    const { name, usual } = resources
    faults.push(...listingFaults(resources, name === undefined ? [] : [name]))
    if (usual) faults.push(...whenFaults(usual, [resources.items]))
  }
  if (list) {
    const read = [list.url, list.resource, list.expires?.at, list.secret, ...Object.values(list.keep ?? {})]
    faults.push(
      ...listingFaults(
        list,
        read.filter(one => one !== undefined),
      ),
    )
  }
  const { id, secret, secretBy, expires, keep = {} } = made
  const again = typeof renew === 'object' ? renew.expires?.at : undefined
  const read = [secret, secretBy?.at, expires?.at, again, ...Object.values(keep)].filter(one => one !== undefined)
  if (typeof id === 'string' || !('chosen' in id)) read.push(id)
  for (const value of read) faults.push(...valueFaults(value, []))
  for (const { when } of refusals) if (when) faults.push(...whenFaults(when, []))
  return faults.map(fault => `api: ${fault}`)
}

function listingFaults({ items, id, where }: Listing, others: Value[]): string[] {
  const faults = itemsFaults(items)
  for (const value of [id, ...others]) faults.push(...valueFaults(value, [items]))
  if (where) faults.push(...whenFaults(where, [items]))
  return faults
}
