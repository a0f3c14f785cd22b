import type { ActivationScope } from '../core/activation-definition.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { noCallback } from './activation-wish.ts'

/** One of what hooks are by the provider's API; null where it has none for them. */
export function apiScope({ activation }: ProviderDefinition): ActivationScope | null {
  return activation.api ? (activation.api.per ?? activation.per) : null
}

/** @throws WhsError `no-activation-api` (exit 2) */
export function needsApi(definition: ProviderDefinition, { name }: Pick<StoredApp, 'name'>): ActivationScope {
  const scope = apiScope(definition)
  if (scope !== null) return scope
  throw new WhsError({
    code: 'no-activation-api',
    exit: exits.usage,
    what: `whs knows no API of ${definition.name} that makes hooks`,
    why: 'there they are made by hand',
    next: `whs setup ${name}`,
  })
}

/** Whether a provider can reach a URL: a simulator any, others a public one alone. */
export function isReached({ env }: Pick<StoredApp, 'env'>, callback: string): boolean {
  return env === 'simulator' || callback.startsWith('https:')
}

export function notReached({ name }: Pick<StoredApp, 'name'>, callback: string | null): WhsError {
  if (callback === null) return noCallback(name)
  return new WhsError({
    code: 'callback-not-public',
    exit: exits.missing,
    what: `the callback URL of ${name} leads to this machine only`,
    why: `it is ${callback}, and a provider reaches a public https URL alone`,
    next: 'whs listen   (with a tunnel, in another terminal; then the same command again)',
  })
}
