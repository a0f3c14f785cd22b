import type { App } from '../../app/app.ts'
import { clip, durationText, safeText } from '../../core/text.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import type { Io } from '../io.ts'
import { clock, rowLayout } from './event-row.ts'
import { makePaint } from './paint.ts'
import { answerText, eventLine, forwardRecord, jsonLine } from './records.ts'
import { wrap } from './wrap.ts'

/** Prints one event with what the handler answered: an `event` and its `forward`s, or a line of text for each. */
export async function printAnswer(io: Io, app: App, event: StoredEvent, attempts: StoredAttempt[]): Promise<void> {
  const own = attempts.filter(attempt => attempt.eventSeqs.includes(event.seq))
  if (io.output === 'json') {
    await io.out(eventLine(event, await app.store().read('readItem', { seq: event.seq })))
    for (const attempt of own) await io.out(jsonLine(forwardRecord(attempt)))
    return
  }
  const paint = makePaint(io.color)
  const layout = rowLayout(io.columns, paint)
  const tenant = event.tenant ?? '?'
  if (own.length === 0) await io.out(layout.row({ time: clock(io.now()), tenant, event, rest: 'not answered yet' }))
  for (const attempt of own) {
    const { status, error, ms, target, hint, at } = attempt
    const isGood = status !== null && status >= 200 && status < 300
    const failure = error === null ? String(status) : clip(safeText(error), 40)
    const answer = isGood ? paint.good(String(status)) : paint.bad(failure)
    const notes = [attempt.replay ? 'replay' : '', hint ?? '', isGood ? '' : clip(answerText(attempt), 80)]
    const rest = [`→ ${answer}`, durationText(ms), safeText(target), notes.filter(Boolean).map(safeText).join(', ')]
    const line = layout.row({ time: clock(at + ms), tenant, event, rest: rest.filter(Boolean).join('  ') })
    await io.out(wrap(line, io.columns, 10))
  }
}
