import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'

/**
 * Changes an app at the simulator's portal, as a person would paste it at a real one. Does nothing for an app of a real
 * provider; a simulator that is not running is no fault.
 */
export async function tellSimulator(
  app: App,
  { env, provider, clientId, settings }: StoredApp,
  change: { callbackUrl?: string; redirectUris?: string[] },
): Promise<void> {
  if (env !== 'simulator' || !settings.simulator || !clientId) return
  await app
    .http({
      method: 'PUT',
      url: `${settings.simulator}/${provider}/portal/apps/${encodeURIComponent(clientId)}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
      timeoutMs: 2_000,
    })
    .catch(() => undefined)
}
