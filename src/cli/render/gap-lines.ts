import type { CaughtUp } from '../../app/catch-up.ts'
import type { WholeGap } from '../../app/facts.ts'
import { countText, durationText, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { command } from './command.ts'
import { moment } from './event-row.ts'
import { iso } from './records.ts'

/** What was missed at one place, or in all: a `gap` record. */
export function gapRecord(io: Io, gap: CaughtUp | WholeGap): object {
  const { from, to, why } = gap
  const time = { from: from === null ? null : iso(from), to: iso(to), why }
  const common = { type: 'gap', at: iso(io.now()) }
  if ('all' in gap) {
    const next = gap.all === null ? { next: command(io, 'whs catchup') } : {}
    return { ...common, app: null, tenant: null, account: null, feed: null, ...time, catchup: gap.all, ...next }
  }
  const { app, tenant, account, feed, reading, ms, dry, failure } = gap
  const catchup = reading && { events: reading.count, known: reading.known, types: reading.events, ms, dry }
  const lost = reading?.lost ? { lost: reading.lost, lostSince: reading.lostSince && iso(reading.lostSince) } : {}
  return { ...common, app, tenant, account, feed, ...time, catchup, ...lost, ...(failure ? errorOf(io, failure) : {}) }
}

function errorOf(io: Io, { code, message, why, next }: NonNullable<CaughtUp['failure']>): object {
  return { error: { code, what: message, why }, ...(next ? { next: command(io, next) } : {}) }
}

/** The same in words; null for a place where nothing was missed. */
export function gapText(io: Io, gap: CaughtUp | WholeGap): string | null {
  if ('all' in gap) return wholeText(io, gap)
  const { reading, failure } = gap
  const whose = [gap.app, gap.tenant, accountText(gap)].filter(Boolean).join('  ')
  if (failure) {
    const why = failure.why ? `: ${safeText(failure.why)}` : ''
    const next = failure.next ? `  ${command(io, failure.next)}` : ''
    return `${whose}  not read: ${safeText(failure.message)}${why}${next}`
  }
  if (!reading || (reading.count === 0 && reading.lost === null)) return null
  const found = reading.count === 0 ? '' : `${broughtText(gap, reading)} in ${durationText(gap.ms)}`
  return `${whose}  ${[found, lostText(io, gap, reading)].filter(Boolean).join('; ')}`
}

type Reading = NonNullable<CaughtUp['reading']>

function accountText({ provider, account }: CaughtUp): string {
  return account === null ? '' : `${accountWord(provider, null)} ${safeText(account)}`
}

function broughtText({ dry }: CaughtUp, { count, known, events }: Reading): string {
  const types = Object.entries(events).map(([type, times]) => (times === 1 ? type : `${type} ${times}×`))
  const some = types.length > 6 ? [...types.slice(0, 6), `${types.length - 6} more types`] : types
  const before = known > 0 ? `, ${known} were known` : ''
  return `${countText(count, 'event')} ${dry ? 'would be ' : ''}caught up (${safeText(some.join(', '))})${before}`
}

function lostText(io: Io, { from }: CaughtUp, { lost, lostSince, from: asked }: Reading): string {
  const when = lostSince === null ? '' : ` since ${moment(lostSince, io.now())}`
  switch (lost) {
    case 'too-old':
      return `what is older than ${moment(asked ?? from ?? 0, io.now())} is lost: its API answers for no longer`
    case 'expired':
      return `what came${when} is lost: the cursor was too old, and reading begins anew`
    case 'begun':
      return 'it is read from now on; what came before is not known'
    case 'too-much':
      return `it was too much: of what came${when} only the newest was read, the rest is lost`
    case 'cut':
      return `it was too much at once: ${command(io, 'whs catchup')} goes on`
    case null:
      return ''
  }
}

function wholeText(io: Io, { from, to, all }: WholeGap): string {
  const away = from === null ? '' : `nobody listened for ${durationText(to - from)}, since ${moment(from, io.now())}`
  if (all === null) return `${away}. ${command(io, 'whs catchup')} asks for what came`
  const at = `at ${countText(all.places, 'place')}`
  const failed = all.failed > 0 ? `, ${all.failed} could not be read` : ''
  const found =
    all.events === 0
      ? `nothing was missed ${at}`
      : `${countText(all.events, 'event')} ${all.dry ? 'would be ' : ''}caught up ${at}`
  return `${away === '' ? '' : `${away}: `}${found}${failed}`
}
