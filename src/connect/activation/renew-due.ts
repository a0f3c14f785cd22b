import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import { failedOutcome } from './outcome-of.ts'
import { renewHook } from './renew-hook.ts'
import { settled } from './settled.ts'

export interface RenewWish {
  /** Today's callback URL of an app, without a key; null where none is known: it stays where it is. */
  callbackOf(app: string): string | null
}

/** Renews what is within its margin, makes anew what ended, and tries again what was left pending. */
export async function renewDue(deps: ActivationDeps, wish: RenewWish): Promise<ActivationOutcome[]> {
  const outcomes: ActivationOutcome[] = []
  for (const { id } of await deps.store.read('dueHooks', { now: deps.now() })) {
    // One that another took the place of, or that another command has seen to meanwhile, is not due any more.
    const hook = await deps.store.read('findActivation', { id })
    if (!hook || hook.state === 'gone' || hook.nextAt === null || hook.nextAt > deps.now()) continue
    const outcome = await settled(renewHook(deps, hook, wish.callbackOf(hook.app) ?? hook.url ?? ''))
    if (!outcome.ok) outcomes.push(failedOutcome(outcome.failure, hook))
    else if (outcome.value) outcomes.push(outcome.value)
  }
  return outcomes
}

/** When something of it is due next, in ms; null where nothing is. */
export function nextDueAt({ store }: Pick<ActivationDeps, 'store'>): Promise<number | null> {
  return store.read('nextHookAt')
}
