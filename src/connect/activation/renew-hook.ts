import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import { keepHook, madeIn } from './create-hook.ts'
import { deactivate } from './deactivate.ts'
import type { Failure } from './failure.ts'
import { finishPending } from './finish-pending.ts'
import { type Called, callHook, momentIn } from './hook-call.ts'
import { type HookPlace, hookPlaceOf } from './hook-place.ts'
import { hookSlots } from './hook-slots.ts'
import { againAt, lifeEnd } from './hook-times.ts'
import { activateCommand, failedOutcome, wellOutcome } from './outcome-of.ts'
import { type Remade, remakeHook } from './remake-hook.ts'
import { settled } from './settled.ts'
import { sameHook, standingHooks } from './standing.ts'
import { successorOf } from './successor.ts'

/**
 * Renews a hook, or makes it anew where it ended or was left pending; null where it was only in the way of its successor.
 * @throws WhsError `no-activation` where it was removed meanwhile
 */
export async function renewHook(
  deps: ActivationDeps,
  hook: StoredActivation,
  callback: string,
): Promise<ActivationOutcome | null> {
  const found = await settled(hookPlaceOf(deps, { app: hook.app, connection: hook.connectionId }))
  if (!found.ok) return notRenewed(deps, hook, found.failure)
  const place = found.value
  const successor = await successorOf(deps, hook)
  if (successor?.state === 'active') return removeOld(deps, hook)
  if (hook.state === 'pending') {
    return successor ? leaveTo(deps, hook, successor) : finishPending(deps, place, hook, callback)
  }
  const isOver = hook.expiresAt !== null && hook.expiresAt <= deps.now() && !(await stillStands(deps, place, hook))
  const renewed = await renewAt(deps, place, hook, callback, isOver)
  if (!renewed.ok) {
    return renewed.waits ? failedOutcome(renewed.failure, renewed.waits) : notRenewed(deps, hook, renewed.failure)
  }
  const why = isOver ? 'it had ended, and was made anew' : null
  return wellOutcome('renewed', renewed.value, { why })
}

async function renewAt(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
  isOver: boolean,
): Promise<Extract<Called<StoredActivation>, { ok: true }> | Extract<Remade, { ok: false }>> {
  const { renew = 'anew', create } = place.api
  if (renew !== 'again' && (renew === 'anew' || isOver)) {
    const remade = await remakeHook(deps, place, hook, { callback, isGone: isOver })
    return remade.ok ? { ok: true, value: remade.hook } : remade
  }
  const url = renew === 'again' ? callback : (hook.url ?? callback)
  const slots = await hookSlots(deps, place, hook, url)
  const answer = await callHook(deps, place, renew === 'again' ? create : renew.call, slots)
  if (!answer.ok) return answer
  const made = madeIn(place, answer.value, hook, deps.now())
  if (renew === 'again') return keepHook(deps, place, hook, made, url)
  const expiresAt = momentIn(answer.value, renew.expires) ?? lifeEnd(place.definition, deps.now()) ?? hook.expiresAt
  const facts = { providerId: hook.providerId, secret: null, expiresAt, keep: hook.slots }
  return keepHook(deps, place, hook, facts, url)
}

/** One that ended by what is kept here may live by a renewal whose answer nobody heard. */
async function stillStands(deps: ActivationDeps, place: HookPlace, hook: StoredActivation): Promise<boolean> {
  const standing = await standingHooks(deps, place, hook.resource)
  return standing?.ok === true && sameHook(standing.value, hook) !== undefined
}

/** What waits beside the one that was begun in its place does nothing before that one's end is known. */
async function leaveTo(deps: ActivationDeps, hook: StoredActivation, begun: StoredActivation): Promise<null> {
  const { id, tries, why } = hook
  await deps.store.write('noteHook', { id, tries, nextAt: (begun.nextAt ?? deps.now()) + shortlyMs, why })
  return null
}

const shortlyMs = 60_000

async function removeOld(deps: ActivationDeps, hook: StoredActivation): Promise<ActivationOutcome | null> {
  const removed = await deactivate(deps, hook)
  if (removed.kind === 'gone') return null
  const tries = hook.tries + 1
  const nextAt = againAt({ isPassing: removed.means === 'busy', afterMs: null }, deps.now(), tries)
  const noted = await deps.store.write('noteHook', { id: hook.id, tries, nextAt, why: removed.why })
  return { ...removed, activation: noted, nextAt }
}

/** It is tried again, more seldom each time; one that somebody else removed is not. */
async function notRenewed(deps: ActivationDeps, hook: StoredActivation, failure: Failure): Promise<ActivationOutcome> {
  const { id } = hook
  const now = deps.now()
  const { why } = failure
  if (failure.means === 'gone') {
    const gone = await deps.store.write('noteHook', { id, state: 'gone', tries: 0, nextAt: null, why })
    return failedOutcome({ ...failure, todo: activateCommand(hook) }, gone, { kind: 'gone' })
  }
  const tries = hook.tries + 1
  const isOver = hook.expiresAt !== null && hook.expiresAt <= now
  const nextAt = againAt(failure, now, tries)
  const state = isOver ? ('pending' as const) : hook.state
  const noted = await deps.store.write('noteHook', { id, state, tries, nextAt, why })
  return failedOutcome(failure, noted)
}
