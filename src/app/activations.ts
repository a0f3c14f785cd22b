import { randomBytes } from 'node:crypto'
import { hashOfKey } from '../core/activation-key.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { clip, safeText } from '../core/text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Released } from '../store/mapping-ops.ts'
import { spelledAs } from './account-value.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { secretFlag } from './app-draft.ts'
import { callbackSetting } from './app-settings.ts'
import { doorNow } from './door-now.ts'
import { broughtSecret, hookSecret, isAwaited, lacksSecret } from './hook-secret.ts'
import { accountFor, addHookAtSimulator, removeHookAtSimulator, tellSimulator } from './simulator-portal.ts'

/** A hook that somebody makes by hand, as typed. */
export interface ActivationWish {
  app: StoredApp
  tenant: string | null
  /** The provider's own id of it, where it is known already. */
  providerId: string | null
  /** What it is for, where hooks are one a resource. */
  resource: string | null
  secret: string | null
}

export interface MadeActivation {
  activation: StoredActivation
  /** The URL to paste, with its key, which is shown this once; null where no address is known yet. */
  callback: string | null
  /** What a person does at the provider, in order; none where the simulator was told. */
  steps: string[]
  released: Released
}

const keyBytes = 32

/**
 * Keeps what is known of a hook that a person makes at the provider, and says how it is made; a simulator is told. The
 * hook is kept before it exists, so that the first request that comes by its key is known: until then, and while it
 * lacks its secret, it is pending.
 * @throws WhsError `activation-needs-tenant`, `activation-is-shared`, `secret-is-there`, `bad-hook-id` (exit 2),
 * `no-callback` (exit 3), `hook-refused` (exit 10), and those of the store
 */
export async function addActivation(app: App, wish: ActivationWish): Promise<MadeActivation> {
  const definition = app.definitionOf(wish.app.provider)
  checkWish(definition, wish)
  await refuseBroughtTwice(app, definition, wish.app)
  const key = definition.activation.keyed ? randomBytes(keyBytes).toString('base64url') : null
  const base = await callbackNow(app, wish.app)
  if (base === null && (key !== null || wish.app.env === 'simulator')) throw noCallback(wish.app.name)
  const callback = base === null || key === null ? base : `${base}/${key}`
  const kept = await keep(app, definition, wish, { keyHash: key === null ? null : hashOfKey(key), url: base })
  if (wish.app.env !== 'simulator' || callback === null) {
    return { ...kept, callback, steps: stepsOf(definition, callback) }
  }
  const activation = await makeAtSimulator(app, wish, kept.activation, callback)
  return { activation, callback, steps: [], released: kept.released }
}

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
    ...idOf(definition, providerId),
    resource,
    keyHash,
    url,
    state: isPending ? 'pending' : 'active',
    secret: secret === null || name === null ? null : { name, value: secret },
    release: true,
  })
}

/** The provider's own id of a hook, spelled as deliveries name it where they do. @throws WhsError `bad-hook-id` (exit 2) */
function idOf(definition: ProviderDefinition, id: string | null): { kind: string | null; providerId: string | null } {
  const { kind } = definition.activation
  if (id === null || kind === undefined) return { kind: kind ?? null, providerId: id }
  const own = definition.accounts.find(one => one.kind === kind)
  const providerId = own && spelledAs(own, id)
  if (providerId !== undefined) return { kind, providerId }
  const word = own?.word ?? 'id'
  throw new WhsError({
    code: 'bad-hook-id',
    exit: exits.usage,
    what: `"${clip(safeText(id), 60)}" is no ${word} of ${definition.name}`,
    why: `it looks like ${own?.pattern ?? 'nothing'}`,
    next: `--id <${word}>`,
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
  try {
    const made = await addHookAtSimulator(app, wish.app, { url: callback, account, id, secret, resource })
    const definition = app.definitionOf(wish.app.provider)
    const now = (await app.store().read('findActivation', { id: activation.id })) ?? activation
    const name = hookSecret(definition)
    const isGiven = made.secret !== null && name !== null && now.secrets.length === 0
    const known = {
      secret: isGiven ? { name, value: made.secret as string } : null,
      providerId: idOf(definition, made.id).providerId,
    }
    await app.store().write('confirmActivation', { seq: now.seq, ...known })
    return (await app.store().read('findActivation', { id: activation.id })) ?? now
  } catch (error) {
    await app.store().write('removeActivation', { id: activation.id })
    throw error
  }
}

function checkWish(definition: ProviderDefinition, { app, tenant }: ActivationWish): void {
  const { per, noun } = definition.activation
  if (per !== 'app' && tenant === null) {
    throw new WhsError({
      code: 'activation-needs-tenant',
      exit: exits.usage,
      what: 'whose the hook is was not said',
      why: `${definition.name} has one for each ${per === 'resource' ? (noun ?? 'resource') : per}`,
      next: `whs activations add ${app.name} --tenant acme`,
    })
  }
  if (per === 'app' && tenant !== null) {
    throw new WhsError({
      code: 'activation-is-shared',
      exit: exits.usage,
      what: `${app.name} has no hook of ${safeText(tenant)} alone`,
      why: `${definition.name} has one for all tenants of an app`,
      next: `whs activations add ${app.name}`,
    })
  }
}

/** A secret that a handshake brought is never replaced by another, so a second hook would wait for ever. */
async function refuseBroughtTwice(app: App, definition: ProviderDefinition, stored: StoredApp): Promise<void> {
  const name = broughtSecret(definition)
  if (name === null || (await app.secretsOf(stored, name)).length === 0) return
  const label = definition.secrets[name]?.label ?? name
  throw new WhsError({
    code: 'secret-is-there',
    exit: exits.usage,
    what: `${stored.name} has its ${label} already`,
    why: 'one that came is never replaced by what another request brings',
    next: `whs app set ${stored.name} ${secretFlag(name)}`,
  })
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

function noCallback(name: string): WhsError {
  return new WhsError({
    code: 'no-callback',
    exit: exits.missing,
    what: `the callback URL of ${name} is not known yet`,
    why: 'nobody listens, and the URL of a hook is shown once, when it is made',
    next: 'whs listen   (in another terminal, then the same command again)',
  })
}

/**
 * Gives a hook what the provider said of it. Its id alone ends no wait for a secret, which may come later.
 * @throws WhsError `activation-complete` (exit 2) where it waits for nothing; those of the store
 */
export async function confirmActivation(
  app: App,
  activation: StoredActivation,
  { providerId, secret }: { providerId: string | null; secret: string | null },
): Promise<StoredActivation> {
  const definition = app.definitionOf(activation.provider)
  const name = hookSecret(definition)
  const given = secret === null || name === null ? null : { name, value: secret }
  const id = idOf(definition, providerId).providerId
  if (id !== null && given === null && mayComeAlone(definition, activation)) {
    return app.store().write('changeActivation', { id: activation.id, providerId: id })
  }
  const known = { seq: activation.seq, secret: given, providerId: id }
  const isDone = await app.store().write('confirmActivation', known)
  const now = await app.store().read('findActivation', { id: activation.id })
  if (isDone && now) return now
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

/** Forgets a hook, with its secret and key; at the simulator it is removed as well. @throws WhsError `no-activation` (5) */
export async function removeActivation(app: App, { id }: StoredActivation): Promise<StoredActivation> {
  const gone = await app.store().write('removeActivation', { id })
  const stored = await app.store().read('findApp', { name: gone.app })
  if (stored && gone.providerId !== null) await removeHookAtSimulator(app, stored, gone.providerId)
  return gone
}
