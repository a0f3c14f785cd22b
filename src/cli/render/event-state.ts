import type { App } from '../../app/app.ts'
import { safeText } from '../../core/text.ts'
import type { EventForward, StoredEvent } from '../../store/event-ops.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { moment, rowLayout, shortId } from './event-row.ts'
import { makePaint } from './paint.ts'
import { recordJson } from './record-lines.ts'
import { eventLine } from './records.ts'
import { wrap } from './wrap.ts'

/** Prints events: as records with their data, or in columns as wide as the first ones need, each with where it stands. */
export function eventPrinter(io: Io, app: App, first: StoredEvent[]): (event: StoredEvent) => Promise<void> {
  const store = app.store()
  if (io.output === 'json') {
    return async event => {
      const record = await store.read('recordOf', { eventSeq: event.seq })
      const item = await store.read('readItem', { seq: event.seq })
      await io.out(eventLine(event, item, record && recordJson(io, record)))
    }
  }
  const paint = makePaint(io.color)
  const known = first.map(event => ({ time: moment(event.receivedAt, io.now()), event }))
  const layout = rowLayout(io.columns, paint, { known })
  return event => {
    const tenant = event.tenant ?? '?'
    const row = layout.row({ time: moment(event.receivedAt, io.now()), tenant, event, rest: stateText(event, paint) })
    return io.out(wrap(row, io.columns, 10))
  }
}

/** Where an event stands: its forwards with their last answer, or why it has none. */
export function stateText(event: StoredEvent, paint: ReturnType<typeof makePaint>): string {
  if (event.scope === 'parked') {
    const word = accountWord(event.provider, event.accountKind)
    const why =
      event.reason === 'resolving'
        ? 'the API is asked whose it is'
        : event.account
          ? `${word} ${safeText(event.account)} is nobody's`
          : safeText(event.fault ?? '')
    return `${paint.warn('parked')}  ${why}`
  }
  const forwards = JSON.parse(event.forwards) as EventForward[]
  const texts = forwards.map(({ state, status, error, tries }) => {
    const answer = status ?? (error ? safeText(error).slice(0, 40) : 'waiting')
    if (state === 'done') return `→ ${paint.good(String(answer))}`
    if (state === 'open')
      return tries === 0 ? `→ ${paint.warn('open')}` : `→ ${paint.warn(String(answer))}, tried ${tries}×, goes on`
    return `→ ${paint.bad(String(answer))}, ${state === 'failed' ? 'given up' : 'final'}`
  })
  if (event.repeatOf && forwards.length === 0) texts.push(`repeat of ${shortId(event.repeatOf)}`)
  if (event.verified === 'none') texts.push(paint.bad('UNVERIFIED'))
  if (event.source !== 'delivery') texts.push(event.source)
  return texts.join('  ')
}
