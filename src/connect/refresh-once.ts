import { setTimeout as pause } from 'node:timers/promises'
import { exits, WhsError } from '../core/errors.ts'
import type { RefreshFailure } from '../store/refresh-ops.ts'
import { brokenError } from './broken.ts'
import type { CallDeps, CallPlace } from './call-place.ts'
import { randomText } from './consent.ts'
import type { RefreshAnswer } from './refresh-token.ts'
import { refreshesOf, refreshTimeoutMs } from './refreshes.ts'

/** Two requests fit in: with the present refresh token, then with the one before. */
const claimMs = 2 * refreshTimeoutMs + 5_000
const lookEveryMs = 25

/**
 * Refreshes the tokens of a connection, once: whoever asks meanwhile, in this process or another, waits for the one that
 * is at it and shares how it ends. New tokens are on disk before anybody uses them. Where the provider says that the
 * consent is over, all connections that live of the tokens become `broken`; what may pass by itself changes nothing.
 * `reason` says why the present token is of no use.
 * @throws WhsError `connection-broken` (exit 4), those of `requestRefresh`
 */
export async function refreshOnce(deps: CallDeps, place: CallPlace, reason: string): Promise<void> {
  const { tokenSet } = place.connection
  if (tokenSet === null) return breakIt(deps, place, reason)
  const running = refreshesOf(deps.store)
  const known = running.get(tokenSet)
  if (known) return known
  const flight = refreshAlone(deps, place, reason).finally(() => running.delete(tokenSet))
  running.set(tokenSet, flight)
  return flight
}

async function refreshAlone(deps: CallDeps, place: CallPlace, reason: string): Promise<void> {
  const { tokenSet, tokenVersion, unreadable } = place.connection
  const [set, version] = [tokenSet as number, tokenVersion as number]
  const owner = randomText(deps, 12)
  const began = deps.now()
  for (;;) {
    const until = deps.now() + claimMs
    const claim = await deps.store.write('claimRefresh', { tokenSet: set, version, owner, until })
    if (claim.outcome === 'newer') return
    if (claim.outcome === 'claimed') {
      if (claim.refresh === null) return breakIt(deps, place, unreadable ? 'it cannot be read' : reason)
      return refreshClaimed(deps, place, { owner, refresh: claim.refresh, earlier: claim.earlier })
    }
    const failure = await othersEnd(deps, { set, version, began })
    if (failure) throw errorOf(failure)
  }
}

/** Waits until another process's claim is over; how it failed, where it did since we began. */
async function othersEnd(
  deps: CallDeps,
  { set, version, began }: { set: number; version: number; began: number },
): Promise<RefreshFailure | null> {
  for (;;) {
    await pause(lookEveryMs)
    const state = deps.store.readNow('refreshState', { tokenSet: set })
    if (state?.version !== version) return null
    if (state.claimedUntil !== null && state.claimedUntil > deps.now()) continue
    return state.failedAt !== null && state.failedAt >= began ? state.failure : null
  }
}

interface Claim {
  owner: string
  refresh: string
  earlier: string | null
}

async function refreshClaimed(deps: CallDeps, place: CallPlace, claim: Claim): Promise<void> {
  const { connection } = place
  const [tokenSet, version] = [connection.tokenSet as number, connection.tokenVersion as number]
  let done: Tried
  try {
    done = await tryTokens(deps, place, claim)
  } catch (error) {
    const failure = failureOf(error)
    // A store that is closing has nobody left who could wait for it.
    await deps.store.write('noteRefreshFailure', { tokenSet, owner: claim.owner, failure }).catch(() => undefined)
    throw error
  }
  const { answer, used } = done
  if (!answer.refreshed)
    return breakIt(deps, place, `${place.definition.company} refused to refresh it: ${answer.said}`)
  const { tokens, scopes, slots } = answer
  await deps.store.write('keepRefreshed', { tokenSet, version, used, scopes, slots, ...tokens })
}

interface Tried {
  answer: RefreshAnswer
  /** The refresh token that it was asked with. */
  used: string
}

/**
 * With the present refresh token; where that is refused, once with the one before: a provider that did not hear that its
 * answer arrived may know no other.
 */
async function tryTokens(deps: CallDeps, place: CallPlace, { refresh, earlier }: Claim): Promise<Tried> {
  const { requestRefresh } = await import('./refresh-token.ts')
  const answer = await requestRefresh(deps, place, refresh)
  if (answer.refreshed || earlier === null) return { answer, used: refresh }
  const again = await requestRefresh(deps, place, earlier)
  return again.refreshed ? { answer: again, used: earlier } : { answer, used: refresh }
}

/** Makes the connection `broken`, unless its tokens were replaced meanwhile, and says so. */
export async function breakIt(deps: CallDeps, { connection }: CallPlace, why: string): Promise<void> {
  const { tokenSet, tokenVersion: version } = connection
  const isBroken =
    tokenSet === null || version === null || (await deps.store.write('breakTokens', { tokenSet, version, why }))
  if (isBroken) throw brokenError({ ...connection, why })
}

function failureOf(error: unknown): RefreshFailure {
  if (error instanceof WhsError) {
    const { code, exit, message: what, why = null, next = null } = error
    return { code, exit, what, why, next }
  }
  return { code: 'fault', exit: exits.fault, what: (error as Error).message, why: null, next: 'whs doctor' }
}

function errorOf({ code, exit, what, why, next }: RefreshFailure): WhsError {
  return new WhsError({ code, exit, what, ...(why === null ? {} : { why }), ...(next === null ? {} : { next }) })
}
