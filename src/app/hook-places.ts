import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { listResources, type Resource } from '../connect/activation/list-resources.ts'
import type { ActivationScope } from '../core/activation-definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { didYouMean, safeText } from '../core/text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { type HookWaiter, hookDeps } from './consent-deps.ts'
import { knownTenant } from './known-tenant.ts'

/** Which resources hooks are wanted for, where they are one a resource. */
export interface ResourceWish {
  /** `usual`: those that have hooks already; where none has, those that are chosen where nobody says. */
  resources: string[] | 'all' | 'usual'
  /** Asks a person; `preset` is what would be chosen without. */
  choose?(question: ResourceQuestion): Promise<string[]>
}
export interface ResourceQuestion {
  tenant: string
  noun: string
  resources: Resource[]
  preset: string[]
}

/** Where a hook belongs. */
export interface HookPlace {
  connection: string | null
  resource: string | null
}

interface Asked extends HookWaiter {
  app: StoredApp
  tenants: string[] | null
}

export interface Places {
  places: HookPlace[]
  /** Tenants for whom nothing was chosen. */
  unchosen: string[]
  /** Whose resources the provider did not list. */
  failed: ActivationOutcome[]
}

/**
 * Every place at which a hook is wanted: the app, a consent, or a resource that a consent reaches.
 * @throws WhsError `activation-is-shared`, `which-tenant` (exit 2), `no-connection`, `no-tenant`, `no-resource` (exit 5)
 */
export async function placesFor(app: App, wish: Asked & ResourceWish, scope: ActivationScope): Promise<Places> {
  if (scope === 'app') {
    if (wish.tenants !== null) throw isShared(wish)
    return { places: [{ connection: null, resource: null }], unchosen: [], failed: [] }
  }
  const consents = await consentsOf(app, wish)
  if (scope === 'tenant') {
    const places = consents.map(({ connection }) => ({ connection, resource: null }))
    return { places, unchosen: [], failed: [] }
  }
  return resourcePlaces(app, wish, consents)
}

interface Consent {
  tenant: string
  connection: string
}

async function consentsOf(app: App, { app: stored, tenants }: Asked): Promise<Consent[]> {
  const all = tenants === null ? await app.store().read('listTenants') : []
  for (const name of tenants ?? []) all.push(await knownTenant(app, name))
  const consents: Consent[] = []
  for (const { name, connections } of all) {
    const own = connections.filter(one => one.app === stored.name && one.state !== 'revoked')
    if (own.length === 0 && tenants !== null) throw noConnection(stored.name, name)
    consents.push(...own.map(({ id }) => ({ tenant: name, connection: id })))
  }
  if (consents.length === 0) throw noConnection(stored.name, null)
  return consents
}

async function resourcePlaces(app: App, wish: Asked & ResourceWish, consents: Consent[]): Promise<Places> {
  const { noun = 'resource', api } = app.definitionOf(wish.app.provider).activation
  // What the provider does not list itself may be more than is known here.
  const isOpen = api?.resources === undefined || 'all' in api.resources
  const hooks = await app.store().read('listActivations', { app: wish.app.name })
  const found: Places = { places: [], unchosen: [], failed: [] }
  const missing = new Set(Array.isArray(wish.resources) ? wish.resources : [])
  const known: Resource[] = []
  for (const consent of consents) {
    let listed: Resource[]
    try {
      listed = await listResources(hookDeps(app, wish), { app: wish.app.name, connection: consent.connection })
    } catch (error) {
      if (!(error instanceof WhsError)) throw error
      found.failed.push(notListed(wish.app, consent.tenant, error))
      continue
    }
    known.push(...listed)
    // One that is gone was wanted too.
    const own = hooks.filter(hook => hook.connectionId === consent.connection && hook.madeBy === 'api')
    const ids = await chosenOf(wish, {
      tenant: consent.tenant,
      noun,
      listed,
      own,
      isOpen: isOpen && consents.length === 1,
    })
    if (ids.length === 0 && !Array.isArray(wish.resources)) found.unchosen.push(consent.tenant)
    for (const id of ids) {
      missing.delete(id)
      found.places.push({ connection: consent.connection, resource: id })
    }
  }
  const [first] = missing
  if (first !== undefined && found.failed.length === 0) throw noResource(wish.app.name, { noun, id: first, known })
  return found
}

async function chosenOf(
  { resources, choose }: ResourceWish,
  offer: { tenant: string; noun: string; listed: Resource[]; own: StoredActivation[]; isOpen: boolean },
): Promise<string[]> {
  const { tenant, noun, listed, own, isOpen } = offer
  if (Array.isArray(resources)) return resources.filter(id => isOpen || listed.some(one => one.id === id))
  if (resources === 'all') return listed.map(({ id }) => id)
  const there = own.flatMap(({ resource }) => resource ?? [])
  const preset = there.length > 0 ? there : listed.filter(({ isUsual }) => isUsual).map(({ id }) => id)
  return choose && listed.length > 0 ? choose({ tenant, noun, resources: listed, preset }) : preset
}

function notListed({ name, provider }: StoredApp, tenant: string, error: WhsError): ActivationOutcome {
  const why = [error.message, error.why].filter(Boolean).join(': ')
  const means = error.exit === exits.consent ? ('token' as const) : ('refused' as const)
  const rest = { activation: null, means, todo: error.next ?? null, nextAt: null }
  return { kind: 'failed', app: name, provider, tenant, resource: null, why, ...rest }
}

function isShared({ app, tenants }: Asked): WhsError {
  return new WhsError({
    code: 'activation-is-shared',
    exit: exits.usage,
    what: `${app.name} has no hook of ${safeText(tenants?.[0] ?? '')} alone`,
    why: 'there is one for all tenants of an app',
    next: `whs activate ${app.name}`,
  })
}

function noConnection(app: string, tenant: string | null): WhsError {
  return new WhsError({
    code: 'no-connection',
    exit: exits.unknown,
    what: tenant === null ? `nobody is connected at ${app}` : `${tenant} is not connected at ${app}`,
    why: 'a hook is made with the token of a consent',
    next: `whs connect ${app} --tenant ${tenant ?? 'acme'}`,
  })
}

function noResource(app: string, { noun, id, known }: { noun: string; id: string; known: Resource[] }): WhsError {
  const near = didYouMean(
    id,
    known.map(one => one.id),
  )
  const some = known.slice(0, 5).map(one => `${one.id} (${one.name})`)
  const list =
    known.length > some.length ? `${some.join(', ')}, and ${known.length - some.length} more` : some.join(', ')
  return new WhsError({
    code: 'no-resource',
    exit: exits.unknown,
    what: `there is no ${noun} ${safeText(id)}`,
    why: safeText(near.length > 0 ? `did you mean ${near.join(' or ')}?` : list || `no ${noun} can be reached`),
    next: `whs activate ${app}   (asks which)`,
  })
}
