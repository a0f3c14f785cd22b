import { WhsError } from '../../core/errors.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { EndedHooks } from '../disconnect.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { deactivate } from './deactivate.ts'

/** Removes hooks that calls made, and says which stay at the provider. Never throws of the provider. */
export async function endHooks(deps: ActivationDeps, hooks: StoredActivation[]): Promise<EndedHooks> {
  const ended: EndedHooks = { removed: 0, left: [] }
  for (const hook of hooks.filter(({ state, madeBy }) => state !== 'gone' && madeBy === 'api')) {
    const why = await whyLeft(deps, hook)
    if (why === null) ended.removed++
    else ended.left.push({ id: hook.id, providerId: hook.providerId, resource: hook.resource, why })
  }
  return ended
}

async function whyLeft(deps: ActivationDeps, hook: StoredActivation): Promise<string | null> {
  try {
    const { kind, why } = await deactivate(deps, hook)
    return kind === 'gone' ? null : (why ?? 'the provider did not say why')
  } catch (error) {
    if (error instanceof WhsError) return error.message
    throw error
  }
}
