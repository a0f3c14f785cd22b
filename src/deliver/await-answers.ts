import type { StoredAttempt, StoredForward } from '../store/attempt-ops.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'

export interface AwaitAnswersOptions {
  store: Store
  clock: Clock
  /** 0: nothing is waited for. */
  deliverySeq: number
  waitMs: number
}
export interface Answers {
  /** The first attempt at each forward. */
  attempts: StoredAttempt[]
  /** Forwards without one. */
  unanswered: StoredForward[]
}

const pollMs = 20

/** Waits until every forward of a delivery was tried once, by whichever process, or until the time is over. */
export async function awaitAnswers({ store, clock, deliverySeq, waitMs }: AwaitAnswersOptions): Promise<Answers> {
  const until = clock.monotonic() + waitMs
  let seen = -1
  let answers: Answers = { attempts: [], unanswered: [] }
  for (;;) {
    const version = store.dataVersion()
    if (version !== seen) answers = await readAnswers(store, deliverySeq)
    seen = version
    if (answers.unanswered.length === 0 || clock.monotonic() >= until) return answers
    await new Promise<void>(resolve => void clock.setTimer(resolve, pollMs))
  }
}

async function readAnswers(store: Store, deliverySeq: number): Promise<Answers> {
  const forwards = await store.read('forwardsOfDelivery', { deliverySeq })
  const all = await store.read('attemptsOfDelivery', { deliverySeq })
  const attempts = forwards.flatMap(forward => all.find(attempt => attempt.forwardSeq === forward.seq) ?? [])
  const answered = new Set(attempts.map(attempt => attempt.forwardSeq))
  return { attempts, unanswered: forwards.filter(forward => forward.state === 'open' && !answered.has(forward.seq)) }
}
