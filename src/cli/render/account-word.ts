import type { ProviderDefinition } from '../../core/definition.ts'
import { safeText } from '../../core/text.ts'
import { providerOf } from '../../providers/index.ts'

type LookUp = (provider: string) => ProviderDefinition

/** Where custom definitions are found while a command runs. */
let lookUp: LookUp | undefined

/** Lets `accountWord` find custom definitions too; undefined at the command's end. */
export function findWordsBy(definitionOf: LookUp | undefined): void {
  lookUp = definitionOf
}

/** The provider's own word for a kind of account (`realmId`), else `account`. */
export function accountWord(provider: string, kind: string | null): string {
  const accounts = definitionOf(provider)?.accounts
  return (accounts?.find(account => account.kind === kind) ?? accounts?.[0])?.word ?? 'account'
}

/** An account with its name, where it has one that says more than itself: `Acme, realmId 9341…`. */
export function namedAccount(account: { provider: string; kind: string; value: string; name: string | null }): string {
  const { provider, kind, value, name } = account
  const text = `${accountWord(provider, kind)} ${safeText(value)}`
  return name === null || name.trim() === '' || name === value ? text : `${safeText(name)}, ${text}`
}

/** What a hook is for, in the provider's own word: `project 77`. */
export function resourceName(provider: string, resource: string): string {
  return `${definitionOf(provider)?.activation.noun ?? 'resource'} ${safeText(resource)}`
}

/** The definition of a provider, custom ones included; undefined where there is none (any more). */
export function definitionOf(provider: string): ProviderDefinition | undefined {
  const known = providerOf(provider)
  if (known || !lookUp) return known
  try {
    return lookUp(provider)
  } catch {
    return undefined
  }
}
