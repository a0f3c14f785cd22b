import { type Condition, type FilterName, filterNames, isFlag, withCondition } from './place.ts'

/**
 * What was typed into the query bar as conditions: `tenant:acme`, `event:"invoice.*"`, `is:failed`; all other words
 * together are the text to search for.
 */
export function readQuery(text: string): Condition[] {
  let conditions: Condition[] = []
  const words: string[] = []
  for (const [token] of text.matchAll(/[a-z]+:"[^"]*"?|\S+/g)) {
    const condition = conditionOf(token)
    if (condition) conditions = withCondition(conditions, condition)
    else words.push(token)
  }
  const search = words.join(' ')
  return search === '' ? conditions : withCondition(conditions, { name: 'search', value: search })
}

function conditionOf(token: string): Condition | null {
  const [, name = '', quoted] = /^([a-z]+):(.+)$/.exec(token) ?? []
  const value = (quoted ?? '').replace(/^"([^"]*)"?$/, '$1')
  if (name === 'is' && isFlag(value)) return { name: value, value: '' }
  const isKnown = (filterNames as readonly string[]).includes(name) && !isFlag(name)
  return isKnown && value !== '' ? { name: name as FilterName, value } : null
}

/** A condition as it is typed. */
export function queryToken({ name, value }: Condition): string {
  if (isFlag(name)) return `is:${name}`
  if (name === 'search') return value
  return /\s/.test(value) ? `${name}:"${value}"` : `${name}:${value}`
}

/** What may be typed next. */
export interface Suggestion {
  /** What takes the place of the last word. */
  token: string
  hint: string
  /** Whether it is a whole condition; else its value is still to be typed. */
  whole: boolean
}

/** The words that are known, by the filter that takes them. */
export type KnownWords = Partial<Record<FilterName, string[]>>

const hints: Partial<Record<FilterName, string>> = {
  tenant: 'whose it is',
  event: 'its type, * for any',
  provider: 'who sent it',
  app: 'your OAuth App',
  resource: 'what changed',
  account: 'the provider’s own id',
  env: 'production, sandbox, simulator',
  scope: 'tenant, parked, app',
  since: '2h, 7d or an ISO time',
  until: '2h, 7d or an ISO time',
}
const states = { failed: 'the handler refused', parked: 'nobody’s yet', rejected: 'did not verify' }

/** What fits the last word that is being typed, at most eight. */
export function suggestions(text: string, known: KnownWords): Suggestion[] {
  const word = /\S*$/.exec(text)?.[0] ?? ''
  const [, name = '', begun = ''] = /^([a-z]+):"?(.*)$/.exec(word) ?? []
  if (name === 'is') {
    return Object.entries(states)
      .filter(([state]) => state.startsWith(begun))
      .map(([state, hint]) => ({ token: `is:${state}`, hint, whole: true }))
  }
  if (name in hints) {
    const fitting = (known[name as FilterName] ?? []).filter(value => value.toLowerCase().includes(begun.toLowerCase()))
    return fitting
      .filter(value => value !== begun)
      .slice(0, 8)
      .map(value => ({ token: queryToken({ name: name as FilterName, value }), hint: '', whole: true }))
  }
  const names = Object.entries(hints).map(([key, hint]) => ({ token: `${key}:`, hint, whole: false }))
  const flags = Object.entries(states).map(([state, hint]) => ({ token: `is:${state}`, hint, whole: true }))
  return [...names.slice(0, 5), ...flags, ...names.slice(5)]
    .filter(({ token }) => word === '' || token.startsWith(word) || token === `is:${word}`)
    .slice(0, 8)
}
