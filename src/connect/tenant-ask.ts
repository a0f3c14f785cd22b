import { setTimeout as pause } from 'node:timers/promises'
import type { ComposedCall } from '../core/call.ts'
import type { Slots } from '../core/fill-text.ts'
import { parseRetryAfter } from '../core/retry.ts'
import type { Call } from '../core/value-definition.ts'
import type { CallAnswer, CallRequest } from '../net/call.ts'
import type { Store } from '../store/store.ts'
import type { Ask } from './api-call.ts'
import { type CallDeps, type CallPlace, tokenSlots } from './call-place.ts'
import { freshPlace } from './fresh-token.ts'
import { makePace, type Pace } from './pace.ts'
import { breakIt } from './refresh-once.ts'
import { isTokenDead, isTokenRefused, usesToken } from './token-refused.ts'

export interface AskOptions {
  /** How long a provider that says "later" is waited for, in all, for one request. */
  patienceMs?: number
  /** Changes each request just before it is made. */
  dress?(request: CallRequest): CallRequest
}

/**
 * How one connection asks: with a token that is fresh, as fast as the provider allows, patiently where it says 429
 * (`Retry-After`, else 1 s; by default 30 s a request in all). A token that is refused is refreshed once and the request made again;
 * one that nothing can refresh, and that is dead, makes the connection `broken`.
 * The function throws what `freshPlace` does.
 */
export function tenantAsk(
  deps: CallDeps,
  place: CallPlace,
  call: Call,
  { patienceMs = 30_000, dress = request => request }: AskOptions = {},
): Ask {
  const pace = paceOf(deps.store, place)
  const send = (compose: () => ComposedCall): Promise<CallAnswer> =>
    patiently(deps, { pace, patienceMs }, () => dress(compose()))
  if (!usesToken(call)) return compose => send(() => compose({}))
  return async compose => {
    const present = await freshPlace(deps, place.connection.id)
    const answer = await send(() => compose(tokenSlots(present.connection)))
    if (!isTokenRefused(present.definition, answer)) return answer
    const renewed = await afterRefusal(deps, present)
    return renewed ? send(() => compose(renewed)) : answer
  }
}

/** Null where the token cannot be refreshed and is good all the same. */
async function afterRefusal(deps: CallDeps, place: CallPlace): Promise<Slots | null> {
  const { id, refresh, tokenVersion } = place.connection
  if (refresh !== null) return tokenSlots((await freshPlace(deps, id, tokenVersion)).connection)
  if (!(await isTokenDead(deps, place))) return null
  await breakIt(deps, place, `${place.definition.company} refused its token`)
  // Somebody consented anew meanwhile.
  return tokenSlots((await freshPlace(deps, id)).connection)
}

async function patiently(
  deps: CallDeps,
  { pace, patienceMs }: { pace: Pace; patienceMs: number },
  compose: () => CallRequest,
): Promise<CallAnswer> {
  let patience = patienceMs
  for (;;) {
    const answer = await pace.run(async () => deps.http(compose()))
    const wanted = answer.status === 429 ? (parseRetryAfter(answer.headers['retry-after'], deps.now()) ?? 1000) : 0
    if (answer.status !== 429 || wanted > patience) return answer
    const wait = Math.max(wanted, 100)
    patience -= wait
    await pause(wait)
  }
}

const paces = new WeakMap<Store, Map<string, Pace>>()

/** Calls of one connection share its pace. */
function paceOf(store: Store, { connection, definition }: CallPlace): Pace {
  const known = paces.get(store) ?? new Map<string, Pace>()
  paces.set(store, known)
  const pace = known.get(connection.id) ?? makePace(definition.api?.limits ?? {})
  known.set(connection.id, pace)
  return pace
}
