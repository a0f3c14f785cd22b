import { healthOf } from '../connect/connection-health.ts'
import { shellWord } from '../core/shell-word.ts'
import type { Now, RejectedView, TenantView } from '../inspect/api.ts'
import { type Inspector, makeInspector } from '../inspect/inspector.ts'
import { pageFolder } from '../inspect/page-files.ts'
import type { TenantConnection } from '../store/tenant-ops.ts'
import type { App } from './app.ts'
import { addressesNow } from './app-facts.ts'
import { callbackSetting } from './app-settings.ts'
import { doorNow } from './door-now.ts'
import { type ActOptions, beginConnect, claimParked, replayEvent } from './inspect-acts.ts'
import { commandOf, eventView, rejectedView } from './inspect-event.ts'
import { knownSecrets } from './known-secrets.ts'

/** The inspector of a store, with all that the rest of whs gives it. */
export function inspectorOf(app: App, options: Omit<ActOptions, 'signal' | 'secrets'>): Inspector {
  const ended = new AbortController()
  const secrets = knownSecrets(app)
  const acts: ActOptions = { ...options, signal: ended.signal, secrets }
  const inspector = makeInspector({
    store: app.store(),
    version: app.surroundings.version,
    now: app.now,
    definitionOf: app.definitionOf,
    command: text => commandOf(app, text),
    listener: () => listenerView(app),
    apps: () => appViews(app),
    connectionView: (connection, tenant) => connectionView(app, connection, tenant),
    event: async ({ kind, seq }) => (kind === 'event' ? eventView(app, seq, await secrets()) : rejectedView(app, seq)),
    rejected: () => rejectedViews(app),
    replay: (seq, wish) => replayEvent(app, acts, seq, wish),
    claim: wish => claimParked(app, wish),
    connect: wish => beginConnect(app, acts, wish),
    pageFolder,
  })
  return {
    ...inspector,
    close() {
      inspector.close()
      ended.abort()
    },
  }
}

async function listenerView(app: App): Promise<Now['listener']> {
  const listener = await doorNow(app)
  if (!listener) return null
  const { open } = await app.store().read('countOpen')
  const targets = listener.rules.map(({ target }) => target)
  return { since: listener.startedAt, url: listener.publicUrl, targets: [...new Set(targets)], open }
}

async function appViews(app: App): Promise<Now['apps']> {
  const listener = await doorNow(app)
  const counts = await app.store().read('countTenantsOfApps')
  const all = await app.store().read('listApps')
  return all.map(stored => {
    const { name, provider, env, id, announcedUrl } = stored
    const definition = app.definitionOf(provider)
    const { callback } = addressesNow(definition, stored, { listener, port: 0 })
    return {
      name,
      provider,
      providerName: definition.name,
      env,
      callbackUrl: (callback && (app.settingsOf(stored)[callbackSetting] ?? callback)) ?? announcedUrl,
      callbackField: definition.portal.callbackUrl.label,
      tenants: counts.get(id) ?? 0,
      asks: (definition.ask ?? []).map(({ name: slot, label, example }) => ({ name: slot, label, example })),
    }
  })
}

function connectionView(app: App, connection: TenantConnection, tenant: string): TenantView['connections'][number] {
  const { app: name, provider, scopes, accessExpiresAt, refreshExpiresAt } = connection
  const { state, why } = healthOf(connection, app.now())
  const mend = state === 'active' ? null : commandOf(app, `whs connect ${name} --tenant ${shellWord(tenant)}`)
  return {
    app: name,
    provider,
    state,
    why,
    scopes: scopes.split(' ').filter(Boolean),
    accessExpiresAt,
    refreshExpiresAt,
    mend,
  }
}

async function rejectedViews(app: App): Promise<RejectedView[]> {
  const heaps = await app.store().read('rejectedHeaps')
  return heaps.map(({ app: name, reason, detail, times, lastAt, id: lastId }) => {
    const next = reason === 'no-secret' ? `whs setup ${name}` : `whs explain ${lastId}`
    return { app: name, reason, detail: commandOf(app, detail), times, lastAt, lastId, next: commandOf(app, next) }
  })
}
