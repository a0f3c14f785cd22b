import type { ProviderDefinition } from './definition.ts'
import { readItems } from './ingest.ts'
import type { SampleMessage } from './sample.ts'

/** The event type of a delivery's first item in the provider's own spelling; null where it cannot be read or has none. */
export function providerEventOf(definition: ProviderDefinition, message: SampleMessage): string | null {
  return readItems(definition, { method: 'POST', ...message })[0]?.providerEvent ?? null
}
