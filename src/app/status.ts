import type { IgnoredCount, ParkedCount } from '../store/health-ops.ts'
import type { Listener } from '../store/listener-ops.ts'
import type { OpenCount } from '../store/reroute-op.ts'
import type { Unreadable } from '../store/unreadable-ops.ts'
import type { App } from './app.ts'
import { type AppFacts, appFacts } from './app-facts.ts'
import { doorNow } from './door-now.ts'
import { askListener } from './listener-now.ts'

/** Where everything stands now. */
export interface Status {
  listener: ListenerStatus | null
  /** The public URL; null where nobody listens. */
  url: string | null
  /** app → callback URL; empty where nobody listens. */
  callbacks: Record<string, string>
  apps: AppFacts[]
  open: OpenCount
  failed: number
  parked: ParkedCount[]
  ignored: IgnoredCount[]
  /** Stored secrets that cannot be read any more; `doctor` looks at tokens too. */
  unreadable: Unreadable[]
  simulators: SimulatorStatus[]
}
export interface ListenerStatus extends Listener {
  /** How many forwards its lanes hold; null where it does not answer at its local door. */
  inLanes: number | null
}
/** A simulator that apps are registered at. */
export interface SimulatorStatus {
  base: string
  apps: string[]
  /** `runs`, but `unknown-app` where it has forgotten an app, or `gone`. */
  state: 'runs' | 'unknown-app' | 'gone'
}

/** Looks at the store, the local door of the listener and the simulators. `port`: where a door would be opened. */
export async function statusNow(app: App, port: number): Promise<Status> {
  const store = app.store()
  const listener = await doorNow(app)
  const apps = await store.read('listApps')
  const facts: AppFacts[] = []
  for (const stored of apps) facts.push(await appFacts(app, stored, { listener, port }))
  const callbacks = listener ? facts.map(({ name, callback }) => [name, callback]) : []
  return {
    listener: listener ? await listenerStatus(app, listener) : null,
    url: listener?.publicUrl ?? null,
    callbacks: Object.fromEntries(callbacks) as Record<string, string>,
    apps: facts,
    open: await store.read('countOpen'),
    failed: (await store.read('countFailed')).failed,
    parked: await store.read('countParked'),
    ignored: await store.read('countIgnored'),
    unreadable: await store.read('unreadableSecrets'),
    simulators: await simulatorsNow(app),
  }
}

async function listenerStatus(app: App, listener: Listener): Promise<ListenerStatus> {
  const says = await askListener(app, listener)
  return { ...listener, inLanes: says?.inLanes ?? null }
}

/** Asks every simulator that apps are registered at whether it runs and knows them. */
export async function simulatorsNow(app: App): Promise<SimulatorStatus[]> {
  const found = new Map<string, SimulatorStatus>()
  for (const { name, provider, env, clientId, settings } of await app.store().read('listApps')) {
    const base = settings.simulator
    if (env !== 'simulator' || !base) continue
    const status = found.get(base) ?? { base, apps: [], state: 'runs' }
    found.set(base, status)
    status.apps.push(name)
    if (status.state === 'gone') continue
    const url = `${base}/${provider}/portal/apps/${encodeURIComponent(clientId ?? '')}`
    const answer = await app.http({ method: 'GET', url, timeoutMs: 2_000 }).catch(() => null)
    if (!answer) status.state = 'gone'
    else if (answer.status !== 200) status.state = 'unknown-app'
  }
  return [...found.values()]
}
