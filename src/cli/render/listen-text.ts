import type { Fact, FetchedFact } from '../../app/facts.ts'
import { markOf } from '../../core/compare-attempts.ts'
import { isSuccess } from '../../core/retry.ts'
import { bytesText, clip, durationText, safeText } from '../../core/text.ts'
import type { WaitingFact } from '../../deliver/lanes.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { EventForward, StoredEvent } from '../../store/event-ops.ts'
import type { StoredRejected } from '../../store/rejected-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { clock, moment, rowLayout, shortId } from './event-row.ts'
import { factLine } from './fact-line.ts'
import { gapText } from './gap-lines.ts'
import { makePaint } from './paint.ts'
import { recordFactLine } from './record-lines.ts'
import { answerText, claimCommand } from './records.ts'
import { endLine, readyLines } from './session-text.ts'
import { wrap } from './wrap.ts'

export interface ListenTextOptions {
  io: Io
  version: string
  /** The provider's own word for a kind of account at an app. */
  accountWord(provider: string, kind: string | null): string
  readEvent(seq: number): Promise<StoredEvent | null>
  /** Print an event when it comes, not when it is answered (a follower knows no lanes). */
  eager: boolean
  /** Name the app in each line; without it, where there is room. */
  namesApp?: boolean
  /** Tell in a line of its own what was fetched of an event's thing. */
  tellsRecords?: boolean
}

export interface ListenText {
  /** The lines for a fact, in the order in which facts come; none for what needs none. */
  lines(fact: Fact): Promise<string[]>
  /** Lines for events that came a second ago and are not answered yet. To be called now and then. */
  overdue(): string[]
}

const patienceMs = 1_000

/**
 * The text of a session: one line an event, when it is answered; after a second without an answer one that says so,
 * and another with the answer.
 */
