import type { App } from '../../app/app.ts'
import { fetchable, fetchRecord } from '../../app/fetch-record.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { safeText } from '../../core/text.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import { type CommandContext, withApp } from '../context.ts'
import { type Found, findId } from '../find-id.ts'
import type { Io } from '../io.ts'
import { showDelivery, showEvent, showRejected } from '../render/event-details.ts'
import { startWaiting } from '../spinner.ts'

interface ShowFlags {
  raw?: boolean
  fetch?: boolean
}

/** `whs events show`: one event, delivery or rejected request; with `--fetch` its thing is asked for anew first. */
export async function eventsShow(context: CommandContext, flags: ShowFlags, id: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const found = await findId(app, id)
    if (flags.fetch) return fetchAndShow(io, app, await eventOf(app, found), flags)
    if (flags.raw) {
      await io.outBytes(await rawBody(app, found))
      return exits.done
    }
    if (found.kind === 'rejected') return showRejected(io, app, found.seq)
    if (found.kind === 'delivery') return showDelivery(io, app, found.deliverySeq)
    return showEvent(io, app, found.seq)
  })
}

async function rawBody(app: App, found: Found): Promise<Buffer> {
  const store = app.store()
  const kept =
    found.kind === 'rejected'
      ? await store.read('readRejected', { seq: found.seq })
      : await store.read('readDelivery', { seq: found.deliverySeq })
  return (kept as { body: Buffer }).body
}

/** Where the API does not answer, what was fetched before is shown all the same. */
async function fetchAndShow(io: Io, app: App, event: StoredEvent, { raw }: ShowFlags): Promise<number> {
  const wanted = fetchable(app, event)
  const waiting = await startWaiting(io)
  const { resourceType, resourceId } = wanted.event
  waiting.on(`asking ${wanted.definition.company} for ${safeText(`${resourceType} ${resourceId}`)}`)
  const failure = await fetchRecord(app, wanted, [event.seq], { signal: io.stop.signal }).then(
    () => null,
    (error: unknown) => error,
  )
  waiting.clear()
  if (failure && (raw || !(failure instanceof WhsError))) throw failure
  if (!raw) await showEvent(io, app, event.seq)
  else await io.outBytes((await app.store().read('recordOf', { eventSeq: event.seq }))?.body ?? Buffer.alloc(0))
  if (failure) throw failure
  return exits.done
}

/** The event that is named, or the only one of a delivery. */
async function eventOf(app: App, found: Found): Promise<StoredEvent> {
  const store = app.store()
  if (found.kind === 'event') return (await store.read('readEvent', { seq: found.seq })) as StoredEvent
  if (found.kind === 'rejected') {
    throw noEvent(found.id, 'it did not verify, so there is no event in it', `whs explain ${found.id}`)
  }
  const events = await store.read('eventsOfDelivery', { deliverySeq: found.deliverySeq })
  const [only] = events
  if (only && events.length === 1) return only
  const ids = events.slice(0, 8).map(({ id }) => id)
  throw noEvent(
    found.id,
    `a delivery of ${events.length} events is named, and the thing of one is fetched: ${ids.join(', ')}`,
    `whs events show ${ids[0] ?? found.id} --fetch`,
  )
}

function noEvent(id: string, why: string, next: string): WhsError {
  return new WhsError({ code: 'no-event', exit: exits.usage, what: `nothing is fetched for ${id}`, why, next })
}
