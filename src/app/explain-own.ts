import type { ProviderDefinition } from '../core/definition.ts'
import { readFeed } from '../core/read-feed.ts'
import type { IngestedItem } from '../core/read-item.ts'
import { clip, safeText } from '../core/text.ts'
import { answerContext } from '../core/value.ts'
import type { Path } from '../core/value-definition.ts'
import type { Shape } from '../core/webhook-definition.ts'
import type { StoredDeliveryRow } from '../store/event-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { App } from './app.ts'

/** By what a delivery is read: where its items stand, how each is read, and what that gives now. */
export interface ReadingRules {
  split: Path[]
  shapes: Shape[]
  items: IngestedItem[]
}

type OwnDelivery = Pick<StoredDeliveryRow, 'seq' | 'source' | 'method' | 'path' | 'body'>

/** How a delivery came that nobody posted, as one sentence; null where somebody did. */
export async function callText(app: App, { seq, source, method, path }: OwnDelivery): Promise<string | null> {
  if (!isOwn(source)) return null
  const { feed, cursor, since, tenant } = (await app.store().read('ownFacts', { deliverySeq: seq })) ?? {}
  if (typeof feed !== 'string') return 'by whs itself, which told of it'
  const from = typeof cursor === 'string' ? `from the cursor ${clip(safeText(cursor), 40)}` : `since ${String(since)}`
  const whose = typeof tenant === 'string' ? `with the token of ${tenant}` : 'as the app'
  return `by the call ${method} ${path} ${whose}: the feed ${feed}, ${from} (${source})`
}

/** How such a delivery is read, by its provider's definition as it is now; null where that has no such feed. */
export async function feedRules(
  app: App,
  definition: ProviderDefinition,
  { seq, body }: OwnDelivery,
): Promise<ReadingRules | null> {
  const facts = await app.store().read('ownFacts', { deliverySeq: seq })
  const feed = definition.feeds?.find(({ name }) => name === facts?.feed)
  const answer = answerContext(body)
  if (!feed || !answer) return null
  const items = readFeed(definition, feed, answer, true)
  return { split: feed.split, shapes: feed.shapes, items: 'fault' in items ? [] : items }
}
