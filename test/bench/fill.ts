import { Buffer } from 'node:buffer'
import { parseRule } from '../../src/core/rule.ts'
import type { RawRequest, RawRoutes } from '../../src/net/door.ts'
import type { Store } from '../../src/store/store.ts'
import { type Delivery, makeDelivery, makeStranger } from './deliveries.ts'
import { prepareHome } from './home.ts'
import { hookPath } from './processes.ts'
import { openReceiver } from './receiver.ts'

const batch = 1_000
const daysMs = 30 * 86_400_000

/**
 * A data directory as thirty days of use would leave it, made by the store's own writes: everything is verified, split,
 * resolved and committed as it is when it comes by HTTP. One event of five is of a type that was forwarded (one of a
 * hundred of them was refused for good); one delivery of a hundred is for an account that nobody has.
 */
export async function fillHome(home: string, { events, tenants }: { events: number; tenants: number }): Promise<void> {
  await prepareHome(home, tenants)
  const { app, receiver } = await openReceiver(home)
  const store = app.store()
  const rules = [parseRule('event=invoice.created,to=9')]
  const nowhere = { port: 0, localPort: 0, publicUrl: '', tunnel: 'none', filter: {} }
  await store.write('startListener', { pid: null, startedAt: Date.now(), rules, ...nowhere })
  const start = Date.now() - daysMs
  let before: Promise<unknown> = Promise.resolve()
  for (let from = 0; from < events; from += batch) {
    const count = Math.min(batch, events - from)
    const taken = Array.from({ length: count }, (_, at) => {
      const index = from + at
      const delivery = index % 100 === 99 ? makeStranger(index) : makeDelivery(index, { tenants })
      return take(receiver, delivery, start + Math.floor((index / events) * daysMs))
    })
    // The thread writes one batch while this one verifies the next.
    await before
    before = Promise.all(taken)
  }
  await before
  await answerForwards(store)
  // As the thread does it in idle slices once somebody has searched.
  await store.read('fillSearch', { ms: 3_600_000, make: true })
  await app.close()
}

async function take(receiver: RawRoutes, delivery: Delivery, receivedAt: number): Promise<void> {
  const { status } = await receiver.handle(requestOf(delivery, receivedAt))
  if (status > 299) throw new Error(`a delivery was answered ${status}`)
}

function requestOf({ headers, body }: Delivery, receivedAt: number): RawRequest {
  return { method: 'POST', url: hookPath, headers: headers.flat(), body: Buffer.from(body), receivedAt }
}

/** What lanes would have written down after the handler's answers. */
async function answerForwards(store: Store): Promise<void> {
  let after = 0
  for (;;) {
    const open = await store.read('openForwards', { after, limit: batch })
    const last = open.at(-1)
    if (!last) return
    const writes = open.map(({ seq, tenantId, target }) => {
      const work = store.readNow('readForward', { seq })
      if (!work) throw new Error(`forward ${seq} is gone`)
      const isRefused = seq % 100 === 0
      return store.write('recordAttempt', {
        forwardSeq: seq,
        deliverySeq: work.deliverySeq,
        tenantId,
        target,
        eventSeqs: work.events.map(event => event.seq),
        number: 1,
        at: work.receivedAt + 12,
        ms: 12,
        status: isRefused ? 422 : 200,
        error: null,
        hint: null,
        answerHeaders: '[]',
        answerBody: null,
        state: isRefused ? 'final' : 'done',
        busy: 0,
        nextAt: null,
      })
    })
    await Promise.all(writes)
    after = last.seq
  }
}

/** Deliveries whose signature is wrong: the last thousand of an app are kept. */
export async function addRejected(home: string, count: number): Promise<void> {
  const { app, receiver } = await openReceiver(home)
  const taken = Array.from({ length: count }, async (_, at) => {
    const { headers, body } = makeDelivery(at, { tenants: 1 })
    await receiver.handle(requestOf({ headers, body: `${body} ` }, Date.now()))
  })
  await Promise.all(taken)
  await app.close()
}
