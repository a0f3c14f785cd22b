import { exits, WhsError } from '../core/errors.ts'
import { type Filter, parseMoment } from '../core/filter.ts'

const lists = ['tenant', 'app', 'provider', 'env', 'account', 'event', 'resource', 'scope'] as const
/** What can be known of a request that did not verify. */
const ofRejected = ['app', 'provider', 'env', 'since', 'until']
const most = 50

/** The filter that a query names as the command line does, and whether it is about requests that did not verify. */
export interface AskedFilter {
  filter: Filter
  rejected: boolean
}

/** @throws WhsError `bad-time`, `bad-filter` (exit 2) */
export function filterOfQuery(query: URLSearchParams, now: number): AskedFilter {
  const filter: Filter = {}
  for (const name of lists) {
    const values = query.getAll(name).filter(value => value !== '')
    if (values.length > most) throw badFilter(`there are ${values.length} of ${name}`, `at most ${most} of a kind`)
    if (values.length > 0) filter[name] = values
  }
  const flag = (name: string): boolean => query.has(name) && query.get(name) !== '0'
  if (flag('parked')) filter.parked = true
  if (flag('failed')) filter.failed = true
  const [since, until, search] = [query.get('since'), query.get('until'), query.get('search')]
  if (since) filter.since = parseMoment(since, 'since', now)
  if (until) filter.until = parseMoment(until, 'until', now)
  if (search) filter.search = search
  const rejected = flag('rejected')
  const odd = rejected ? Object.keys(filter).find(name => !ofRejected.includes(name)) : undefined
  if (odd === undefined) return { filter, rejected }
  throw badFilter(`${odd} cannot narrow what was rejected`, 'what did not verify has no tenant, account or event')
}

function badFilter(what: string, why: string): WhsError {
  return new WhsError({
    code: 'bad-filter',
    exit: exits.usage,
    what,
    why,
    next: 'app, provider, env, since and until can',
  })
}
