import { createHash } from 'node:crypto'
import { hashOfKey } from '../../src/core/activation-key.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { ReceivingApp } from '../../src/receive/receiving-app.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { activationSecretName, type DeliveryFixture, keyringOf } from './fixtures.ts'
import { receivingApp } from './receiving.ts'

/** Stores an app with the secrets and hooks of a delivery; `tenantOf` says whose a hook is that the fixture gives a tenant. */
export async function addFixtureApp(
  store: Store,
  definition: ProviderDefinition,
  { secrets, settings, activations }: DeliveryFixture,
  name: string,
  tenantOf: (tenant: string) => string = tenant => tenant,
): Promise<App> {
  const common = { name, provider: definition.id, env: 'production' as const, clientId: settings.clientId ?? 'client' }
  const app = await store.write('addApp', { ...common, hosts: {}, settings, secrets })
  for (const hook of activations) {
    await store.write('addActivation', {
      app: name,
      tenant: hook.tenant == null ? null : tenantOf(hook.tenant),
      kind: definition.activation.kind ?? null,
      providerId: hook.id ?? null,
      keyHash: hook.key == null ? null : hashOfKey(longKey(name, hook.key)),
      state: hook.secret == null && hook.id == null ? 'pending' : 'active',
      secret: hook.secret == null ? null : { name: activationSecretName(definition), value: hook.secret },
      release: false,
    })
  }
  return app
}

/** Such an app as the receiver needs it when the delivery arrives. */
export function receivingFixtureApp(
  store: Store,
  app: App,
  definition: ProviderDefinition,
  delivery: DeliveryFixture,
): Promise<ReceivingApp> {
  const { slots, hosts } = keyringOf(definition, delivery)
  const { url } = delivery
  return receivingApp(store, app, definition, { urls: [url], slots: { ...slots, 'setting.callback': url }, hosts })
}

/** What stands in the path of a delivery behind the app's name, where its URL has a key. */
export function keyPathOf(app: string, { key }: DeliveryFixture): string {
  return key == null ? '' : `/${longKey(app, key)}`
}

/** A key as whs makes them, for the short one of a fixture. */
export function longKey(app: string, key: string): string {
  return createHash('sha256').update(`${app} ${key}`).digest('base64url')
}
