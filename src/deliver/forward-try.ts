import { classify, type TryClass } from '../core/retry.ts'
import type { ForwardWork, NewAttempt } from '../store/forward-ops.ts'
import { nextStep } from './next-step.ts'
import { goesAsEvents, type SendDeps, type SendPartOptions, type Sent, sendPart } from './send-part.ts'

/** What came of one try at a forward, and what is to be written down. */
export interface ForwardTry {
  class: TryClass
  /** Whether the target answered, was at least there, or neither. */
  reached: 'answer' | 'contact' | null
  /** Why nobody was reached. */
  detail: string
  records: NewAttempt[]
  /** When it is tried again by its own schedule (wall clock), or null. */
  nextAt: number | null
  /** How long its lane waits for it, or null. */
  laneWaitsMs: number | null
}

/** The row as it will be when all that was not written yet is written. */
export function withUnwritten(work: ForwardWork, unwritten: NewAttempt[]): ForwardWork {
  const last = unwritten.at(-1)
  if (!last) return work
  const firstTryAt = work.firstTryAt ?? unwritten[0]?.at ?? null
  return { ...work, state: last.state, tries: last.number, busy: last.busy, firstTryAt }
}

/** Tries a forward once. `unwritten` are its attempts that are not on disk yet. */
export async function tryForward(
  deps: SendDeps,
  work: ForwardWork,
  unwritten: NewAttempt[],
  options: Pick<SendPartOptions, 'signal' | 'onSend'>,
): Promise<ForwardTry> {
  const settled =
    goesAsEvents(deps, work) && work.tries > 0 ? await settledEvents(deps, work, unwritten) : new Set<number>()
  const number = work.tries + 1
  const sent = await sendPart(deps, work, { ...options, number, settled })
  const decides = deciding(sent)
  const before = sent.filter(one => one !== decides && one.class !== 'nobody').map(one => recordOf(work, one))
  if (decides.class === 'nobody') {
    return { class: 'nobody', reached: null, detail: decides.detail, records: before, nextAt: null, laneWaitsMs: null }
  }
  const { clock } = deps
  const step = nextStep({
    class: decides.class,
    tries: number,
    busy: work.busy,
    firstTryAt: work.firstTryAt ?? decides.attempt.at,
    now: clock.now(),
    retryAfterMs: decides.retryAfterMs,
    random: clock.random(),
  })
  const { state, busy, nextAt, laneWaitsMs } = step
  const records = [...before, { ...recordOf(work, decides), state, busy, nextAt }]
  const ownNextAt = laneWaitsMs === null ? nextAt : null
  return { class: decides.class, reached: reachedBy(sent), detail: '', records, nextAt: ownNextAt, laneWaitsMs }
}

function reachedBy(sent: Sent[]): ForwardTry['reached'] {
  if (sent.some(one => one.attempt.status !== null)) return 'answer'
  return sent.some(one => one.class !== 'final') ? 'contact' : null
}

/** Which of several requests says what becomes of the forward: the one that stopped it, else the worst. */
function deciding(sent: Sent[]): Sent {
  const last = sent.at(-1) as Sent
  if (last.class === 'nobody' || last.class === 'busy') return last
  return sent.find(one => one.class === 'bad') ?? sent.find(one => one.class === 'final') ?? last
}

function recordOf(work: ForwardWork, { attempt }: Sent): NewAttempt {
  const { seq: forwardSeq, deliverySeq, tenantId, target, busy } = work
  return { forwardSeq, deliverySeq, tenantId, target, ...attempt, state: 'open', busy, nextAt: null }
}

/** Events of a forward that were answered for good alone; they are not sent again with it. */
async function settledEvents(deps: SendDeps, work: ForwardWork, unwritten: NewAttempt[]): Promise<Set<number>> {
  const stored = await deps.store.read('attemptsOfDelivery', { deliverySeq: work.deliverySeq })
  const own = [...stored.filter(attempt => attempt.forwardSeq === work.seq), ...unwritten]
  const answered = own.filter(({ status, error }) => {
    if (status === null) return error !== null && !/^(nobody|cut|timeout): /.test(error)
    const came = classify({ status })
    return came === 'done' || came === 'final'
  })
  return new Set(answered.flatMap(attempt => attempt.eventSeqs))
}
