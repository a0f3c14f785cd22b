import { setTimeout as pause } from 'node:timers/promises'
import type { Drift } from '../connect/activation/activation-outcome.ts'
import { findDrift } from '../connect/activation/find-drift.ts'
import { activateCommand } from '../connect/activation/outcome-of.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackNow } from './activations.ts'
import type { App } from './app.ts'
import { type Check, ok, warning } from './check.ts'
import { consentDeps } from './consent-deps.ts'
import { appsWithApi } from './hooks-by-api.ts'

const patienceMs = 8_000

/** What providers have of the hooks that are kept here, where they can be asked; all at once, and for a few seconds. */
export async function* hookChecks(app: App): AsyncGenerator<Check> {
  for (const checks of await Promise.all((await appsWithApi(app)).map(stored => checksOf(app, stored)))) yield* checks
}

async function checksOf(app: App, stored: StoredApp): Promise<Check[]> {
  const hooks = await app.store().read('listActivations', { app: stored.name })
  const callback = await callbackNow(app, stored)
  if (callback === null || !hooks.some(({ state }) => state === 'active')) return []
  const name = `hooks at ${stored.name}`
  const { company } = app.definitionOf(stored.provider)
  const asking = findDrift(consentDeps(app), { app: stored.name, callback })
  const drifts = await Promise.race([asking, pause(patienceMs, null, { ref: false })])
  if (drifts === null) return [warning(name, `not looked at: ${company} did not answer in time`, 'whs doctor')]
  const bad = drifts.filter(({ state }) => state === 'elsewhere' || state === 'gone')
  const unknown = drifts.filter(({ state }) => state === 'unknown')
  const well = drifts.length - bad.length - unknown.length
  return [
    ...bad.map(drift => badCheck(name, drift, { company, callback })),
    ...unasked(name, unknown, company),
    ...(well > 0 ? [ok(name, `${company} has ${well === 1 ? 'the one' : `${well} of them`}, with today's URL`)] : []),
  ]
}

function badCheck(name: string, { activation, state, url }: Drift, at: { company: string; callback: string }): Check {
  const { app, tenant, resource, id } = activation
  const whose = [tenant ?? app, ...(resource === null ? [] : [resource])].join(', ')
  const anew = activateCommand({ app, tenant, resource: null })
  if (state === 'gone') return warning(name, `${whose}: ${at.company} does not have ${id} any more`, anew)
  return warning(name, `${whose}: ${id} points at ${url ?? 'another URL'} there, not at ${at.callback}`, anew)
}

/** Those that could not be looked at, once for each reason; a provider without a list says nothing. */
function unasked(name: string, drifts: Drift[], company: string): Check[] {
  const reasons = [...new Set(drifts.flatMap(({ why }) => why ?? []))]
  return reasons.map(why => warning(name, `not looked at: ${why}`, `whs doctor   (again, once ${company} answers)`))
}
