import { exits, WhsError } from './errors.ts'
import { type EventFacts, factMatches } from './rule.ts'

/** The filters that every command shares. A name given several times means either; different names mean both. */
export interface Filter {
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
  /** Milliseconds since 1970. */
  since?: number
  until?: number
  search?: string
}

const names = ['tenant', 'app', 'provider', 'env', 'account', 'event', 'resource', 'scope'] as const

/** Whether an event passes what a filter says of its facts (`failed`, times and `search` are the store's to answer). */
export function filterTakes(filter: Filter, facts: EventFacts): boolean {
  return misfits(filter, facts).length === 0
}

/** The conditions of a filter by which an event does not pass it; those that are the store's to answer are not looked at. */
export function misfits(filter: Filter, facts: EventFacts): (keyof Filter)[] {
  const failed: (keyof Filter)[] = names.filter(name => {
    const wanted = filter[name]
    return wanted?.length && !wanted.some(pattern => factMatches(name, pattern, facts))
  })
  return filter.parked && facts.scope !== 'parked' ? [...failed, 'parked'] : failed
}

const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * A duration as people type it (`30s`, `10m`, `2h`, `7d`), in milliseconds.
 * @throws WhsError `bad-duration`
 */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d|w)$/.exec(text.trim())
  if (text.trim() === '0') return 0
  const unit = match?.[2] === undefined ? undefined : units[match[2]]
  if (!match || unit === undefined) {
    throw new WhsError({
      code: 'bad-duration',
      exit: exits.usage,
      what: `"${text}" is no duration`,
      why: `${flag} takes a number with ms, s, m, h, d or w`,
      next: `${flag} 10m`,
    })
  }
  return Number(match[1]) * unit
}

/**
 * A moment as people type it: a duration ago (`2h`), or an ISO time (without a zone: local time). Milliseconds since 1970.
 * @throws WhsError `bad-time`
 */
export function parseMoment(text: string, flag: string, nowMs: number): number {
  if (/^\d+(\.\d+)?(ms|s|m|min|h|d|w)$/.test(text.trim())) return nowMs - parseDuration(text, flag)
  const iso = text.trim()
  // A date alone would be read as UTC (ECMA-262, Date Time String Format), a date with a time as local.
  const local = /^\d{4}-\d{2}$/.test(iso) ? `${iso}-01T00:00` : /^\d{4}-\d{2}-\d{2}$/.test(iso) ? `${iso}T00:00` : iso
  const time = /^\d{4}-\d{2}/.test(iso) ? Date.parse(local) : Number.NaN
  if (Number.isNaN(time)) {
    throw new WhsError({
      code: 'bad-time',
      exit: exits.usage,
      what: `"${text}" is no time`,
      why: `${flag} takes how long ago (2h, 7d) or an ISO time`,
      next: `${flag} 2h`,
    })
  }
  return time
}
