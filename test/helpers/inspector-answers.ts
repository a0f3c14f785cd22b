import { Buffer } from 'node:buffer'
import type { Store } from '../../src/store/store.ts'
import { hostile } from './inspector-odd.ts'
import { token } from './listening.ts'
import { answer } from './store-facts.ts'

/** Records what handlers said, mostly 200; some fail a few times first, some for good, some are still waited for. */
export async function answerAll(store: Store): Promise<void> {
  const headers = JSON.stringify([
    'content-type',
    'text/html',
    'x-powered-by',
    'Express',
    'set-cookie',
    'sid=0123456789abcdef',
  ])
  const page = `<!doctype html><title>${hostile[1]}</title><pre>TypeError: duplicate key value violates unique constraint\nSECRET=${token}</pre>`
  const failed = { answerHeaders: headers, answerBody: Buffer.from(page) }
  for (let after = 0; ; ) {
    const open = await store.read('openForwards', { after, limit: 500 })
    const last = open.at(-1)
    if (!last) return
    for (const { seq } of open) {
      const work = store.readNow('readForward', { seq })
      if (!work || seq % 23 === 0) continue
      const { deliverySeq, receivedAt } = work
      const done = { status: 200, ms: 4 + ((seq * 13) % 90), state: 'done' as const, answerBody: Buffer.from('ok') }
      const at = (ms: number): number => receivedAt + ms
      const one = (change: object): Promise<void> => tried(store, seq, deliverySeq, change)
      if (seq % 7 === 0) {
        await one({
          ...failed,
          at: at(20),
          ms: 84,
          status: 500,
          state: 'open',
          nextAt: at(5_020),
          hint: 'the handler failed: see its own log',
        })
        await one({ ...failed, at: at(5_020), ms: 91, number: 2, status: 503, state: 'open', nextAt: at(35_000) })
        await one({ ...done, at: at(35_000), number: 3 })
      } else if (seq % 19 === 0) {
        await one({ ...failed, at: at(9), ms: 31, status: 422, state: 'final' })
      } else if (seq % 29 === 0) {
        const error = 'timeout: no answer within 30000 ms'
        for (let number = 1; number <= 6; number++) {
          const state = number === 6 ? 'failed' : 'open'
          await one({
            at: at(number * 40_000),
            ms: 30_000,
            number,
            status: null,
            error,
            state,
            nextAt: state === 'open' ? at((number + 1) * 40_000) : null,
          })
        }
      } else await one({ ...done, at: at(10) })
    }
    after = last.seq
  }
}

async function tried(store: Store, forwardSeq: number, deliverySeq: number, change: object): Promise<void> {
  const rows = await store.read('forwardsOfDelivery', { deliverySeq })
  const row = rows.find(one => one.seq === forwardSeq)
  if (row)
    await answer(store, deliverySeq, {
      eventSeqs: row.eventSeqs,
      forwardSeq,
      tenantId: store.readNow('readForward', { seq: forwardSeq })?.tenantId ?? null,
      ...change,
    })
}
