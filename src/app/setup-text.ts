import { needsPublicRedirect } from '../connect/redirect.ts'
import type { Environment, ProviderDefinition } from '../core/definition.ts'
import type { App } from './app.ts'
import { type AppFacts, addressesNow, appFacts } from './app-facts.ts'
import { doorNow } from './door-now.ts'

export type SetupStepName = 'keys' | 'redirect' | 'callback' | 'events' | 'secret' | 'consent' | 'delivery'

/** One step on the way from nothing to the first verified event, in the provider's own words. */
export interface SetupStep {
  name: SetupStepName
  title: string
  /** Where in the portal. */
  where: string | null
  /** What goes into which field; a null value is not known yet. */
  fields: { label: string; value: string | null }[]
  /** What else there is to do, one sentence each. */
  notes: string[]
  /** The command that does it, or that makes known what is not. */
  command: string | null
  done: boolean
}

export interface Setup {
  definition: ProviderDefinition
  /** The app's name, also where it is not stored yet. */
  name: string
  env: Environment
  facts: AppFacts | null
  /** Where deliveries and consents reach us; null where that is not known yet. */
  callback: string | null
  redirect: string | null
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
  const given = { definition, facts, ...planned, ...addressesNow(definition, planned, { listener, port }) }
  return { ...given, steps: stepsOf(given, await reached(app, facts)) }
}

/** A name that no app has: the provider's, else with its environment. */
function freeName(apps: { name: string }[], provider: string, env: Environment): string {
  return apps.some(one => one.name === provider) ? `${provider}-${env}` : provider
}

interface Reached {
  isConnected: boolean
  hasDelivered: boolean
}

async function reached(app: App, facts: AppFacts | null): Promise<Reached> {
  if (!facts) return { isConnected: false, hasDelivered: false }
  const { name } = facts
  const tenants = await app.store().read('listTenants')
  const connections = tenants.flatMap(tenant => tenant.connections)
  const isConnected = connections.some(one => one.app === name && one.state !== 'revoked')
  return { isConnected, hasDelivered: (await app.store().read('countEvents', { filter: { app: [name] } })) > 0 }
}

type Given = Omit<Setup, 'steps'>

function stepsOf(given: Given, { isConnected, hasDelivered }: Reached): SetupStep[] {
  const { definition, name, env, facts, callback, redirect } = given
  const { portal, company, docs } = definition
  const isSimulated = env === 'simulator'
  const listen = callback === null ? 'whs listen' : null
  const secret = definition.secrets[definition.webhook.verify.secret]
  const needsPublic = needsPublicRedirect(definition, env)
  const step = (one: Partial<SetupStep> & Pick<SetupStep, 'name' | 'title' | 'done'>): SetupStep => ({
    where: null,
    fields: [],
    notes: [],
    command: null,
    ...one,
  })
  return [
    keysStep(given, step),
    step({
      name: 'redirect',
      title: `Let ${company} send people back here`,
      where: portal.redirectUri.where,
      fields: [{ label: portal.redirectUri.label, value: redirect }],
      notes: needsPublic ? [`${company} accepts only a public https address for ${env} keys`] : [],
      command: redirect === null ? listen : null,
      done: isSimulated || isConnected,
    }),
    step({
      name: 'callback',
      title: 'Say where events go',
      where: portal.callbackUrl.where,
      fields: [{ label: portal.callbackUrl.label, value: callback }],
      command: listen,
      done: isSimulated || hasDelivered,
    }),
    step({
      name: 'events',
      title: 'Choose the events',
      where: docs.portal,
      notes: portal.events,
      done: isSimulated || hasDelivered,
    }),
    step({
      name: 'secret',
      title: `Give whs the ${secret.label}, by which it knows that events are ${company}’s`,
      where: secret.where,
      command: `whs app set ${name} --${definition.webhook.verify.secret}-secret -`,
      done: isSimulated || hasSecret(given),
    }),
    step({
      name: 'consent',
      title: `Let a ${definition.accounts[0]?.noun ?? 'tenant'} authorise your app`,
      command: `whs connect ${name} --tenant acme`,
      done: isConnected,
    }),
    step({
      name: 'delivery',
      title: `Change something in that ${definition.accounts[0]?.noun ?? 'tenant'}, and see the first event`,
      notes: isSimulated
        ? [`the simulator’s page has buttons: ${facts?.stored.settings.simulator ?? 'whs simulate'}`]
        : [],
      command: 'whs listen --forward 3000',
      done: hasDelivered,
    }),
  ]
}

function keysStep(
  { definition, name, env, facts }: Given,
  step: (one: Partial<SetupStep> & Pick<SetupStep, 'name' | 'title' | 'done'>) => SetupStep,
): SetupStep {
  const { portal, secrets, docs, company, id } = definition
  const hasKeys =
    facts !== null && facts.clientId !== null && facts.secrets.some(one => one.name === 'client' && one.keys.length > 0)
  const named = name === id ? '' : ` --app ${name}`
  const set = `whs app set ${name} --client-id <id> --client-secret -`
  return step({
    name: 'keys',
    title:
      env === 'simulator'
        ? 'Register an app at the simulator'
        : `Make an app at ${company} (${docs.portal}) and give whs its ${env} keys`,
    where: env === 'simulator' ? null : [...new Set([portal.clientId.where, secrets.client.where])].join(' · '),
    notes:
      env === 'simulator'
        ? ['whs simulate has to run in another terminal']
        : [`copy ${portal.clientId.label} and ${secrets.client.label}`],
    command: facts ? set : `whs app add ${id}${named} --env ${env}`,
    done: hasKeys,
  })
}

function hasSecret({ definition, facts }: Given): boolean {
  const name = definition.webhook.verify.secret
  return facts?.secrets.some(one => one.name === name && one.keys.length > 0) ?? false
}
