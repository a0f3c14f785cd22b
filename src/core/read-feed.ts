import type { ProviderDefinition } from './definition.ts'
import type { Feed, FeedEach } from './feed-definition.ts'
import { holds } from './holds.ts'
import { noteLife } from './life.ts'
import { momentMs } from './moment.ts'
import { type IngestedItem, readBy } from './read-item.ts'
import { noteChange } from './same-change.ts'
import { maxItems, splitItems } from './split.ts'
import { type ItemContext, readValue } from './value.ts'
import type { Path, When } from './value-definition.ts'

/** An event of a feed's answer; `start` and `length` are its bytes in that. */
export interface FeedItem extends IngestedItem {
  /** When it happened, in ms; null where that is not said. */
  at: number | null
}

/**
 * The events of one answer of a feed, in its order. What no shape fits is left out. `isBound` says that it was read with
 * the token of a tenant, whose its events are.
 */
export function readFeed(
  definition: ProviderDefinition,
  feed: Feed,
  answer: ItemContext,
  isBound: boolean,
): FeedItem[] | { fault: string } {
  const found = itemsOf(answer, feed.split)
  if ('fault' in found) return found
  return found.flatMap(context => {
    const shape = feed.shapes.find(one => holds(context, one.when))
    if (!shape) return []
    const { doc, item } = context
    const start = doc.start[item.node] as number
    const place = { start, length: (doc.end[item.node] as number) - start, pointer: item.pointer }
    const read = readBy(definition, shape, context, place, null, isBound)
    if (typeof feed.same === 'object') noteChange(read, feed.same.withinSeconds * 1000)
    noteLife(definition, context, read)
    return [{ ...read, at: read.occurredAt === null ? null : momentMs(read.occurredAt) }]
  })
}

/** What a list names of one event. */
export interface ListedEvent {
  item: string
  id: string
  at: number | null
}

/** The events that an answer only names. */
export function readList(each: FeedEach, answer: ItemContext): ListedEvent[] | { fault: string } {
  const found = itemsOf(answer, [each.items], each.where)
  if ('fault' in found) return found
  return found.flatMap(context => {
    const item = readValue(context, each.item)?.text
    const id = readValue(context, each.id)?.text
    const time = readValue(context, each.time)?.text
    return item && id ? [{ item, id, at: time === undefined ? null : momentMs(time) }] : []
  })
}

function itemsOf(answer: ItemContext, paths: Path[], where?: When): ItemContext[] | { fault: string } {
  const items = splitItems(answer.doc, paths)
  if (items === undefined) return { fault: `more than ${maxItems} items` }
  const whole = items.filter(item => item.whole).map(item => ({ ...answer, item }))
  return where === undefined ? whole : whole.filter(context => holds(context, where))
}
