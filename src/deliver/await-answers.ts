import type { StoredAttempt, StoredForward } from '../store/attempt-ops.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'

export interface AwaitAnswersOptions {
  store: Store
  clock: Clock
  /** 0: nothing is waited for. */
  deliverySeq: number
  waitMs: number
  /** Why nobody is at a target; null where somebody is. What only waits for such a one is not waited for. */
  absentAt?(target: string): Promise<string | null>
  /** Ends the waiting. */
  signal?: AbortSignal | undefined
}
export interface Answers {
  /** The first attempt at each forward. */
  attempts: StoredAttempt[]
  /** Forwards without one. */
  unanswered: StoredForward[]
  /** Of those, the targets at which nobody is: origin → why. */
  held: Map<string, string>
}

const pollMs = 20
const lookMs = 500

/**
 * Waits until every forward of a delivery was tried once, by whichever process, or until the time is over; not for what
 * goes where nobody is.
 */
export async function awaitAnswers(options: AwaitAnswersOptions): Promise<Answers> {
  const { store, clock, deliverySeq, waitMs } = options
  const until = clock.monotonic() + waitMs
  let lookAt = clock.monotonic() + lookMs
  let seen = -1
  let answers: Answers = { attempts: [], unanswered: [], held: new Map() }
  for (;;) {
    const version = store.dataVersion()
    if (version !== seen) answers = await readAnswers(store, deliverySeq)
    seen = version
    if (answers.unanswered.length === 0 || clock.monotonic() >= until || options.signal?.aborted) return answers
    if (clock.monotonic() >= lookAt) {
      answers.held = await heldTargets(answers.unanswered, options)
      if (answers.unanswered.every(({ target }) => answers.held.has(new URL(target).origin))) return answers
      lookAt = clock.monotonic() + lookMs
    }
    await new Promise<void>(resolve => void clock.setTimer(resolve, pollMs))
  }
}

async function heldTargets(forwards: StoredForward[], { absentAt }: AwaitAnswersOptions): Promise<Answers['held']> {
  const held: Answers['held'] = new Map()
  for (const origin of new Set(forwards.map(({ target }) => new URL(target).origin))) {
    const why = await absentAt?.(origin)
    if (why) held.set(origin, why)
  }
  return held
}

async function readAnswers(store: Store, deliverySeq: number): Promise<Answers> {
  const forwards = await store.read('forwardsOfDelivery', { deliverySeq })
  const all = await store.read('attemptsOfDelivery', { deliverySeq })
  const attempts = forwards.flatMap(forward => all.find(attempt => attempt.forwardSeq === forward.seq) ?? [])
  const answered = new Set(attempts.map(attempt => attempt.forwardSeq))
  const unanswered = forwards.filter(forward => forward.state === 'open' && !answered.has(forward.seq))
  return { attempts, unanswered, held: new Map() }
}
