import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { Failure } from './failure.ts'
import { attemptAgain } from './finish-pending.ts'
import type { HookPlace } from './hook-place.ts'
import { againAt } from './hook-times.ts'
import { type Attempt, createOnly, draftHook, lookAgainMs } from './make-hook.ts'
import { removeStored } from './remove-hook.ts'
import { settled } from './settled.ts'
import { isUnderWay, successorOf, underWay } from './successor.ts'

/** `waits`: the hook that is tried again in the place of the old one, whose row is gone. */
export type Remade = { ok: true; hook: StoredActivation } | { ok: false; failure: Failure; waits?: StoredActivation }

/**
 * Makes a hook in the place of another one, which is removed afterwards unless it is `gone` (or the provider takes no
 * second one). One that was begun before, and whose end nobody heard, is gone on with. Where that fails the old row stays,
 * unless the new one may stand and the old one does not.
 */
export async function remakeHook(
  deps: ActivationDeps,
  place: HookPlace,
  old: StoredActivation,
  { callback, isGone }: { callback: string; isGone: boolean },
): Promise<Remade> {
  const begun = await successorOf(deps, old)
  if (begun && isUnderWay(deps, begun)) return { ok: false, failure: underWay }
  const isFirstRemoved = !begun && !isGone && place.api.move === 'remove-first'
  if (isFirstRemoved) {
    const removed = await removeStored(deps, place, old)
    if (!removed.ok) return removed
    // Should the next call fail, it does not stand any more, and is tried again.
    await deps.store.write('noteHook', { id: old.id, state: 'pending', tries: 0, nextAt: deps.now(), why: null })
  }
  const made = begun ? await goOn(deps, place, begun, callback) : await makeNew(deps, place, old, callback)
  if (!made.ok) return notRemade(deps, old, made, isGone || isFirstRemoved)
  const isSame = made.hook.providerId === old.providerId && sameSlots(made.hook.slots, old.slots)
  const removed = isGone || isFirstRemoved || isSame ? null : await removeStored(deps, place, old)
  if (removed && !removed.ok) {
    const { why } = removed.failure
    await deps.store.write('noteHook', { id: old.id, tries: old.tries + 1, nextAt: deps.now() + lookAgainMs, why })
  } else {
    await deps.store.write('removeActivation', { id: old.id })
  }
  return made
}

/** `mayStand`: nobody knows that this one does not stand. */
type NotMade = { ok: false; failure: Failure; hook: StoredActivation | null; mayStand: boolean }

/** Goes on with the one that was begun; one that is made is the one. */
async function goOn(
  deps: ActivationDeps,
  place: HookPlace,
  begun: StoredActivation,
  callback: string,
): Promise<Exclude<Attempt, { ok: false }> | NotMade> {
  if (begun.state === 'active') return { ok: true, hook: begun, isFound: true }
  const made = await attemptAgain(deps, place, begun, callback)
  return made.ok ? made : { ...made, hook: begun, mayStand: true }
}

async function makeNew(
  deps: ActivationDeps,
  place: HookPlace,
  old: StoredActivation,
  callback: string,
): Promise<Exclude<Attempt, { ok: false }> | NotMade> {
  const { resource, temporary, id: replaces } = old
  const drafted = await settled(draftHook(deps, place, { resource, temporary, callback, replaces }))
  if (!drafted.ok) return { ...drafted, hook: null, mayStand: false }
  const made = await createOnly(deps, place, drafted.value, callback)
  return made.ok ? made : { ...made, hook: drafted.value, mayStand: made.failure.mayStand === true }
}

/** A new one that may stand is looked for again; of any other nothing remains. */
async function notRemade(
  deps: ActivationDeps,
  old: StoredActivation,
  { failure, hook, mayStand }: NotMade,
  isOldGone: boolean,
): Promise<Remade> {
  if (hook === null) return { ok: false, failure }
  if (!mayStand) {
    await deps.store.write('removeActivation', { id: hook.id })
    return { ok: false, failure }
  }
  const tries = hook.tries + 1
  const nextAt = againAt(failure, deps.now(), tries)
  const waits = await deps.store.write('noteHook', { id: hook.id, tries, nextAt, why: failure.why })
  if (!isOldGone) return { ok: false, failure }
  await deps.store.write('removeActivation', { id: old.id })
  return { ok: false, failure, waits }
}

function sameSlots(left: Record<string, string>, right: Record<string, string>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every(name => left[name] === right[name])
}
