import type { Environment } from '../core/definition.ts'
import type { App } from './app.ts'
import { type AppFacts, addressesNow, appFacts } from './app-facts.ts'
import { callbackSetting } from './app-settings.ts'
import { doorNow } from './door-now.ts'
import { newestDelivered } from './last-through.ts'
import type { Reached, SetupFacts, SetupStep } from './setup-step.ts'
import { setupSteps } from './setup-steps.ts'

export interface Setup extends SetupFacts {
  steps: SetupStep[]
}

export interface SetupWish {
  name: string
  env?: Environment
  /** Where the public door will be if nobody listens. */
  port: number
}

/**
 * The steps for an app, or for one of a provider that is still to be made, with what of them is done.
 * @throws WhsError `unknown-provider` (5), `which-app` (2)
 */
export async function setupNow(app: App, { name, env, port }: SetupWish): Promise<Setup> {
  const apps = await app.store().read('listApps')
  const isThere = apps.some(one => (one.name === name || one.provider === name) && (!env || one.env === env))
  const listener = await doorNow(app)
  const facts = isThere ? await appFacts(app, await app.findApp(name, env), { listener, port }) : null
  const definition = facts?.definition ?? app.definitionOf(name)
  const wanted = facts?.stored.env ?? env ?? (definition.hosts.sandbox ? 'sandbox' : 'production')
  const planned = { name: facts?.name ?? freeName(apps, definition.id, wanted), env: wanted }
  const { callback, redirect } = addressesNow(definition, planned, { listener, port })
  const given = { definition, facts, ...planned, redirect, callback: facts?.settings[callbackSetting] ?? callback }
  return { ...given, steps: setupSteps(given, await reached(app, facts)) }
}

/** A name that no app has: the provider's, else with its environment. */
function freeName(apps: { name: string }[], provider: string, env: Environment): string {
  return apps.some(one => one.name === provider) ? `${provider}-${env}` : provider
}

async function reached(app: App, facts: AppFacts | null): Promise<Reached> {
  if (!facts) return { isConnected: false, isReached: false, hasDelivered: false, hooks: [] }
  const { name } = facts
  const tenants = await app.store().read('listTenants')
  const connections = tenants.flatMap(tenant => tenant.connections)
  const isConnected = connections.some(one => one.app === name && one.state !== 'revoked')
  const isReached = (await newestDelivered(app, facts)).length > 0
  const hasDelivered = isReached && (await newestDelivered(app, facts, ['tenant', 'parked'])).length > 0
  const hooks = await app.store().read('listActivations', { app: name })
  return { isConnected, isReached, hasDelivered, hooks }
}
