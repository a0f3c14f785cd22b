import { randomBytes } from 'node:crypto'
import type { CallDeps } from '../../src/connect/call-place.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { OAuth } from '../../src/core/oauth-definition.ts'
import type { Call } from '../../src/core/value-definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import type { Store } from '../../src/store/store.ts'
import { smallDefinition } from './small-definition.ts'

/** The call that tests make as a tenant. */
export const things: Call = { method: 'GET', url: '{api}/things' }

export interface DefinitionOptions {
  oauth?: Partial<OAuth>
  api?: ProviderDefinition['api']
}

export function refreshDefinition({ oauth = {}, api }: DefinitionOptions = {}): ProviderDefinition {
  const small = smallDefinition()
  return {
    ...small,
    hosts: { production: { api: 'https://api.small.example' } },
    oauth: { ...small.oauth, ...oauth },
    ...(api ? { api } : {}),
  }
}

/** What calls need, on a store with the app `small`. */
export function refreshDeps(store: Store, definition: ProviderDefinition, now = Date.now): CallDeps {
  return {
    store,
    http: makeHttpCall({}),
    definitionOf: () => definition,
    secretsOf: ({ id }, name) => store.read('readSecrets', { appId: id, name }),
    clientIdOf: one => one.clientId,
    settingsOf: one => one.settings,
    now,
    randomBytes,
  }
}
