import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { ConsentDeps, MadeLink } from '../connect/consent.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { parseRule } from '../core/rule.ts'
import { demoProvider, providers } from '../providers/index.ts'
import { type Simulator, startSimulator } from '../simulate/simulator.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { ConsentOutcome } from '../store/consent-ops.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { connect } from './connect.ts'
import { consentDeps } from './consent-deps.ts'
import { type DemoHandler, openDemoHandler } from './demo-handler.ts'
import type { EndFact, Fact } from './facts.ts'
import { listen, type Session } from './listen.ts'

/** Everything the demo plays with: simulator, handler and listener on free ports, in the demo's own store. */
export interface Demo {
  simulator: Simulator
  /** Null where the person brings a handler. */
  handler: DemoHandler | null
  session: Session
  app: StoredApp
  callback: string
  /** A consent for a tenant, through the link that `onLink` is given. */
  connect(
    tenant: string,
    signal: AbortSignal,
    onLink: (made: MadeLink) => Promise<void> | void,
  ): Promise<ConsentOutcome>
  /** Changes records at the simulator, which then sends. */
  change(wish: object): Promise<void>
  stop(why: string): Promise<EndFact>
}

const lifeMs = 3_600_000

/** The folder of a provider's fixtures, which ship with the package. */
export function fixturesOf(id: string): string {
  return fileURLToPath(new URL(`../../fixtures/${id}`, import.meta.url))
}

/** Every provider that is known here, a person's own among them. */
export async function allProviders(app: App): Promise<ProviderDefinition[]> {
  return [...providers, ...(await app.customProviders())]
}

/**
 * Starts a simulator of all providers with the real pace of time.
 * @throws WhsError `port-taken` (exit 7)
 */
export async function openSimulator(app: App, port: number): Promise<Simulator> {
  const { http: httpCall, now } = app
  return startSimulator({
    port,
    providers: await allProviders(app),
    fixtures: fixturesOf,
    now,
    randomBytes,
    timeScale: 1,
    httpCall,
  })
}

const dayMs = 86_400_000

/**
 * Opens the demo: a simulator, a handler (unless a rule names one) and a listener whose app is registered at the simulator.
 * @throws WhsError exit 7 where a demo runs already
 */
export async function openDemo(
  app: App,
  forward: string | undefined,
  onFact: (fact: Fact) => Promise<void> | void,
): Promise<Demo> {
  const simulator = await openSimulator(app, 0)
  // What an earlier run left open goes out first: it was signed with the secret of that run.
  let secrets = await webhookSecrets(app)
  const handler = forward === undefined ? await openDemoHandler(demoProvider, () => secrets) : null
  const closeParts = async (): Promise<void> => {
    await handler?.close()
    await simulator.close()
  }
  try {
    const session = await listen(app, listenOptions(forward ?? `127.0.0.1:${handler?.port}`), onFact)
    const callback = callbackUrl(session.ready.url.replace('localhost', '127.0.0.1'), demoProvider.id)
    const port = new URL(session.ready.url).port
    const registered = await register(app, simulator, {
      redirectUris: [`http://localhost:${port}/oauth/callback/${demoProvider.id}`],
      callbackUrl: callback,
    })
    const stored = await storeApp(app, simulator, registered)
    secrets = await webhookSecrets(app)
    return {
      simulator,
      handler,
      session,
      app: stored,
      callback,
      connect: (tenant, signal, onLink) => connectTenant(app, consentDeps(app), stored, tenant, signal, onLink),
      change: wish => change(app, simulator, wish),
      async stop(why) {
        const end = await session.stop(why)
        await closeParts()
        return end
      },
    }
  } catch (error) {
    await closeParts()
    throw error
  }
}

function listenOptions(target: string): Parameters<typeof listen>[1] {
  return {
    rules: [parseRule(target)],
    filter: {},
    tunnel: { how: 'none' },
    port: 0,
    allowRemote: false,
    allowUnverified: false,
    deliver: 'original',
    handlerTimeoutMs: undefined,
    skipOpen: false,
  }
}

interface Registered {
  clientId: string
  clientSecret: string
  webhookSecret: string
}

/** What a person does at a real provider's portal: makes an app, pastes redirect URI and callback URL. */
async function register(app: App, simulator: Simulator, wish: object): Promise<Registered> {
  return JSON.parse(await post(app, `${simulator.base}/${demoProvider.id}/portal/apps`, wish)) as Registered
}

async function storeApp(
  app: App,
  simulator: Simulator,
  { clientId, clientSecret, webhookSecret }: Registered,
): Promise<StoredApp> {
  const store = app.store()
  const hosts = simulator.hosts(demoProvider)
  const settings = { simulator: simulator.base }
  const secrets = { client: clientSecret, webhook: webhookSecret }
  const name = demoProvider.id
  if (await store.read('findApp', { name }))
    return store.write('setApp', { app: name, clientId, hosts, settings, secrets, keepOldMs: dayMs })
  return store.write('addApp', { name, provider: name, env: 'simulator', clientId, hosts, settings, secrets })
}

async function webhookSecrets(app: App): Promise<string[]> {
  const stored = await app.store().read('findApp', { name: demoProvider.id })
  if (!stored) return []
  const secrets = await app.store().read('readSecrets', { appId: stored.id, name: 'webhook' })
  return secrets.map(({ value }) => value)
}

function connectTenant(
  app: App,
  deps: ConsentDeps,
  stored: StoredApp,
  tenant: string,
  signal: AbortSignal,
  onLink: (made: MadeLink) => Promise<void> | void,
): Promise<ConsentOutcome> {
  const wish = {
    tenants: [{ tenant, account: null }],
    accounts: [],
    claim: 'move' as const,
    release: true,
    each: false,
    slots: {},
  }
  const tunnel = async () => ({ how: 'none' })
  return connect(app, deps, { app: stored, wish, scopes: null, timeoutMs: lifeMs, port: 0, tunnel, signal, onLink })
}

async function change(app: App, simulator: Simulator, wish: object): Promise<void> {
  await post(app, `${simulator.base}/${demoProvider.id}/control/change`, wish)
}

async function post(app: App, url: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const answer = await app.http({ method: 'POST', url, headers, body: JSON.stringify(body) })
  if (answer.status === 200) return answer.body.toString()
  const why = answer.body.toString().slice(0, 300)
  throw new WhsError({ code: 'simulator', exit: exits.fault, what: `the simulator answered ${answer.status}`, why })
}
