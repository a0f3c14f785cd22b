import type { App } from '../../app/app.ts'
import { markOf } from '../../core/compare-attempts.ts'
import { isSuccess } from '../../core/retry.ts'
import { clip, durationText, safeText } from '../../core/text.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { clock, rowLayout } from './event-row.ts'
import { stateText } from './event-state.ts'
import { makePaint, type Paint } from './paint.ts'
import { answerText, eventLine, forwardRecord, jsonLine } from './records.ts'
import { wrap } from './wrap.ts'

/** Prints one event with what the handler answered: an `event` and its `forward`s, or a line of text for each. */
export async function printAnswer(io: Io, app: App, event: StoredEvent, attempts: StoredAttempt[]): Promise<void> {
  const item = io.output === 'json' ? await app.store().read('readItem', { seq: event.seq }) : null
  for (const line of answerLines(io, event, item, attempts)) await io.out(line)
}

/** The same as lines; `item` is looked at only where records are wanted. */
export function answerLines(io: Io, event: StoredEvent, item: Buffer | null, attempts: StoredAttempt[]): string[] {
  const own = attempts.filter(attempt => attempt.eventSeqs.includes(event.seq))
  if (io.output === 'json') return [eventLine(event, item), ...own.map(attempt => jsonLine(forwardRecord(io, attempt)))]
  const paint = makePaint(io.color)
  const layout = rowLayout(io.columns, paint)
  if (own.length === 0) {
    return [layout.row({ time: clock(io.now()), tenant: event.tenant ?? '?', event, rest: unsent(event, paint) })]
  }
  return own.map(attempt => {
    const { status, error, ms, target, hint, at } = attempt
    const isGood = isSuccess(status)
    const failure = error === null ? String(status) : clip(safeText(error), 40)
    const answer = isGood ? paint.good(String(status)) : paint.bad(failure)
    const marks = [attempt.replay ? 'replay' : '', markOf(attempt) ?? '']
    const said = isGood ? '' : clip(answerText(attempt), 80)
    const notes = [...marks, hint ? command(io, hint) : '', said].filter(Boolean).map(safeText).join(', ')
    const rest = [`→ ${answer}`, durationText(ms), safeText(target), notes]
    const tenant = attempt.tenant ?? event.tenant ?? '?'
    const line = layout.row({ time: clock(at + ms), tenant, event, rest: rest.filter(Boolean).join('  ') })
    return wrap(line, io.columns, 10)
  })
}

/** Why nobody answered. */
function unsent(event: StoredEvent, paint: Paint): string {
  const state = stateText(event, paint)
  const goesNowhere = event.scope === 'tenant' && event.repeatOf === null && event.forwards === '[]'
  return goesNowhere ? ['no --forward rule takes it', state].filter(Boolean).join('  ') : state
}
