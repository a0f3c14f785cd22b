import type { Account } from '../core/account.ts'
import type { FeedItem } from '../core/read-feed.ts'
import { type Binding, bindingOfConnection } from './bindings.ts'
import type { Db } from './database.ts'
import { type DonePings, dropPings, type FeedPlaceKey, keepFeedCursor, readFeedCursor } from './feed-ops.ts'
import { caughtBefore, insertEvent, repeatedBy } from './insert-event.ts'
import { noteLife } from './note-life.ts'
import { insertOwnDelivery, type OwnDelivery } from './own-delivery-ops.ts'
import { type Draft, draftEvents } from './resolve.ts'
import { makeForwards, type RoutableEvent } from './route-forwards.ts'
import { storedChanges } from './stored-changes.ts'

/** What a feed gave: whole answers of the API, with the events in them. */
export interface NewReading {
  place: FeedPlaceKey
  source: 'catch-up' | 'follow-up'
  receivedAt: number
  /** Whose the events are that name nobody: of the connection's tenant, and of this account. */
  account: Account | null
  /** The answers side by side. */
  bytes: Uint8Array
  answers: ReadAnswer[]
  /** How an event is recognised among what is stored, and since when that is looked through. */
  same: 'id' | 'cursor' | 'change'
  comparedSince: number
  /**
   * The cursor that it was read from, which must still be the one, and the one to go on from (null: none is needed any
   * more); null: it stays.
   */
  cursor: { from: string | null; to: string | null } | null
  /** Only events of these tenants are taken. */
  only: string[] | null
  /** Pings that are answered by it. */
  pings: DonePings[]
  /** Nothing is kept; only what would be is told. */
  dry?: boolean
}
export interface ReadAnswer {
  /** Its bytes. */
  from: number
  to: number
  method: string
  path: string
  facts: object
  items: FeedItem[]
}

/** What became of it. */
export interface StoredReading {
  /** Events that were entered, by type. */
  events: Record<string, number>
  count: number
  /** Items that are stored already, and such as are nobody's to enter. */
  known: number
  forwards: number
  /** The cursor is another one by now, so nothing was kept. */
  stale: boolean
}

/**
 * Enters what a feed gave, in one transaction with its cursor: events in the order in which they happened (where each says
 * when), none twice, as deliveries of our own making with the answers as their bodies. Forwards are made for runs of events
 * of one answer, so that a handler gets them in that order too.
 * @throws WhsError `no-connection` (exit 5) where the connection has ended meanwhile
 */
export function storeReading(db: Db, input: NewReading): StoredReading {
  if (!input.dry) return store(db, input)
  db.run('SAVEPOINT dry')
  try {
    return store(db, input)
  } finally {
    db.run('ROLLBACK TO dry')
    db.run('RELEASE dry')
    db.cache.clear()
  }
}

interface OrderedDraft {
  draft: Draft
  answer: number
  at: number | null
}

function store(db: Db, input: NewReading): StoredReading {
  const { place, cursor } = input
  const stored: StoredReading = { events: {}, count: 0, known: 0, forwards: 0, stale: false }
  const by = place.connection === null ? undefined : bindingOfConnection(db, place.connection, input.account)
  const present = readFeedCursor(db, place)?.cursor ?? null
  if (cursor !== null && cursor.from !== present) return { ...stored, stale: true }
  const isKnown = recogniser(db, input)
  const runs: { answer: number; events: RoutableEvent[] }[] = []
  const rows = new Map<number, number>()
  const entered: Draft[] = []
  for (const { draft, answer } of inOrder(input.answers.flatMap((one, index) => draftsOf(db, input, one, index, by)))) {
    if (draft.scope === 'app' || isLeftOut(input, draft) || isKnown(draft)) {
      stored.known++
      continue
    }
    const seq = rows.get(answer) ?? insertOwnDelivery(db, deliveryOf(input, input.answers[answer] as ReadAnswer))
    rows.set(answer, seq)
    const delivery = { appId: place.appId, receivedAt: input.receivedAt, source: input.source }
    const event = insertEvent(db, delivery, seq, { ...draft, part: 1 }, null)
    keepChange(db, input, draft, event.seq)
    entered.push(draft)
    if (runs.at(-1)?.answer === answer) runs.at(-1)?.events.push(event)
    else runs.push({ answer, events: [event] })
    const type = draft.item.event ?? 'unreadable'
    stored.events[type] = (stored.events[type] ?? 0) + 1
    stored.count++
  }
  for (const { answer, events } of runs) {
    stored.forwards += makeForwards(db, rows.get(answer) as number, place.appId, events).length
  }
  noteLife(db, { source: input.source, verified: 'token' }, entered)
  if (cursor !== null) keepFeedCursor(db, { ...place, cursor: cursor.to })
  for (const pings of input.pings) dropPings(db, pings)
  return stored
}

function draftsOf(
  db: Db,
  { place, receivedAt, source }: NewReading,
  { items }: ReadAnswer,
  answer: number,
  by: Binding | undefined,
): OrderedDraft[] {
  const proof = { activation: null, verified: 'token', source } as const
  const { drafts } = draftEvents(db, { appId: place.appId, receivedAt, items, ...proof, ...(by ? { by } : {}) })
  return drafts.map(draft => ({ draft, answer, at: (draft.item as FeedItem).at }))
}

function isLeftOut({ only }: NewReading, { tenant }: Draft): boolean {
  return only !== null && (tenant === null || !only.includes(tenant))
}

/** By time where every item says when it happened, else as the provider gave them. */
function inOrder(drafts: OrderedDraft[]): OrderedDraft[] {
  if (drafts.some(({ at }) => at === null)) return drafts
  return drafts.sort((left, right) => (left.at as number) - (right.at as number))
}

function deliveryOf({ place, receivedAt, source, bytes }: NewReading, answer: ReadAnswer): OwnDelivery {
  const { from, to, method, path, facts, items } = answer
  const body = bytes.subarray(from, to)
  return { appId: place.appId, receivedAt, source, method, path, body, items: items.length, facts }
}

/** Tells whether an event is stored already. What says nothing by which it would be known again counts as stored. */
function recogniser(db: Db, input: NewReading): (draft: Draft) => boolean {
  if (input.same === 'cursor') return () => false
  if (input.same === 'id') return draft => draft.item.providerEventId === null || repeatedBy(db, draft) !== null
  const changes = storedChanges(db, input)
  return draft => draft.item.change === undefined || caughtBefore(db, draft) !== null || changes.has(draft)
}

/** So that a later delivery of it is known as a repeat. */
function keepChange(db: Db, { same }: NewReading, { item: { change }, accountId }: Draft, seq: number): void {
  if (same !== 'change' || change === undefined || accountId === null) return
  db.run('INSERT INTO caught VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', accountId, change.resource, change.at, seq)
}
