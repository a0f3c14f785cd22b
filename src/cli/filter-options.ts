import { exits, WhsError } from '../core/errors.ts'
import { type Filter, parseMoment } from '../core/filter.ts'

/** The filters as flags give them. */
export interface FilterFlags {
  tenant?: string[]
  app?: string[]
  provider?: string[]
  env?: string[]
  account?: string[]
  event?: string[]
  resource?: string[]
  scope?: string[]
  parked?: boolean
  failed?: boolean
  since?: string
  until?: string
  search?: string
}

const lists = ['tenant', 'app', 'provider', 'env', 'account', 'event', 'resource', 'scope'] as const

/** The filter that flags describe. @throws WhsError `bad-time` */
export function filterOf(flags: FilterFlags, now: number): Filter {
  const filter: Filter = {}
  for (const name of lists) if (flags[name]?.length) filter[name] = flags[name]
  if (flags.parked) filter.parked = true
  if (flags.failed) filter.failed = true
  if (flags.since !== undefined) filter.since = parseMoment(flags.since, '--since', now)
  if (flags.until !== undefined) filter.until = parseMoment(flags.until, '--until', now)
  if (flags.search !== undefined) filter.search = flags.search
  return filter
}

/** A request that did not verify says nothing that could be believed of whose it is or what it is about. */
export function refuseForRejected(flags: FilterFlags, command: string): void {
  const names = ['tenant', 'account', 'event', 'resource', 'scope', 'parked', 'failed', 'search'] as const
  const one = names.find(name => flags[name] !== undefined)
  if (!one) return
  throw new WhsError({
    code: 'bad-filter',
    exit: exits.usage,
    what: `--${one} cannot narrow --rejected`,
    why: 'what did not verify has no tenant, account or event; --app, --provider, --env, --since and --until can',
    next: `${command} --rejected --app <app>`,
  })
}
