import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { hookSecret, lacksSecret } from '../core/hook-secret.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import { hookIdOf } from './activation-wish.ts'
import type { App } from './app.ts'
import { type Rechecked, recheckKept } from './recheck-kept.ts'
import { removeHookAtSimulator } from './simulator-portal.ts'

export interface ConfirmedActivation {
  activation: StoredActivation
  /** Kept deliveries that verify with its new secret, and were taken in; null where none came. */
  rechecked: Rechecked | null
}

/**
 * Gives a hook what the provider said of it. Its id alone ends no wait for a secret, which may come later,
 * also to a hook that works without one.
 * @throws WhsError `activation-complete` (exit 2) where it waits for nothing; those of the store
 */
export async function confirmActivation(
  app: App,
  activation: StoredActivation,
  { providerId, secret }: { providerId: string | null; secret: string | null },
): Promise<ConfirmedActivation> {
  const definition = app.definitionOf(activation.provider)
  const name = hookSecret(definition)
  const given = secret === null || name === null ? null : { name, value: secret }
  const id = hookIdOf(definition, providerId).providerId
  if (id !== null && given === null && mayComeAlone(definition, activation)) {
    const changed = await app.store().write('changeActivation', { id: activation.id, providerId: id })
    return { activation: changed, rechecked: null }
  }
  const known = { seq: activation.seq, secret: given, providerId: id }
  const isDone = await app.store().write('confirmActivation', known)
  const now = await app.store().read('findActivation', { id: activation.id })
  if (isDone && now) {
    const stored = given === null ? null : await app.store().read('findApp', { name: now.app })
    return { activation: now, rechecked: stored && (await recheckKept(app, stored)) }
  }
  throw new WhsError({
    code: 'activation-complete',
    exit: exits.usage,
    what: `${activation.id} waits for nothing`,
    why: 'what a hook has is never replaced; another one takes its place',
    next: `whs activations remove ${activation.id}   (then whs activations add ${activation.app})`,
  })
}

/** Whether the id may be noted without ending a wait, or although there is none. */
function mayComeAlone(definition: ProviderDefinition, { state, secrets, providerId }: StoredActivation): boolean {
  return state === 'pending' ? lacksSecret(definition, secrets.length > 0) : state === 'active' && providerId === null
}

/** Forgets a hook, with its secret and key; one that was made by hand is removed at the simulator as well. @throws WhsError `no-activation` (5) */
export async function removeActivation(app: App, { id }: StoredActivation): Promise<StoredActivation> {
  const gone = await app.store().write('removeActivation', { id })
  const stored = await app.store().read('findApp', { name: gone.app })
  if (stored && gone.providerId !== null && gone.madeBy === 'hand')
    await removeHookAtSimulator(app, stored, gone.providerId)
  return gone
}