export function makeListenText(options: ListenTextOptions): ListenText {
  const { io, readEvent, eager } = options
  const paint = makePaint(io.color)
  const layout = rowLayout(io.columns, paint, { namesApp: options.namesApp })
  /** Events that were not printed yet, since their answer may come any moment. */
  const pending = new Map<string, { event: StoredEvent; since: number; repeats: string[] }>()
  const heldOrigins = new Set<string>()
  const parkedAccounts = new Map<string, number>()
  const startedAt = io.now()
  const fit = (line: string): string => wrap(line, io.columns, 10)

  return { lines, overdue }

  async function lines(fact: Fact): Promise<string[]> {
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
      case 'record':
        return options.tellsRecords ? recordLines(fact) : []
      case 'gap': {
        const text = gapText(io, fact.gap)
        return text === null ? [] : [fit(layout.plain(clock(io.now()), paint.warn('gap'), text))]
      }
      case 'end':
        return [wrap(endLine(fact), io.columns, 2)]
      default:
        return [fit(otherLine(fact))]
    }
  }

  function eventLines(event: StoredEvent): string[] {
    const time = clock(event.receivedAt)
    if (event.scope === 'parked') return parkedLines(event, time)
    const tenant = event.tenant ?? '?'
    const forwards = JSON.parse(event.forwards) as EventForward[]
    if (event.repeatOf && forwards.length === 0) {
      const rest = paint.faint(`repeat of ${shortId(event.repeatOf)}, not sent again`)
      const line = layout.row({ time, tenant, event, rest })
      // Not before the line of what it repeats.
      return pending.get(event.repeatOf)?.repeats.push(line) ? [] : [line]
    }
    if (forwards.length === 0) return [layout.row({ time, tenant, event, rest: marks(event) })]
    if (!eager) {
      pending.set(event.id, { event, since: io.now(), repeats: [] })
      return []
    }
    return [layout.row({ time, tenant, event, rest: ['→ …', marks(event)].filter(Boolean).join('  ') })]
  }

  function overdue(): string[] {
    const found: string[] = []
    for (const [id, { event, since, repeats }] of pending) {
      if (io.now() - since < patienceMs) break
      pending.delete(id)
      const [first] = JSON.parse(event.forwards) as EventForward[]
      const isHeld = first !== undefined && URL.canParse(first.target) && heldOrigins.has(new URL(first.target).origin)
      const rest = [isHeld ? `→ ${paint.warn('held')}` : `→ ${paint.warn('waiting')}  its turn comes`, marks(event)]
      const tenant = event.tenant ?? '?'
      found.push(
        layout.row({ time: clock(event.receivedAt), tenant, event, rest: rest.filter(Boolean).join('  ') }),
        ...repeats,
      )
    }
    return found
  }

  function parkedLines(event: StoredEvent, time: string): string[] {
    const key = `${event.app} ${event.account} ${event.reason}`
    const seen = parkedAccounts.get(key) ?? 0
    parkedAccounts.set(key, seen + 1)
    if (seen > 0 && !eager) return []
    const word = options.accountWord(event.provider, event.accountKind)
    const why =
      event.reason === 'resolving'
        ? 'for now: the API is asked whose it is'
        : event.account === null
          ? safeText(event.fault ?? '')
          : `${word} …${safeText(event.account).slice(-4)} is nobody's here`
    const lines = [fit(layout.row({ time, tenant: '?', event, rest: `${paint.warn('parked')}  ${why}` }))]
    const claim = claimCommand(io, event)
    if (claim) lines.push(`          claim it: ${paint.strong(claim)}`)
    return lines
  }

  /** Not before the line of its event. */
  function recordLines(fact: FetchedFact): string[] {
    const line = fit(recordFactLine({ io, paint, layout }, clock(io.now()), fact))
    return pending.get(fact.event.id)?.repeats.push(line) ? [] : [line]
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
      const waiting = pending.get(id)
      const event = waiting?.event ?? (await readEvent(attempt.eventSeqs[index] as number))
      if (!event) continue
      pending.delete(id)
      const rest = [outcome(attempt), notes(event, attempt)].filter(Boolean).join('  ')
      lines.push(fit(layout.row({ time: clock(attempt.at + attempt.ms), tenant: event.tenant ?? '?', event, rest })))
      lines.push(...(waiting?.repeats ?? []))
    }
    return lines
  }

  function outcome({ status, error, ms, nextAt, at }: StoredAttempt): string {
    const took = durationText(ms).padStart(6)
    const again = nextAt === null ? '' : `  again in ${durationText(Math.max(0, nextAt - at - ms))}`
    if (error !== null) return `→ ${paint.bad(clip(safeText(error), 40))}${again}`
    const isGood = isSuccess(status)
    return `→ ${isGood ? paint.good(String(status)) : paint.bad(String(status))}  ${took}${again}`
  }

  function notes(event: StoredEvent, attempt: StoredAttempt): string {
    const found = [marks(event)]
    if (attempt.replay) found.push('replay', markOf(attempt) ?? '')
    else if (attempt.number > 1) found.push(`attempt ${attempt.number}`)
    if (event.parts > 1) found.push('signed again')
    if (event.receivedAt < startedAt && !attempt.replay) found.push(`open since ${moment(event.receivedAt, io.now())}`)
    if (attempt.hint) found.push(command(io, safeText(attempt.hint)))
    const isGood = attempt.status !== null && attempt.status < 300
    const answer = isGood ? '' : answerText(attempt)
    if (answer) found.push(clip(answer, 60))
    return found.filter(Boolean).join(', ')
  }

  function waitingLines({ eventIds, company }: WaitingFact): string[] {
    return eventIds.flatMap(id => {
      const waiting = pending.get(id)
      if (!waiting) return []
      pending.delete(id)
      const { event, repeats } = waiting
      const rest = `→ ${paint.warn('waiting')}  ${company} has its answer already`
      return [layout.row({ time: clock(io.now()), tenant: event.tenant ?? '?', event, rest }), ...repeats]
    })
  }

  function rejectedLine(rejected: StoredRejected): string {
    const { app, status, bytes, id, reason, detail, receivedAt } = rejected
    const start = `${app.padEnd(10)}  answered ${status}  ${bytesText(bytes)}  `
    const room = Math.max(20, io.columns - start.length - shortId(id).length - reason.length - 24)
    const rest = `${start}${paint.strong(shortId(id))}  ${paint.bad(reason)}: ${clip(command(io, safeText(detail)), room)}`
    return layout.plain(clock(receivedAt), paint.bad('rejected'), rest)
  }

  function otherLine(
    fact: Exclude<Fact, { kind: 'event' | 'attempt' | 'rejected' | 'record' | 'ready' | 'end' | 'waiting' | 'gap' }>,
  ): string {
    const time = clock(io.now())
    switch (fact.kind) {
      case 'held':
        heldOrigins.add(fact.target)
        return layout.plain(
          time,
          paint.warn('held'),
          `${fact.why}. Events are kept and go out in order when it is back`,
        )
      case 'resumed': {
        heldOrigins.delete(fact.target)
        const count = `${fact.count} ${fact.count === 1 ? 'part goes' : 'parts go'} out`
        return layout.plain(
          time,
          paint.good('resumed'),
          `${fact.target} is back after ${durationText(fact.ms)}, ${count}`,
        )
      }
      default:
        return factLine({ io, paint, layout }, fact)
    }
  }
}
