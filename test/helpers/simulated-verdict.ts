import type { ProviderDefinition } from '../../src/core/definition.ts'
import { type Ingested, ingest } from '../../src/core/ingest.ts'
import type { Keyring, SecretCandidate } from '../../src/core/keyring.ts'
import { signingSecrets } from '../../src/core/scheme-text.ts'
import type { Arrived, PortalApp } from './simulated.ts'

/** A hook as the simulator's portal shows it. */
export interface ShownHook {
  id: string
  url: string
  secret: string | null
}

/** The key in the URL of hooks that need one. */
export const hookKey = 'k'.repeat(43)

/** Who judges what arrived: the app that it is for, the hook (or null), and the callback URL without a key. */
export interface Judge {
  definition: ProviderDefinition
  app: PortalApp
  hook: ShownHook | null
  callback: string
}

/** What whs says of a delivery, with all that it would know of the app and the hook; published keys are fetched. */
export async function verdictOf(judge: Judge, arrived: Arrived): Promise<Ingested> {
  const found = verdictNow(judge, arrived)
  if (found.outcome !== 'needs-key') return found
  const { keys } = (await (await fetch(found.url)).json()) as { keys: { kid: string }[] }
  return verdictNow(judge, arrived, {
    [found.url]: Object.fromEntries(keys.map(one => [one.kid, one])),
  })
}

/** The same with the published keys that are given. */
export function verdictNow(
  { definition, app, hook, callback: plain }: Judge,
  { method, url, rawHeaders, body }: Arrived,
  keys: Keyring['keys'] = {},
): Ingested {
  const called = new URL(url, plain)
  const keyed = called.pathname.endsWith(hookKey)
  const suffix = url.slice(new URL(plain).pathname.length + (keyed ? hookKey.length + 1 : 0))
  const secrets: SecretCandidate[] = Object.entries(app.secrets).map(([name, value], index) => ({
    id: index + 10,
    name,
    value,
    activation: null,
  }))
  if (hook?.secret) {
    for (const name of signingSecrets(definition, 'activation')) {
      secrets.push({ id: 1, name, value: hook.secret, activation: { id: 1, providerId: hook.id } })
    }
  }
  const callback = keyed ? `${plain}/${hookKey}` : plain
  const settings = Object.entries(app.settings).map(([name, value]) => [`setting.${name}`, value])
  const keyring: Keyring = {
    secrets,
    activation: keyed ? 1 : null,
    urls: [callback],
    keys,
    slots: { ...Object.fromEntries(settings), clientId: app.clientId, callback },
    hosts: app.hosts,
    now: Date.now(),
  }
  return ingest(definition, { method, headers: rawHeaders, body, suffix }, keyring)
}
