import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { broughtSecret } from '../core/hook-secret.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { clip, safeText } from '../core/text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { spelledAs } from './account-value.ts'
import type { App } from './app.ts'
import { knownTenant } from './known-tenant.ts'

/** A hook that somebody makes by hand, as typed. */
export interface ActivationWish {
  app: StoredApp
  tenant: string | null
  /** The provider's own id of it, where it is known already. */
  providerId: string | null
  /** What it is for, where hooks are one a resource. */
  resource: string | null
  secret: string | null
  /** Somebody has said that the tenant is a new one. */
  isNewTenant?: boolean
}

/**
 * Whether such a hook can be one of ours at all.
 * @throws WhsError `no-own-hook`, `activation-needs-tenant`, `activation-is-shared`, `no-resource` (exit 2)
 */
export function checkHook(
  definition: ProviderDefinition,
  { app, tenant, resource }: Pick<ActivationWish, 'app' | 'tenant' | 'resource'>,
): void {
  const { per, noun } = definition.activation
  if (per === 'app' && tenant === null && broughtSecret(definition) === null) {
    throw new WhsError({
      code: 'no-own-hook',
      exit: exits.usage,
      what: `${app.name} has no hook that would have to be kept`,
      why: `${definition.name} has one for all tenants of an app, and nothing of it is waited for`,
      next: `whs setup ${app.name}`,
    })
  }
  if (per !== 'resource' && resource !== null) {
    throw new WhsError({
      code: 'no-resource',
      exit: exits.usage,
      what: `a hook of ${definition.name} is not for one resource`,
      why: `there is one for each ${per}`,
      next: `whs activations add ${app.name}${tenant === null ? '' : ` --tenant ${tenant}`}`,
    })
  }
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

/**
 * Whether the tenant is a new one, which somebody must have said: a mistyped one would come into being.
 * @throws WhsError `no-tenant` (exit 5)
 */
export async function isUnknown(app: App, stored: StoredApp, tenant: string, mayBeNew: boolean): Promise<boolean> {
  if (mayBeNew) return (await app.store().read('findTenant', { name: tenant })) === null
  await knownTenant(app, tenant, `whs activations add ${stored.name} --tenant ${tenant} --new-tenant`)
  return false
}

/**
 * The other hooks of the same tenant (or of the whole app) at an app.
 * @throws WhsError `activation-exists` (exit 2) where one of them is for the same resource
 */
export async function hooksBeside(
  app: App,
  { app: stored, tenant, resource }: Pick<ActivationWish, 'app' | 'tenant' | 'resource'>,
): Promise<StoredActivation[]> {
  const all = await app.store().read('listActivations', { app: stored.name })
  const own = all.filter(one => one.tenant === tenant && one.state !== 'gone')
  const same = resource === null ? undefined : own.find(one => one.resource === resource)
  if (!same) return own
  throw new WhsError({
    code: 'activation-exists',
    exit: exits.usage,
    what: `${tenant ?? stored.name} has a hook of ${safeText(resource ?? '')} at ${stored.name} already`,
    why: `it is ${same.id}, and a second one would bring every event twice`,
    next: `whs activations remove ${same.id}   (then the same command again)`,
  })
}

/** The provider's own id of a hook, spelled as deliveries name it where they do. @throws WhsError `bad-hook-id` (exit 2) */
export function hookIdOf(
  definition: ProviderDefinition,
  id: string | null,
): { kind: string | null; providerId: string | null } {
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
    why: `it is ${own?.shape ?? 'nothing'}`,
    next: `--id <${word}>`,
  })
}

/** A secret that a handshake brought is never replaced by another, so a second hook would wait for ever. */
export async function refuseBroughtTwice(app: App, definition: ProviderDefinition, stored: StoredApp): Promise<void> {
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

export function noCallback(name: string): WhsError {
  return new WhsError({
    code: 'no-callback',
    exit: exits.missing,
    what: `the callback URL of ${name} is not known yet`,
    why: 'nobody listens, and the URL of a hook is shown once, when it is made',
    next: 'whs listen   (in another terminal, then the same command again)',
  })
}
