import type { ActivationOutcome, Drift } from '../connect/activation/activation-outcome.ts'
import { findDrift } from '../connect/activation/find-drift.ts'
import { moveTo } from '../connect/activation/move-to.ts'
import { activateCommand, wellOutcome } from '../connect/activation/outcome-of.ts'
import { keyBehind } from '../connect/activation/standing.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { consentDeps } from './consent-deps.ts'

export interface MendOptions {
  /** Today's callback URL of the app, without a key. */
  callback: string
  onOutcome(outcome: ActivationOutcome): void
  /** Nothing more is begun then. */
  isOver(): boolean
}

const passing: ActivationOutcome['means'][] = ['busy', 'unreachable', 'quota']

/**
 * Compares what stands at the provider of an app's hooks with today's URL: points here what points elsewhere, and names
 * what is gone. True where something failed that may pass by itself.
 */
export async function mendHooks(app: App, stored: StoredApp, options: MendOptions): Promise<boolean> {
  const hooks = await app.store().read('listActivations', { app: stored.name })
  if (!hooks.some(({ state }) => state === 'active')) return false
  let mayPass = false
  for (const drift of await findDrift(consentDeps(app), { app: stored.name, callback: options.callback })) {
    if (options.isOver()) return false
    const outcome = await mend(app, drift, options.callback)
    if (outcome) options.onOutcome(outcome)
    if (outcome?.kind === 'failed' && passing.includes(outcome.means)) mayPass = true
  }
  return mayPass
}

async function mend(app: App, drift: Drift, callback: string): Promise<ActivationOutcome | null> {
  const { activation, state } = drift
  const { id, madeBy, url } = activation
  // A move whose answer nobody heard is one.
  if (state === 'well' && url !== callback && keyBehind(drift.url, callback) !== null)
    return wellOutcome('moved', await app.store().write('changeActivation', { id, url: callback }))
  // Where the provider cannot be asked, what it was last told counts.
  const isKnownElsewhere = state === 'unknown' && madeBy === 'api' && url !== null && url !== callback
  if (state === 'elsewhere' || isKnownElsewhere) return moveTo(consentDeps(app), activation, callback)
  if (state !== 'gone') return null
  return goneOutcome(await app.store().write('changeActivation', { id, state: 'gone' }))
}

function goneOutcome(activation: StoredActivation): ActivationOutcome {
  const { app, provider, tenant, resource } = activation
  const todo = activateCommand({ app, tenant, resource: null })
  const why = 'the provider does not have it any more'
  return { kind: 'gone', app, provider, tenant, resource, activation, means: 'gone', why, todo, nextAt: null }
}
