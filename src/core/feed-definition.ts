import type { Call, Path, Value, When } from './value-definition.ts'
import type { Shape } from './webhook-definition.ts'

/**
 * Events that the provider's API gives when it is asked: what a ping left out (`follow-up`), or what was missed while
 * nobody listened (`catch-up`). Its calls have these slots besides the usual ones: `cursor`; `since.iso`, `since.s`,
 * `since.ms` and `since.utc` (an ISO time without zone and milliseconds); `types` or `type`; `resource` and `activation`
 * (the provider's id) of a hook; `item`; `now` (Unix seconds).
 */
export interface Feed {
  /** As `explain` says it, and as the shape of a ping names it. */
  name: string
  use: FeedUse[]
  /** What has a reading, and a cursor, of its own. `resource` and `activation` are those of hooks; `app` is read once for all. */
  per: 'account' | 'resource' | 'activation' | 'app'
  /** The account kind of its events, where an item names none itself; absent: the first. */
  account?: string
  call: Call
  /** What can be asked for: all at once where the call has `{types}` (joined by commas), each by itself where it has `{type}`. */
  types?: string[]
  cursor: FeedCursor
  /** Where the answer only names the events, such as a log of deliveries: each is then asked for by a call of its own. */
  each?: FeedEach
  /** Where the items stand: in the answer, or in that of `each`. What is not there has no items. */
  split: Path[]
  /** As in a webhook; an item that none fits is left out. */
  shapes: Shape[]
  same: FeedSame
  /** The newest come first, page after page into the past. */
  newestFirst?: true
  /** The refusals that mean that a cursor is too old: reading begins anew, and what lies between is lost. */
  expired?: { status: number; when?: When }
  /** How far back it answers. */
  maxDays?: number
}

export type FeedUse = 'follow-up' | 'catch-up'

/**
 * `at`: the provider's own cursor, taken from the answer's last page; where `more` holds it is asked again at once. Before
 * there is one, `start` says where to begin: at a text, or at what a call says of the present.
 * `time`: everything since a time, from which `overlapSeconds` are taken, since clocks differ and lists lag.
 */
export type FeedCursor =
  | { at: Value; more?: When; start: { text: string } | { call: Call; at: Value } }
  | { time: { overlapSeconds: number } }

/** The events of a list that only names them. */
export interface FeedEach {
  items: Path
  /** Which of them count. */
  where?: When
  /** Fills `{item}`. */
  item: Value
  /** The provider's own id of the event; one that is stored is not asked for. */
  id: Value
  time: Value
  call: Call
}

/**
 * How an item is recognised among what is stored: `id`, the provider's own id, as in its webhooks; a change of the same
 * thing at the same time, give or take; `cursor`: not at all, since each answer moves the cursor.
 */
export type FeedSame = 'id' | 'cursor' | { withinSeconds: number }
