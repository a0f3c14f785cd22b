import type { Lifecycle } from './api-definition.ts'
import type { ProviderDefinition } from './definition.ts'
import { holds } from './holds.ts'
import { momentMs } from './moment.ts'
import type { IngestedItem } from './read-item.ts'
import type { ItemContext } from './value.ts'

/** What an event says of the consent of those whose it is. */
export interface Life {
  means: Lifecycle['means']
  /** With the provider's own type. */
  why: string
  /** When it happened, in ms; null where it does not say. */
  at: number | null
}

/** Notes on an item what it says of the consent, where it says anything. */
export function noteLife({ lifecycle }: ProviderDefinition, context: ItemContext, item: IngestedItem): void {
  if (lifecycle === undefined || item.providerEvent === null) return
  const found = lifecycle.find(
    ({ events, when }) => events.includes(item.providerEvent as string) && (when === undefined || holds(context, when)),
  )
  if (!found) return
  const at = item.occurredAt === null ? null : momentMs(item.occurredAt)
  item.life = { means: found.means, why: `${found.why} (${item.providerEvent})`, at }
}
