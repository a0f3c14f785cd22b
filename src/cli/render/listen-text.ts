import type { EndFact, Fact, ReadyFact } from '../../app/facts.ts'
import { bytesText, clip, durationText, safeText } from '../../core/text.ts'
import type { WaitingFact } from '../../deliver/lanes.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { EventForward, StoredEvent } from '../../store/event-ops.ts'
import type { StoredRejected } from '../../store/rejected-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { clock, moment, rowLayout, shortId } from './event-row.ts'
import { makePaint } from './paint.ts'
import { answerText, claimCommand } from './records.ts'

export interface ListenTextOptions {
  io: Io
  version: string
  /** The provider's own word for a kind of account at an app. */
  accountWord(provider: string, kind: string | null): string
  readEvent(seq: number): Promise<StoredEvent | null>
  /** Print an event when it comes, not when it is answered (a follower knows no lanes). */
  eager: boolean
}

/** Makes the lines of text for the facts of a session, in the order in which they come. Empty for what needs none. */
export function makeListenText(options: ListenTextOptions): (fact: Fact) => Promise<string[]> {
  const { io, readEvent, eager } = options
  const paint = makePaint(io.color)
  const layout = rowLayout(io.columns, paint)
  const pending = new Map<string, StoredEvent>()
  const parkedAccounts = new Map<string, number>()
  const startedAt = io.now()

  return async fact => {
    switch (fact.kind) {
      case 'ready':
        return readyLines(options, paint, fact)
      case 'event':
        return eventLines(fact.event)
      case 'attempt':
        return attemptLines(fact.attempt)
      case 'waiting':
        return waitingLines(fact)
      case 'rejected':
        return [rejectedLine(fact.rejected)]
      case 'end':
        return endLines(fact)
      default:
        return [otherLine(fact)]
    }
  }

  function eventLines(event: StoredEvent): string[] {
    const time = clock(event.receivedAt)
    if (event.scope === 'parked') return parkedLines(event, time)
    const tenant = event.tenant ?? '?'
    const forwards = JSON.parse(event.forwards) as EventForward[]
    if (event.repeatOf && forwards.length === 0) {
      const rest = paint.faint(`repeat of ${shortId(event.repeatOf)}, not sent again`)
      return [layout.row({ time, tenant, event, rest })]
    }
    if (forwards.length === 0) return [layout.row({ time, tenant, event, rest: marks(event) })]
    if (!eager) {
      remember(event)
      return []
    }
    return [layout.row({ time, tenant, event, rest: ['→ …', marks(event)].filter(Boolean).join('  ') })]
  }

  function remember(event: StoredEvent): void {
    if (pending.size > 5000) pending.delete(pending.keys().next().value as string)
    pending.set(event.id, event)
  }

  function parkedLines(event: StoredEvent, time: string): string[] {
    const key = `${event.app} ${event.account} ${event.reason}`
    const seen = parkedAccounts.get(key) ?? 0
    parkedAccounts.set(key, seen + 1)
    if (seen > 0 && !eager) return []
    const word = options.accountWord(event.provider, event.accountKind)
    const why =
      event.account === null
        ? safeText(event.fault ?? '')
        : `${word} …${safeText(event.account).slice(-4)} is nobody's here`
    const lines = [layout.row({ time, tenant: '?', event, rest: `${paint.warn('parked')}  ${why}` })]
    const claim = claimCommand(io, event)
    if (claim) lines.push(`          claim it: ${paint.strong(claim)}`)
    return lines
  }

  /** What must not go unnoticed about an event. */
  function marks(event: StoredEvent): string {
    const found: string[] = []
    if (event.env === 'production') found.push(paint.warn('PROD'))
    if (event.verified === 'none') found.push(paint.bad('UNVERIFIED'))
    if (event.source !== 'delivery') found.push(event.source)
    if (event.parts > 1) found.push(`part ${event.part}/${event.parts}`)
    return found.join(', ')
  }

  async function attemptLines(attempt: StoredAttempt): Promise<string[]> {
    const lines: string[] = []
    for (const [index, id] of attempt.eventIds.entries()) {
      const event = pending.get(id) ?? (await readEvent(attempt.eventSeqs[index] as number))
      if (!event) continue
      if (attempt.nextAt === null) pending.delete(id)
      const rest = [outcome(attempt), notes(event, attempt)].filter(Boolean).join('  ')
      lines.push(layout.row({ time: clock(attempt.at + attempt.ms), tenant: event.tenant ?? '?', event, rest }))
    }
    return lines
  }

  function outcome({ status, error, ms, nextAt, at }: StoredAttempt): string {
    const took = durationText(ms).padStart(6)
    const again = nextAt === null ? '' : `  again in ${durationText(Math.max(0, nextAt - at - ms))}`
    if (error !== null) return `→ ${paint.bad(clip(safeText(error), 40))}${again}`
    const isGood = status !== null && status >= 200 && status < 300
    return `→ ${isGood ? paint.good(String(status)) : paint.bad(String(status))}  ${took}${again}`
  }

  function notes(event: StoredEvent, attempt: StoredAttempt): string {
    const found = [marks(event)]
    if (attempt.replay) found.push('replay')
    else if (attempt.number > 1) found.push(`attempt ${attempt.number}`)
    if (event.parts > 1) found.push('signed again')
    if (event.receivedAt < startedAt && !attempt.replay) found.push(`open since ${moment(event.receivedAt, io.now())}`)
    if (attempt.hint) found.push(safeText(attempt.hint))
    const isGood = attempt.status !== null && attempt.status < 300
    const answer = isGood ? '' : answerText(attempt)
    if (answer) found.push(clip(answer, 60))
    return found.filter(Boolean).join(', ')
  }

  function waitingLines({ eventIds, company }: WaitingFact): string[] {
    return eventIds.flatMap(id => {
      const event = pending.get(id)
      if (!event) return []
      const rest = `→ ${paint.warn('waiting')}  ${company} has its answer already`
      return [layout.row({ time: clock(io.now()), tenant: event.tenant ?? '?', event, rest })]
    })
  }

  function rejectedLine(rejected: StoredRejected): string {
    const { app, status, bytes, id, reason, detail, receivedAt } = rejected
    const rest = `${app.padEnd(10)}  answered ${status}  ${bytesText(bytes)}  ${paint.strong(shortId(id))}  ${reason}: ${safeText(detail)}`
    return layout.plain(clock(receivedAt), paint.bad('rejected'), rest)
  }

  function otherLine(
    fact: Exclude<Fact, { kind: 'event' | 'attempt' | 'rejected' | 'ready' | 'end' | 'waiting' }>,
  ): string {
    const time = clock(io.now())
    switch (fact.kind) {
      case 'stray': {
        const hint = fact.hint ? `. ${safeText(fact.hint)}` : ''
        return layout.plain(
          time,
          paint.warn('stray'),
          `${safeText(fact.method)} ${clip(safeText(fact.path), 80)} → 404${hint}`,
        )
      }
      case 'tunnel': {
        const away = fact.ms === undefined ? '' : ` after ${durationText(fact.ms)}`
        const text = {
          up: `up again${away}: ${fact.url}`,
          lost: `lost${fact.why ? `: ${safeText(fact.why)}` : ''}. Connecting again; providers see an error and send again by themselves`,
          moved: `moved to ${fact.url}${fact.was ? ` (was ${fact.was})` : ''}: ${command(io, 'whs status')} shows what to change where`,
        }[fact.state]
        return layout.plain(time, paint.warn('tunnel'), text)
      }
      case 'held':
        return layout.plain(
          time,
          paint.warn('held'),
          `${fact.why}. Events are kept and go out in order when it is back`,
        )
      case 'resumed': {
        const count = `${fact.count} ${fact.count === 1 ? 'part goes' : 'parts go'} out`
        return layout.plain(
          time,
          paint.good('resumed'),
          `${fact.target} is back after ${durationText(fact.ms)}, ${count}`,
        )
      }
      case 'warning': {
        const fix = fact.fix ? `  ${command(io, fact.fix)}` : ''
        return layout.plain(time, paint.warn('warning'), `${safeText(fact.detail)}${fix}`)
      }
    }
  }

  function endLines({ ms, counts }: EndFact): string[] {
    const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
    const all = counts.answered === counts.events - counts.parked && counts.events > 0
    const retried = counts.retried > 0 ? ` (${counts.retried} at a later attempt)` : ''
    const parts = [
      durationText(ms),
      `${many(counts.events, 'event')} of ${many(counts.tenants, 'tenant')}${all ? `, all answered 2xx${retried}` : `, ${counts.answered} answered 2xx${retried}`}`,
      `${counts.parked} parked`,
      `${counts.rejected} rejected`,
      many(counts.repeats, 'repeat'),
      ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
      `${counts.open} open`,
    ]
    return [parts.join(' · ')]
  }
}

