import type { ProviderDefinition } from '../core/definition.ts'
import { quickbooks } from './quickbooks.ts'

/** Every provider, in the order in which lists show them. `test/contract` holds this list to the folder. */
export const providers: readonly ProviderDefinition[] = [quickbooks] as const

/** The provider that `whs demo` plays. */
export const demoProvider: ProviderDefinition = quickbooks

/** The definition of an id, if there is one. */
export function providerOf(id: string): ProviderDefinition | undefined {
  return providers.find(definition => definition.id === id)
}
