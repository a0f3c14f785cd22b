import type { ClaimAnswer, ClaimWish, ConnectAnswer, ConnectWish, ReplayAnswer, ReplayWish } from '../../api.ts'
import { countText, durationText, shortId } from '../pure/words.ts'
import { call, failureFrom } from './call.ts'
import { notify, notifyFailure } from './notices.ts'

/** Sends an event now, and says what the handler answered. Null where it could not be sent. */
export async function replay(wish: ReplayWish): Promise<ReplayAnswer | null> {
  try {
    const answer = await call<ReplayAnswer>('/api/replay', wish)
    const last = answer.attempts.at(-1)
    if (!last) notify({ kind: 'bad', text: `${shortId(wish.id)} went nowhere: no rule takes it` })
    else {
      const { status, error, ms } = last
      const isGood = status !== null && status >= 200 && status < 300
      const said =
        status === null ? `not answered: ${error ?? 'nobody is there'}` : `→ ${status} in ${durationText(ms)}`
      const why = last.hint ?? undefined
      notify({ kind: isGood ? 'good' : 'bad', text: `${shortId(wish.id)} was sent again ${said}`, why })
    }
    return answer
  } catch (error) {
    notifyFailure(failureFrom(error))
    return null
  }
}

/** Gives a parked account to a tenant, and says what that released. */
export async function claim(wish: ClaimWish): Promise<boolean> {
  try {
    const { released } = await call<ClaimAnswer>('/api/claim', wish)
    notify({ kind: 'good', text: `${wish.account} is ${wish.tenant}’s now: ${countText(released, 'event')} released` })
    return true
  } catch (error) {
    notifyFailure(failureFrom(error))
    return false
  }
}

/** Begins a consent; the address of the page where it goes on. */
export async function beginConsent(wish: ConnectWish): Promise<string | null> {
  try {
    return (await call<ConnectAnswer>('/api/connect', wish)).url
  } catch (error) {
    notifyFailure(failureFrom(error))
    return null
  }
}