function readyLines(
  { io, version }: ListenTextOptions,
  paint: ReturnType<typeof makePaint>,
  ready: ReadyFact,
): string[] {
  const to =
    ready.targets.length > 0 ? ` → ${ready.targets.join(', ')}` : '   (no --forward: events are shown and kept)'
  const probe =
    ready.tunnel === 'none'
      ? ''
      : ready.probedMs === null
        ? ''
        : `   reached from outside in ${durationText(ready.probedMs)}`
  const lines = [`${paint.strong(`whs ${version}`)}   ${ready.url}${to}${probe}`]
  const apps = ready.apps.map(
    ({ name, env, tenants }) =>
      `${name} ${env === 'production' ? paint.warn('PROD') : env} ${tenants} tenant${tenants === 1 ? '' : 's'}`,
  )
  if (apps.length > 0) lines.push(`  ${apps.join(' · ')}`)
  else lines.push(`  no app is set up yet: ${paint.strong(command(io, 'whs setup <provider>'))}`)
  for (const { app, field, where, to: url } of ready.moved) {
    lines.push(`  ${paint.warn('paste')} ${paint.strong(url)}  into ${field} of ${app}: ${where}`)
  }
  if (ready.tunnel !== 'none' && ready.probedMs === null) {
    lines.push(`  ${paint.warn('warning')} our own public URL did not answer; deliveries may not arrive`)
  }
  lines.push(paint.faint(`  callback URLs: ${command(io, 'whs status')} · Ctrl-C ends, nothing is lost`))
  const { open, untaken, oldestAt } = ready.open
  if (open > 0 && oldestAt !== null) {
    const taken = open - untaken
    const since = moment(oldestAt, io.now())
    if (taken > 0) lines.push(`  ${taken} open since ${since} ${taken === 1 ? 'goes' : 'go'} out first`)
    if (untaken > 0) lines.push(`  ${untaken} open since ${since} fit no --forward rule and wait`)
  }
  return lines
}
