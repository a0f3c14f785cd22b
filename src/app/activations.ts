import { randomBytes } from 'node:crypto'
import { hashOfKey } from '../core/activation-key.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { hookSecret, isAwaited } from '../core/hook-secret.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Released } from '../store/mapping-ops.ts'
import {
  type ActivationWish,
  checkHook,
  hookIdOf,
  hooksBeside,
  isUnknown,
  noCallback,
  refuseBroughtTwice,
} from './activation-wish.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { callbackSetting } from './app-settings.ts'
import { doorNow } from './door-now.ts'
import { type Rechecked, recheckKept } from './recheck-kept.ts'
import { accountFor, addHookAtSimulator, tellSimulator } from './simulator-portal.ts'

export interface MadeActivation {
  activation: StoredActivation
  /** The URL to paste, with its key, which is shown this once; null where no address is known yet. */
  callback: string | null
  /** What a person does at the provider, in order; none where the simulator was told. */
  steps: string[]
  released: Released
  /** Kept deliveries that verify with its secret, and were taken in; null where it has none of its own. */
  rechecked: Rechecked | null
  /** The tenant came into being by it. */
  isNewTenant: boolean
  /** Other hooks that the tenant has there. */
  beside: string[]
}

const keyBytes = 32

/**
 * Keeps what is known of a hook that a person makes at the provider, and says how it is made; a simulator is told. The
 * hook is kept before it exists, so that the first request that comes by its key is known: until then, and while it
 * lacks its secret, it is pending. After an error nothing is kept.
 * @throws WhsError those of `checkHook`, `no-tenant` (exit 5), `activation-exists`, `secret-is-there`, `bad-hook-id` (exit 2),
 * `no-callback` (exit 3), `hook-refused` (exit 10), and those of the store
 */
export async function addActivation(app: App, wish: ActivationWish): Promise<MadeActivation> {
  const definition = app.definitionOf(wish.app.provider)
  checkHook(definition, wish)
  const isNewTenant = wish.tenant !== null && (await isUnknown(app, wish.app, wish.tenant, wish.isNewTenant === true))
  const there = await hooksBeside(app, wish)
  await refuseBroughtTwice(app, definition, wish.app)
  const key = definition.activation.keyed ? randomBytes(keyBytes).toString('base64url') : null
  const base = await callbackNow(app, wish.app)
  const waiting = wish.tenant === null ? there.find(({ state }) => state === 'pending') : undefined
  if (waiting) {
    const rest = { steps: stepsOf(definition, base), released: nothing, rechecked: null, isNewTenant, beside: [] }
    return { activation: waiting, callback: base, ...rest }
  }
  if (base === null && (key !== null || wish.app.env === 'simulator')) throw noCallback(wish.app.name)
  const callback = base === null || key === null ? base : `${base}/${key}`
  const kept = await keep(app, definition, wish, { keyHash: key === null ? null : hashOfKey(key), url: base })
  const rechecked = wish.secret === null ? null : await recheckKept(app, wish.app)
  const beside = there.map(({ id }) => id)
  const common = { callback, released: kept.released, rechecked, isNewTenant, beside }
  if (wish.app.env !== 'simulator' || callback === null) {
    return { ...common, activation: kept.activation, steps: stepsOf(definition, callback) }
  }
  try {
    return { ...common, activation: await makeAtSimulator(app, wish, kept.activation, callback), steps: [] }
  } catch (error) {
    await app.store().write('removeActivation', { id: kept.activation.id })
    if (isNewTenant && wish.tenant !== null) await app.store().write('forgetTenant', { name: wish.tenant })
    throw error
  }
}

const nothing: Released = { events: 0, deliveries: 0, forwards: 0, oldestAt: null }

function keep(
  app: App,
  definition: ProviderDefinition,
  { app: stored, tenant, providerId, resource, secret }: ActivationWish,
  { keyHash, url }: { keyHash: string | null; url: string | null },
): Promise<{ activation: StoredActivation; released: Released }> {
  const name = hookSecret(definition)
  const isPending = stored.env === 'simulator' || isAwaited(definition, secret !== null)
  return app.store().write('addActivation', {
    app: stored.name,
    tenant,
    ...hookIdOf(definition, providerId),
    resource,
    keyHash,
    url,
    state: isPending ? 'pending' : 'active',
    secret: secret === null || name === null ? null : { name, value: secret },
    release: true,
  })
}

/** Does at the simulator what the steps say; what it answers completes the hook. */
async function makeAtSimulator(
  app: App,
  wish: ActivationWish,
  activation: StoredActivation,
  callback: string,
): Promise<StoredActivation> {
  if (wish.tenant === null) {
    await tellSimulator(app, wish.app, { callbackUrl: callback })
    return activation
  }
  const account = await accountFor(app, wish.app, wish.tenant)
  const { providerId: id, secret, resource } = wish
  const made = await addHookAtSimulator(app, wish.app, { url: callback, account, id, secret, resource })
  const definition = app.definitionOf(wish.app.provider)
  const now = (await app.store().read('findActivation', { id: activation.id })) ?? activation
  const name = hookSecret(definition)
  const isGiven = made.secret !== null && name !== null && now.secrets.length === 0
  const known = {
    secret: isGiven ? { name, value: made.secret as string } : null,
    providerId: hookIdOf(definition, made.id).providerId,
  }
  await app.store().write('confirmActivation', { seq: now.seq, ...known })
  return (await app.store().read('findActivation', { id: activation.id })) ?? now
}

/** What a person does at the provider to make a hook, with the URL filled in. */
export function stepsOf({ activation }: ProviderDefinition, callback: string | null): string[] {
  const url = callback ?? '<the callback URL, known once whs listen runs>'
  return activation.steps.map(step => step.replaceAll('{callback}', url))
}

/** Where an app's deliveries reach us: as it was set, by the running listener, else as last announced. */
export async function callbackNow(app: App, stored: StoredApp): Promise<string | null> {
  const listener = await doorNow(app)
  const set = app.settingsOf(stored)[callbackSetting]
  return set ?? (listener ? callbackUrl(listener.publicUrl, stored.name) : stored.announcedUrl)
}
