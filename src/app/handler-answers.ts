import { setTimeout as sleep } from 'node:timers/promises'
import { header } from '../core/headers.ts'
import type { TargetAnswer } from '../deliver/send-part.ts'
import type { Reply } from '../net/door.ts'
import type { Store } from '../store/store.ts'

/** Where the receiver waits for what lanes hear from a handler: an answer that the provider is to get. */
export interface HandlerAnswers {
  /** The first answer to a delivery within a time; null where none comes, or nothing of it goes anywhere. */
  wait(deliverySeq: number, withinMs: number): Promise<Reply | null>
  give(answer: TargetAnswer): void
}

const mostBytes = 1_048_576
/** The way back to the provider takes time too. */
const marginMs = 300

export function handlerAnswers(store: Store): HandlerAnswers {
  const waiting = new Map<number, (reply: Reply) => void>()
  return {
    async wait(deliverySeq, withinMs) {
      const answered = new Promise<Reply>(resolve => waiting.set(deliverySeq, resolve))
      const late = new AbortController()
      try {
        const forwards = await store.read('forwardsOfDelivery', { deliverySeq })
        if (forwards.length === 0) return null
        const limit = sleep(Math.max(withinMs - marginMs, withinMs / 2), null, { signal: late.signal, ref: false })
        return await Promise.race([answered, limit.catch(() => null)])
      } finally {
        waiting.delete(deliverySeq)
        late.abort()
      }
    },
    give({ deliverySeq, status, headers, body }) {
      const resolve = waiting.get(deliverySeq)
      if (!resolve || body.length > mostBytes) return
      const type = header(headers, 'content-type')
      resolve({ status, headers: type ? { 'content-type': type } : {}, body })
    },
  }
}
