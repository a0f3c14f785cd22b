import { randomBytes } from 'node:crypto'
import type { ConsentDeps } from '../connect/consent.ts'
import type { App } from './app.ts'

/** What consents need, from the app. `asking` is given by a command that has a person at its terminal. */
export function consentDeps(app: App, asking: Pick<ConsentDeps, 'askTenant' | 'onOutcome'> = {}): ConsentDeps {
  const { http, definitionOf, secretsOf, clientIdOf, now } = app
  return { store: app.store(), http, definitionOf, secretsOf, clientIdOf, now, randomBytes, ...asking }
}
