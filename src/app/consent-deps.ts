import { randomBytes } from 'node:crypto'
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
