import type { App } from '../../app/app.ts'
import { unknownNames } from '../../app/unknown-names.ts'
import { waitFor, waitForReady } from '../../app/wait.ts'
import type { WaitWish } from '../../app/wait-wish.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { parseDuration } from '../../core/filter.ts'
import type { Cursors } from '../../store/event-ops.ts'
import { type CommandContext, withApp } from '../context.ts'
import { countOf } from '../count.ts'
import { type FilterFlags, filterOf, refuseForRejected } from '../filter-options.ts'
import { findId } from '../find-id.ts'
import type { Io } from '../io.ts'
import { printAnswer } from '../render/answer.ts'
import { eventPrinter } from '../render/event-state.ts'
import { factRecords } from '../render/fact-records.ts'
import { rejectedLine } from '../render/rejected-line.ts'

export interface WaitFlags extends FilterFlags {
  rejected?: boolean
  handled?: boolean
  after?: string
  count?: string
  timeout: string
  ready?: boolean
}

export async function waitCommand(context: CommandContext, flags: WaitFlags): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const timeoutMs = parseDuration(flags.timeout, '--timeout')
    if (flags.ready) return ready(io, app, flags, timeoutMs)
    if (flags.rejected) refuseForRejected(flags, 'whs wait')
    if (flags.rejected && flags.handled)
      throw refused('--rejected', '--handled', 'a handler never sees what did not verify')
    const wish: WaitWish = {
      filter: filterOf(flags, io.now()),
      rejected: flags.rejected === true,
      handled: flags.handled === true,
      after: flags.after === undefined ? null : await cursorsBehind(app, flags.after),
      count: flags.count === undefined ? 1 : countOf(flags.count, '--count', 'wait'),
      timeoutMs,
      signal: io.stop.signal,
    }
    for (const clause of await unknownNames(app, wish.filter)) io.note(`note   ${clause}`)
    for await (const waited of waitFor(app, wish)) {
      if (waited.kind === 'rejected') {
        await io.out(rejectedLine(io, waited.rejected))
        continue
      }
      const { event, attempts } = waited
      if (wish.handled) await printAnswer(io, app, event, attempts)
      else await eventPrinter(io, app, [event])(event)
      if (waited.refused) return exits.handler
    }
    return io.stop.exit
  })
}

async function ready(io: Io, app: App, flags: WaitFlags, timeoutMs: number): Promise<number> {
  const names = Object.keys(filterOf(flags, io.now()))
  const other = [
    ...names,
    ...(['rejected', 'handled', 'after', 'count'] as const).filter(name => flags[name] !== undefined),
  ]
  if (other[0]) throw refused('--ready', `--${other[0]}`, 'a listener is waited for, no event')
  const fact = await waitForReady(app, timeoutMs, io.stop.signal)
  if (!fact) return io.stop.exit
  for (const line of io.output === 'json' ? factRecords(io, fact) : [fact.url]) await io.out(line)
  return exits.done
}

/** Where a wait begins that wants what came after something. */
async function cursorsBehind(app: App, id: string): Promise<Cursors> {
  const store = app.store()
  const found = await findId(app, id)
  if (found.kind === 'rejected') {
    const rejected = await store.read('readRejected', { seq: found.seq })
    return { ...(await store.read('cursorsAt', { at: rejected?.receivedAt ?? 0 })), rejected: found.seq }
  }
  const events = await store.read('eventsOfDelivery', { deliverySeq: found.deliverySeq })
  const seq = found.kind === 'event' ? found.seq : Math.max(0, ...events.map(event => event.seq))
  return { ...(await store.read('cursorsAt', { at: events[0]?.receivedAt ?? 0 })), event: seq }
}

function refused(one: string, other: string, why: string): WhsError {
  const what = `${one} and ${other} exclude each other`
  return new WhsError({ code: 'usage', exit: exits.usage, what, why, next: 'whs wait --help' })
}
