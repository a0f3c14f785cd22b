import { randomBytes } from 'node:crypto'
import type { ActivationDeps } from '../connect/activation/activation-deps.ts'
import type { ConsentDeps } from '../connect/consent.ts'
import type { App } from './app.ts'

/** What consents need, from the app. The questions are given by a command that has a person at its terminal. */
export function consentDeps(
  app: App,
  asking: Pick<ConsentDeps, 'askTenant' | 'askSlots' | 'askAccounts' | 'onOutcome' | 'onOdd'> = {},
): ConsentDeps {
  const { http, definitionOf, secretsOf, clientIdOf, settingsOf, now } = app
  return { store: app.store(), http, definitionOf, secretsOf, clientIdOf, settingsOf, now, randomBytes, ...asking }
}

/** Who waits for calls about hooks. */
export interface HookWaiter extends Pick<ActivationDeps, 'onCall'> {
  /** Ends the call that is under way. */
  signal?: AbortSignal | undefined
}

/** What calls about hooks need, from the app. */
export function hookDeps(app: App, { signal, onCall }: HookWaiter = {}): ActivationDeps {
  const http: ActivationDeps['http'] = request => app.http(signal ? { ...request, signal } : request)
  return { ...consentDeps(app), http, ...(onCall ? { onCall } : {}) }
}
