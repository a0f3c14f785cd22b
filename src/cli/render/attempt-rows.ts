import type { ExplainedForward } from '../../app/explain-sending.ts'
import { attemptGroups, compareAttempts, markOf } from '../../core/compare-attempts.ts'
import { isSuccess } from '../../core/retry.ts'
import { clip, countText, durationText, safeText } from '../../core/text.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { comparisonLines } from './compared-attempts.ts'
import { moment } from './event-row.ts'
import type { ExplainRow } from './explain-rows.ts'
import { makePaint } from './paint.ts'
import { answerText } from './records.ts'

/** How much is told of sending, so that all fits a screen. */
export interface SendingDetail {
  /** So many of the last attempts at each target. */
  attempts: number
  /** So many characters of what was answered; 0: nothing of it. */
  said: number
  /** So many rows of a comparison. */
  compared: number
}

export const wholeSending: SendingDetail = { attempts: 1_000, said: 500, compared: 1_000 }

/** Every way of an event or delivery: the target, the rule that chose it, why it waits, and each try. */
export function sendingRows(
  io: Io,
  { forwards, attempts, of }: { forwards: ExplainedForward[]; attempts: StoredAttempt[]; of: 'event' | 'delivery' },
  detail: SendingDetail,
): ExplainRow[] {
  const paint = makePaint(io.color)
  const groups = attemptGroups(attempts, of)
  const rows: ExplainRow[] = []
  const forWhom = (tenant: string | null): string => (of === 'event' || tenant === null ? '' : ` for ${tenant}`)
  for (const { target, tenant, rule, waits } of forwards) {
    const by = rule === null ? '' : `  by rule ${safeText(rule)}`
    const why = waits === null ? '' : `  ${paint.warn(command(io, safeText(waits)))}`
    rows.push(['forward', `${target === '' ? 'nowhere' : safeText(target)}${forWhom(tenant)}${by}${why}`])
    const own = groups.filter(([first]) => first?.target === target && first.tenant === tenant)
    for (const group of own) rows.push(...attemptRows(io, group, detail))
  }
  const others = groups.filter(
    ([first]) => !forwards.some(({ target, tenant }) => first?.target === target && first.tenant === tenant),
  )
  for (const group of others) {
    const [first] = group as [StoredAttempt]
    const how = group.every(({ replay }) => replay) ? 'by whs replay' : 'where the rules sent it before'
    rows.push(['forward', `${safeText(first.target)}${forWhom(first.tenant)}  ${command(io, how)}`])
    rows.push(...attemptRows(io, group, detail))
  }
  return rows
}

/** The tries at one target; one that said the same as the one before does not say it again. */
function attemptRows(io: Io, group: StoredAttempt[], { attempts: most, said }: SendingDetail): ExplainRow[] {
  const hidden = Math.max(0, group.length - most)
  const rows: ExplainRow[] =
    hidden > 0 ? [['', `${countText(group.length, 'attempt')}, of which the last ${most}:`]] : []
  for (const [index, attempt] of group.entries()) {
    if (index < hidden) continue
    const before = index > hidden ? group[index - 1] : undefined
    const isNew = before === undefined || answerText(before) !== answerText(attempt)
    rows.push([`attempt ${index + 1}`, attemptText(io, attempt, isNew ? said : 0)])
  }
  return rows
}

function attemptText(io: Io, attempt: StoredAttempt, said: number): string {
  const paint = makePaint(io.color)
  const { status, error, ms, replay, nextAt, hint, at } = attempt
  const good = isSuccess(status)
  const answer = good ? paint.good(String(status)) : paint.bad(error === null ? String(status) : safeText(error))
  const again = nextAt === null ? '' : `, again ${moment(nextAt, io.now())}`
  const text = good || said === 0 ? '' : clip(answerText(attempt), said)
  const notes = [
    [replay ? 'replay' : '', markOf(attempt)].filter(Boolean).join(', '),
    hint && command(io, safeText(hint)),
    text && `it said: ${text}`,
  ]
  const more = notes.filter(Boolean).join('; ')
  return `${moment(at, io.now())}  → ${answer}  ${durationText(ms)}${again}${more ? `  ${more}` : ''}`
}

/** Two attempts at each target side by side. */
export function comparedLines(
  io: Io,
  { attempts, of }: { attempts: StoredAttempt[]; of: 'event' | 'delivery' },
  { compared }: SendingDetail,
): string[] {
  const all = compareAttempts(attempts, of)
  return all.flatMap(one => comparisonLines(io, one, { rows: compared, isOnly: all.length === 1 }))
}
