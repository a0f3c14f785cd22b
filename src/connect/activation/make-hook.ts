import { hashOfKey } from '../../core/activation-key.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationDeps } from './activation-deps.ts'
import { createHook, isBrought, keepHook, secretAskedFor } from './create-hook.ts'
import { type Failure, refused } from './failure.ts'
import type { Called } from './hook-call.ts'
import { type HookPlace, tenantOf } from './hook-place.ts'
import { choosesSecret, chosenId, hookSlots, newSecret, secretOfHook } from './hook-slots.ts'
import { removeStanding } from './remove-hook.ts'
import { keyBehind, type StandingHook, standingHooks } from './standing.ts'

export interface HookDraft {
  resource: string | null
  temporary: boolean
  /** Today's callback URL of the app, without a key. */
  callback: string
  /** The hook whose place it takes (`act_…`). */
  replaces: string | null
}

/** A row of which nobody heard again is looked at after this time. */
export const lookAgainMs = 180_000

/**
 * Writes a hook down before it exists, with its key and the secret that we choose, so that what the provider sends while
 * it makes the hook is known.
 * @throws WhsError `activation-exists` (exit 2), `account-taken` (exit 4)
 */
export async function draftHook(deps: ActivationDeps, place: HookPlace, draft: HookDraft): Promise<StoredActivation> {
  const { app, definition, connection } = place
  const wanted = choosesSecret(place) ? secretOfHook(place) : null
  const secret = wanted && { name: wanted.name, value: newSecret(deps, definition, wanted.name) }
  if (wanted?.of === 'app' && secret && (await deps.secretsOf(app, wanted.name)).length === 0) {
    await deps.store.write('setApp', { app: app.name, secrets: { [secret.name]: secret.value }, keepOldMs: 0 })
  }
  const key = definition.activation.keyed ? Buffer.from(deps.randomBytes(32)).toString('base64url') : null
  const { activation } = await deps.store.write('addActivation', {
    app: app.name,
    tenant: tenantOf(place),
    connectionId: connection?.id ?? null,
    kind: definition.activation.kind ?? null,
    providerId: chosenId(deps, place, draft.resource),
    resource: draft.resource,
    keyHash: key === null ? null : hashOfKey(key),
    url: draft.callback,
    state: 'pending',
    secret: wanted?.of === 'activation' ? secret : null,
    release: true,
    byApi: { key, temporary: draft.temporary, nextAt: deps.now() + lookAgainMs, replaces: draft.replaces },
  })
  return activation
}

export type Attempt = { ok: true; hook: StoredActivation; isFound: boolean } | { ok: false; failure: Failure }

/**
 * Brings a hook whose row is there into being, unless one with its URL stands at the provider already: that is taken where
 * its deliveries would verify, else it is removed.
 */
export async function attemptHook(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<Attempt> {
  const standing = await standingHooks(deps, place, hook.resource)
  if (standing && !standing.ok) return standing
  for (const there of await ownAmong(deps, hook, standing?.value ?? [], callback)) {
    if (await canBeTaken(deps, place, hook, there, callback)) {
      const taken = await takeStanding(deps, place, hook, there, callback)
      return taken.ok ? { ok: true, hook: taken.value, isFound: true } : taken
    }
    if (place.per === 'app') return { ok: false, failure: unknownSecret(place, there) }
    const removed = await removeStanding(deps, place, hook, there)
    if (!removed.ok) return removed
  }
  // A handshake that an earlier call caused brought this one, and the next brings another.
  if (isBrought(place)) await deps.store.write('dropHookSecrets', { id: hook.id })
  return createOnly(deps, place, hook, callback)
}

/** Makes it without a look at what stands there. */
export async function createOnly(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  callback: string,
): Promise<Attempt> {
  let made = await createHook(deps, place, hook, callback)
  if (!made.ok && made.failure.means === 'taken' && place.api.move === 'remove-first') {
    const others = await standingHooks(deps, place, hook.resource)
    for (const there of others?.ok ? others.value : []) await removeStanding(deps, place, hook, there)
    if (others?.ok && others.value.length > 0) made = await createHook(deps, place, hook, callback)
  }
  return made.ok ? { ok: true, hook: made.value, isFound: false } : made
}

/** Those that point at our URL and are no other row's. */
async function ownAmong(
  deps: ActivationDeps,
  hook: StoredActivation,
  standing: StandingHook[],
  callback: string,
): Promise<StandingHook[]> {
  const rows = await deps.store.read('listActivations', { app: hook.app })
  const others = rows.filter(one => one.seq !== hook.seq && one.state !== 'gone')
  return standing.filter(there => {
    if (keyBehind(there.url, callback) === null) return false
    if (hook.resource !== null && there.resource !== null && there.resource !== hook.resource) return false
    return !others.some(
      ({ providerId, slots, resource }) =>
        providerId === there.id &&
        (resource === hook.resource || there.resource === null) &&
        Object.entries(there.keep).every(([name, value]) => slots[name] === value),
    )
  })
}

/** Whether its deliveries would verify: its key and its secret are known here, or can be had. */
async function canBeTaken(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  there: StandingHook,
  callback: string,
): Promise<boolean> {
  const key = keyBehind(there.url, callback)?.key ?? null
  if (key !== (hook.keyed ? await deps.store.read('hookKey', { id: hook.id }) : null)) return false
  const { api, app } = place
  const wanted = secretOfHook(place)
  if (wanted === null || there.secret !== null || !hasOwnSecret(place)) return true
  if (api.made.secretBy) return true
  if (wanted.of === 'app') return (await deps.secretsOf(app, wanted.name)).length > 0
  // By its own key it is known that an earlier call for this very row made it.
  return hook.keyed && hook.secrets.length > 0
}

/** Whether each call gives a hook another secret. */
function hasOwnSecret(place: HookPlace): boolean {
  const { secret, secretBy } = place.api.made
  return choosesSecret(place) || isBrought(place) || secret !== undefined || secretBy !== undefined
}

async function takeStanding(
  deps: ActivationDeps,
  place: HookPlace,
  hook: StoredActivation,
  there: StandingHook,
  callback: string,
): Promise<Called<StoredActivation>> {
  const slots = { ...(await hookSlots(deps, place, hook, callback)), ...there.keep, activation: there.id }
  const secret =
    there.secret === null ? await secretAskedFor(deps, place, slots) : { ok: true as const, value: there.secret }
  if (!secret.ok) return secret
  const facts = { providerId: there.id, secret: secret.value, expiresAt: there.expiresAt, keep: there.keep }
  return keepHook(deps, place, hook, facts, callback)
}

function unknownSecret({ app, definition }: HookPlace, { id }: StandingHook): Failure {
  const { name } = definition
  return refused(`a hook of this URL stands at ${name} already (${id}), and its secret is not known here`, {
    means: 'taken',
    todo: `whs app set ${app.name} --webhook-secret -   (or remove it there, then whs activate ${app.name})`,
  })
}
