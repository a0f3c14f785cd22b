import { activate } from '../connect/activation/activate.ts'
import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { deactivate } from '../connect/activation/deactivate.ts'
import { endHooks } from '../connect/activation/end-hooks.ts'
import type { EndedHooks } from '../connect/disconnect.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackNow } from './activations.ts'
import type { App } from './app.ts'
import { type HookWaiter, hookDeps } from './consent-deps.ts'
import { placesFor, type ResourceWish } from './hook-places.ts'
import { apiScope, isReached, needsApi, notReached } from './hooks-wanted.ts'
import { mayHaveSecret, type Rechecked, recheckKept } from './recheck-kept.ts'

export interface HooksWish extends ResourceWish, HookWaiter {
  app: StoredApp
  /** Of these tenants alone. */
  tenants: string[] | null
  /** Removed when the listener ends. */
  temporary: boolean
  onOutcome(outcome: ActivationOutcome): Promise<void> | void
}

export interface HooksDone {
  failed: ActivationOutcome[]
  /** Tenants of whose things none was chosen, since none is usual and nobody could be asked. */
  unchosen: string[]
  /** How many were not begun, since it was ended before. */
  notBegun: number
  /** Kept deliveries that were checked again by what secrets there are now; null where there is no new one. */
  rechecked: Rechecked | null
}

/**
 * Makes what is lacking of an app's hooks by its provider's API: those that are there and well are found, those that point
 * elsewhere moved, those that are gone made anew. What the provider refuses is told, and the rest goes on; once the signal is
 * aborted nothing more is begun.
 * @throws WhsError `no-activation-api`, `which-tenant` (exit 2), `no-callback`, `callback-not-public` (exit 3),
 * `no-connection`, `no-resource` (exit 5)
 */
export async function makeHooks(app: App, wish: HooksWish): Promise<HooksDone> {
  const definition = app.definitionOf(wish.app.provider)
  const scope = needsApi(definition, wish.app)
  const callback = await callbackNow(app, wish.app)
  if (callback === null || !isReached(wish.app, callback)) throw notReached(wish.app, callback)
  const { places, unchosen, failed } = await placesFor(app, wish, scope)
  if (wish.signal?.aborted) return { failed: [], unchosen: [], notBegun: places.length, rechecked: null }
  for (const outcome of failed) await wish.onOutcome(outcome)
  const { name } = wish.app
  let isNew = false
  let notBegun = 0
  for (const { connection, resource } of places) {
    if (wish.signal?.aborted) {
      notBegun++
      continue
    }
    const hook = { app: name, connection, resource, temporary: wish.temporary, callback }
    const outcome = await activate(hookDeps(app, wish), hook)
    if (isBad(outcome)) failed.push(outcome)
    if (mayHaveSecret(outcome)) isNew = true
    await wish.onOutcome(outcome)
  }
  return { failed, unchosen, notBegun, rechecked: isNew ? await recheckKept(app, wish.app) : null }
}

/**
 * What makes a provider send after a consent: its hooks for these tenants, or the one of the app where there is none yet.
 * `later` where they cannot be made before a listener is reached from outside; null where no API makes them.
 */
export async function hooksAfterConsent(
  app: App,
  wish: HooksWish & { tenants: string[] },
): Promise<HooksDone | 'later' | null> {
  const scope = apiScope(app.definitionOf(wish.app.provider))
  if (scope === null) return null
  const hooks = scope === 'app' ? await app.store().read('listActivations', { app: wish.app.name }) : []
  if (hooks.some(({ state }) => state === 'active')) return null
  const callback = await callbackNow(app, wish.app)
  if (!app.store().isListening() || callback === null || !isReached(wish.app, callback)) return 'later'
  return makeHooks(app, scope === 'app' ? { ...wish, tenants: null } : wish)
}

/** Whether a hook does not stand, or does not point here. */
function isBad({ kind }: ActivationOutcome): boolean {
  return kind === 'failed' || kind === 'gone' || kind === 'elsewhere'
}

/** The hooks of an app (of these tenants, for these resources) that still stand here. */
export async function hooksOf(
  app: App,
  { app: stored, tenants, resources }: { app: StoredApp; tenants: string[] | null; resources: string[] | null },
): Promise<StoredActivation[]> {
  const all = await app.store().read('listActivations', { app: stored.name })
  return all.filter(
    ({ tenant, resource }) =>
      (tenants === null || (tenant !== null && tenants.includes(tenant))) &&
      (resources === null || (resource !== null && resources.includes(resource))),
  )
}

/**
 * Removes hooks at the provider and here, one after the other; what could not be removed is told and stays. Once the signal
 * is aborted nothing more is begun.
 */
export async function removeHooks(
  app: App,
  hooks: StoredActivation[],
  wish: HookWaiter & Pick<HooksWish, 'onOutcome'>,
): Promise<Pick<HooksDone, 'failed' | 'notBegun'>> {
  const failed: ActivationOutcome[] = []
  for (const [index, hook] of hooks.entries()) {
    if (wish.signal?.aborted) return { failed, notBegun: hooks.length - index }
    const outcome = await deactivate(hookDeps(app, wish), hook)
    if (outcome.kind !== 'gone') failed.push(outcome)
    await wish.onOutcome(outcome)
  }
  return { failed, notBegun: 0 }
}

/** For `disconnectTenant`: removes the hooks that a connection's token made, and says what stays at the provider. */
export async function endHooksOf(app: App, connection: string): Promise<EndedHooks> {
  const hooks = await app.store().read('listActivations', {})
  return endHooks(
    hookDeps(app),
    hooks.filter(one => one.connectionId === connection),
  )
}

/** The apps whose providers have an API for hooks. */
export async function appsWithApi(app: App): Promise<StoredApp[]> {
  const apps = await app.store().read('listApps')
  return apps.filter(stored => {
    try {
      return apiScope(app.definitionOf(stored.provider)) !== null
    } catch {
      // An app of a provider that is not there any more has none.
      return false
    }
  })
}
