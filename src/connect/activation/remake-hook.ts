import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import type { HookPlace } from './hook-place.ts'
import { type Attempt, createOnly, draftHook, lookAgainMs } from './make-hook.ts'
import { removeStored } from './remove-hook.ts'
import { settled } from './settled.ts'

/**
 * Makes a hook in the place of another one, which is removed afterwards unless it is `gone` (or the provider takes no
 * second one). Where that fails the old row stays.
 */
export async function remakeHook(
  deps: ActivationDeps,
  place: HookPlace,
  old: StoredActivation,
  { callback, isGone }: { callback: string; isGone: boolean },
): Promise<Attempt> {
  const isFirstRemoved = !isGone && place.api.move === 'remove-first'
  if (isFirstRemoved) {
    const removed = await removeStored(deps, place, old)
    if (!removed.ok) return removed
    // Should the next call fail, it does not stand any more, and is tried again.
    await deps.store.write('noteHook', { id: old.id, state: 'pending', tries: 0, nextAt: deps.now(), why: null })
  }
  const { resource, temporary } = old
  const draft = { resource, temporary, callback, replaces: old.id }
  const drafted = await settled(draftHook(deps, place, draft))
  if (!drafted.ok) return drafted
  const hook = drafted.value
  const made = await createOnly(deps, place, hook, callback)
  if (!made.ok) {
    await deps.store.write('removeActivation', { id: hook.id })
    return made
  }
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

function sameSlots(left: Record<string, string>, right: Record<string, string>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every(name => left[name] === right[name])
}
