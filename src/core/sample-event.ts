import { decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import { shapeOf } from './read-item.ts'
import type { SampleMessage } from './sample.ts'
import { splitItems } from './split.ts'
import { readValue } from './value.ts'

/** The event type of a delivery's first item in the provider's own spelling; null where it cannot be read or has none. */
export function providerEventOf(definition: ProviderDefinition, message: SampleMessage): string | null {
  const decoded = decodeBody(definition.webhook.body, message)
  if ('fault' in decoded) return null
  const [item] = splitItems(decoded.doc, definition.webhook.split) ?? []
  if (!item) return null
  const context = { doc: decoded.doc, item, headers: message.headers, query: new URLSearchParams() }
  const value = shapeOf(definition, context)?.providerEvent
  return value ? (readValue(context, value)?.text ?? null) : null
}
