import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'

/**
 * Changes an app at the simulator's portal, as a person would paste it at a real one. Does nothing for an app of a real
 * provider; a simulator that is not running is no fault.
 */
export async function tellSimulator(
  app: App,
  stored: StoredApp,
  change: { callbackUrl?: string; redirectUris?: string[] },
): Promise<void> {
  const { env, provider, clientId, settings } = stored
  if (env !== 'simulator' || !settings.simulator || !clientId) return
  const { webhook } = app.definitionOf(provider)
  const [client] = await app.secretsOf(stored, 'client')
  const [signing] = await app.secretsOf(stored, webhook.verify.secret)
  // A simulator that was started anew has forgotten the app: with these it has the same one again.
  const secrets = { clientSecret: client?.value, webhookSecret: signing?.value }
  await app
    .http({
      method: 'PUT',
      url: `${settings.simulator}/${provider}/portal/apps/${encodeURIComponent(clientId)}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...secrets, ...change }),
      timeoutMs: 2_000,
    })
    .catch(() => undefined)
}
