import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { PublicKeys } from '../../src/core/keyring.ts'
import type { PublishedKeys } from '../../src/receive/published-keys.ts'
import type { ReceiverDeps } from '../../src/receive/receiver.ts'
import type { ReceivingApp } from '../../src/receive/receiving-app.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { Store } from '../../src/store/store.ts'

/** An app as the receiver needs it, with what is stored of it now. */
export async function receivingApp(
  store: Store,
  app: App,
  definition: ProviderDefinition,
  more: Partial<ReceivingApp> = {},
): Promise<ReceivingApp> {
  const { keys: secrets, unreadable } = await store.read('readKeyring', { appId: app.id })
  return {
    id: app.id,
    name: app.name,
    definition,
    secrets,
    unreadable,
    urls: [],
    slots: {},
    hosts: definition.hosts.production ?? {},
    ...more,
  }
}

/** What a receiver needs besides its apps. A fault of ours fails the test. */
export function receiverDeps(store: Store, keys: PublicKeys = {}): Omit<ReceiverDeps, 'loadApps'> {
  return {
    store,
    publishedKeys: fixedKeys(keys),
    publicUrls: () => ['http://localhost'],
    listenerToken: 'token',
    allowUnverified: false,
    now: Date.now,
    onStray: () => undefined,
    onStored: () => undefined,
    onFault(error) {
      // The door makes a 503 of whatever is thrown: it must be seen here too.
      queueMicrotask(() => {
        throw error
      })
    },
  }
}

function fixedKeys(keys: PublicKeys): PublishedKeys {
  return { known: async () => keys, refresh: async () => true }
}
