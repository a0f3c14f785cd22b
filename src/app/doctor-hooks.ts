import { setTimeout as pause } from 'node:timers/promises'
import type { Drift } from '../connect/activation/activation-outcome.ts'
import { findDrift } from '../connect/activation/find-drift.ts'
import { activateCommand } from '../connect/activation/outcome-of.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { durationText } from '../core/text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackNow } from './activations.ts'
import type { App } from './app.ts'
import { type Check, ok, warning } from './check.ts'
import { type HookWaiter, hookDeps } from './consent-deps.ts'
import { type HooksBeyond, hooksBeyond } from './hooks-beyond.ts'
import { appsWithApi } from './hooks-by-api.ts'

const patienceMs = 8_000
const endsSoonMs = 86_400_000

/** What an app's provider has of its hooks. */
interface Asked {
  drifts: Map<string, Drift>
  /** Why (some of) it could not be looked at. */
  unasked: string[]
}

/**
 * Each hook with which something is wrong, by what its provider has of it (all are asked at once, and for a few seconds),
 * else by what is kept here; the others are counted as well. Then those that can never verify.
 */
export async function* hookChecks(app: App, waiter: HookWaiter = {}): AsyncGenerator<Check> {
  const apps = await app.store().read('listApps')
  const withApi = await appsWithApi(app)
  const asked = new Map(
    await Promise.all(withApi.map(async stored => [stored.name, await ask(app, stored, waiter)] as const)),
  )
  const never: HooksBeyond[] = []
  let good = 0
  for (const stored of apps) {
    const now = await callbackNow(app, stored).catch(() => null)
    const drifts = asked.get(stored.name)?.drifts
    // An app that cannot be used is told of above.
    const beyond = await hooksBeyond(app, stored).catch(() => null)
    if (beyond) never.push(beyond)
    for (const hook of await app.store().read('listActivations', { app: stored.name })) {
      const drift = drifts?.get(hook.id)
      const check =
        (drift && driftCheck(app, drift, now)) ?? rowCheck(app, hook, drift?.state === 'well' ? hook.url : now)
      if (check) yield check
      else if (!beyond?.hooks.some(({ id }) => id === hook.id)) good++
    }
  }
  if (good > 0) yield ok('activations', `${good} well`)
  for (const stored of withApi) yield* askedChecks(app, stored, asked.get(stored.name))
  for (const { hooks, detail, fix } of never) yield warning(`hooks at ${hooks[0]?.app}`, detail, fix)
}

async function ask(app: App, stored: StoredApp, waiter: HookWaiter): Promise<Asked> {
  const hooks = await app.store().read('listActivations', { app: stored.name })
  const callback = await callbackNow(app, stored)
  if (callback === null || !hooks.some(({ state }) => state === 'active')) return { drifts: new Map(), unasked: [] }
  const asking = findDrift(hookDeps(app, waiter), { app: stored.name, callback })
  const drifts = await Promise.race([asking, pause(patienceMs, null, { ref: false })])
  if (drifts === null) {
    return { drifts: new Map(), unasked: [`${app.definitionOf(stored.provider).company} did not answer in time`] }
  }
  const unknown = drifts.filter(({ state }) => state === 'unknown')
  // A provider without a list gives no reason.
  const unasked = [...new Set(unknown.flatMap(({ why }) => why ?? []))]
  return { drifts: new Map(drifts.map(drift => [drift.activation.id, drift])), unasked }
}

/** How many the provider was seen to have, and what could not be looked at. */
function* askedChecks(app: App, { name, provider }: StoredApp, asked: Asked | undefined): Generator<Check> {
  const { company } = app.definitionOf(provider)
  const at = `hooks at ${name}`
  for (const why of asked?.unasked ?? [])
    yield warning(at, `not looked at: ${why}`, `whs doctor   (again, once ${company} answers)`)
  const well = [...(asked?.drifts.values() ?? [])].filter(({ state }) => state === 'well').length
  if (well > 0) yield ok(at, `${company} has ${well === 1 ? 'the one' : `${well} of them`}, with today's URL`)
}

/** What the provider has is not what should be there; null where it is, or is not known. */
function driftCheck(app: App, { activation: hook, state, url }: Drift, now: string | null): Check | null {
  if (state !== 'gone' && state !== 'elsewhere') return null
  const company = companyOf(app, hook)
  const what =
    state === 'gone'
      ? `${company} does not have ${hook.id} any more`
      : `${hook.id} points at ${url ?? 'another URL'} there, not at ${now}`
  return warning(nameOf(hook), `${placeOf(app, hook)}: ${what}`, activateCommand({ ...hook, resource: null }))
}

/** What is kept of a hook says that something is wrong with it; `now` is where it should point. */
function rowCheck(app: App, hook: StoredActivation, now: string | null): Check | null {
  const { id, app: name, tenant, state, url, expiresAt, why } = hook
  const bad = (detail: string, fix: string): Check => warning(nameOf(hook), `${placeOf(app, hook)}: ${detail}`, fix)
  const isByApi = hook.madeBy === 'api'
  const anew = activateCommand({ app: name, tenant, resource: null })
  const owner = tenant === null ? '' : ` --tenant ${tenant}`
  const again = isByApi ? anew : `whs activations remove ${id}   (then whs activations add ${name}${owner})`
  if (state === 'gone') return bad(why ?? `${companyOf(app, hook)} does not have it any more`, again)
  if (why !== null) return bad(why, again)
  if (state === 'pending') return bad('it waits for the provider or its secret', isByApi ? anew : 'whs activations')
  if (url !== null && now !== null && url !== now)
    return bad(`it points at ${url}, the listener is at ${now}`, isByApi ? anew : 'whs activations')
  if (expiresAt === null || expiresAt - app.now() >= endsSoonMs) return null
  const left = expiresAt - app.now()
  return bad(left > 0 ? `it ends in ${durationText(left)}` : 'it has ended', again)
}

function nameOf({ tenant, app }: StoredActivation): string {
  return `activation ${tenant ?? app}`
}

function placeOf(app: App, hook: StoredActivation): string {
  const { app: name, resource } = hook
  if (resource === null) return `at ${name}`
  return `at ${name}, ${knownOf(app, hook)?.activation.noun ?? 'resource'} ${resource}`
}

function companyOf(app: App, hook: StoredActivation): string {
  return knownOf(app, hook)?.company ?? hook.provider
}

/** Undefined for a provider of a person's own that was removed. */
function knownOf(app: App, { provider }: StoredActivation): ProviderDefinition | undefined {
  try {
    return app.definitionOf(provider)
  } catch {
    return undefined
  }
}
