/** A condition of the list: a filter of the command line and what it wants. Flags want nothing. */
export interface Condition {
  name: FilterName
  value: string
}

const valued = [
  'tenant',
  'app',
  'provider',
  'env',
  'account',
  'event',
  'resource',
  'scope',
  'since',
  'until',
  'search',
] as const
const flags = ['parked', 'failed', 'rejected'] as const
export type FilterName = (typeof valued)[number] | (typeof flags)[number]

/** Of these a list has one at most; the others repeat, which means either. */
const single = new Set<string>(['since', 'until', 'search', ...flags])

export const filterNames: readonly FilterName[] = [...valued, ...flags]
export const tabs = ['data', 'raw', 'headers', 'explanation', 'attempts', 'record'] as const
export type Tab = (typeof tabs)[number]

/** Where the page stands: all of it is in the URL, so that a view can be kept, sent and reloaded. */
export interface Place {
  view: 'events' | 'tenants'
  conditions: Condition[]
  /** The event whose details are open. */
  open: string | null
  tab: Tab
}

export function isFlag(name: string): name is (typeof flags)[number] {
  return (flags as readonly string[]).includes(name)
}

function isFilter(name: string): name is FilterName {
  return (filterNames as readonly string[]).includes(name)
}

/** Reads a place from a URL's query; what it does not know it leaves out. */
export function readPlace(query: string): Place {
  const parameters = new URLSearchParams(query)
  const tab = parameters.get('tab') as Tab
  let conditions: Condition[] = []
  for (const [name, value] of parameters) {
    if (isFilter(name) && (isFlag(name) || value !== '')) conditions = withCondition(conditions, { name, value })
  }
  return {
    view: parameters.get('view') === 'tenants' ? 'tenants' : 'events',
    conditions,
    open: parameters.get('open'),
    tab: tabs.includes(tab) ? tab : 'data',
  }
}

/** A place as a URL's query, with its `?`; nothing for the bare list. */
export function writePlace({ view, conditions, open, tab }: Place): string {
  const parameters = filterQuery(conditions)
  if (view !== 'events') parameters.set('view', view)
  if (open) parameters.set('open', open)
  if (open && tab !== 'data') parameters.set('tab', tab)
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

/** The conditions as the API takes them, and as they stand in the page's URL. */
export function filterQuery(conditions: Condition[]): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const { name, value } of conditions) parameters.append(name, isFlag(name) ? 'true' : value)
  return parameters
}

/** With one condition more; one that a list has once takes the place of the old one, one that is there stays. */
export function withCondition(conditions: Condition[], { name, value }: Condition): Condition[] {
  const added = { name, value: isFlag(name) ? '' : value }
  const kept = single.has(name) ? conditions.filter(one => one.name !== name) : conditions
  return kept.some(one => one.name === name && one.value === added.value) ? kept : [...kept, added]
}
