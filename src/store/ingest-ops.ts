import type { IngestedItem } from '../core/read-item.ts'
import { configChanged, type Db } from './database.ts'
import type { ForwardWork } from './forward-ops.ts'
import { insertDelivery, insertEvent, repeatedBy } from './insert-event.ts'
import { noteActivations } from './note-activations.ts'
import { noteLife } from './note-life.ts'
import { releaseParked } from './release-parked.ts'
import { type Draft, draftEvents } from './resolve.ts'
import { makeForwards, type NewForward, type RoutableEvent } from './route-forwards.ts'

/** A delivery that verified, with what `ingest` read from it. */
export interface NewDelivery {
  appId: number
  receivedAt: number
  method: string
  /** The path of the callback URL that was called, without what follows it. */
  path: string
  /** What follows it: further path and query. */
  suffix: string
  /** Raw headers as a JSON array. */
  headers: string
  body: Uint8Array
  status: number
  secretFingerprint: string
  verified: 'signature' | 'token' | 'none'
  /** Which scheme of the definition verified it, and over which callback URL where it signs that. */
  scheme: number | null
  url: string | null
  /** The number of the activation whose key or secret verified the whole. */
  activation: number | null
  source: Source
  items: IngestedItem[]
  /** How many more items it has, each of which was refused for want of a token of its own. */
  refused?: number
  /** The rejected request that this was before its secret was known; it leaves that list. */
  rejectedSeq?: number
  /** Of an import: what the store that it came from said of it, as JSON. */
  origin?: string
}
export type Source = 'delivery' | 'trigger' | 'catch-up' | 'follow-up' | 'lifecycle' | 'import'

/** What was stored; `events` is 0 where every account in it is ignored, and then nothing is kept. */
export interface StoredDelivery {
  seq: number
  id: string
  events: number
  parts: number
  forwards: FreshForward[]
}
/** A forward with what is needed to send it and does not stand in the delivery itself. */
export type FreshForward = Pick<ForwardWork, 'seq' | 'tenantId' | 'tenant' | 'target' | 'events'>

/** Forwards of larger deliveries are read from the store when their turn comes. */
const mostFresh = 100
const nothingStored: StoredDelivery = { seq: 0, id: '', events: 0, parts: 0, forwards: [] }

/**
 * Stores a delivery, its events and its forwards, and resolves whose each event is: one decision, in one transaction.
 * What it teaches of accounts releases what was parked for them.
 * @throws WhsError `activation-gone` (exit 1)
 */
export function ingestDelivery(db: Db, input: NewDelivery): StoredDelivery {
  if (input.rejectedSeq !== undefined) {
    // Two processes may look at the same kept request: the one that comes second finds it taken.
    const { changes } = db.run('DELETE FROM rejected WHERE seq = ?', input.rejectedSeq)
    if (changes === 0) return nothingStored
  }
  const { drafts, learned } = draftEvents(db, input)
  noteActivations(db, input, drafts)
  if (drafts.length === 0) return nothingStored
  const parts = drafts.reduce((most, draft) => Math.max(most, draft.part), 0)
  const seq = insertDelivery(db, input, input.items.length + (input.refused ?? 0), parts)
  if (input.origin !== undefined) db.run('INSERT INTO imports VALUES (?, ?)', seq, input.origin)
  const inserted = drafts.map(draft => insertEvent(db, input, seq, draft, repeatedBy(db, draft)))
  const forwards = input.source === 'import' ? [] : makeForwards(db, seq, input.appId, inserted)
  noteLife(db, input, drafts)
  if (learned.length > 0) configChanged(db)
  for (const accountId of learned) releaseParked(db, accountId)
  return {
    seq,
    id: db.ids.deliveries.idOf(seq, input.receivedAt),
    events: drafts.length,
    parts,
    forwards:
      drafts.length > mostFresh
        ? []
        : forwards.map(forward => freshForward(db, forward, inserted[0]?.seq ?? 0, drafts, input.receivedAt)),
  }
}

/** The events of a delivery have numbers that follow each other, in the order of the drafts. */
function freshForward(
  db: Db,
  { seq, tenantId, target, events }: NewForward,
  firstSeq: number,
  drafts: Draft[],
  receivedAt: number,
): FreshForward {
  const draftOf = (event: RoutableEvent): Draft => drafts[event.seq - firstSeq] as Draft
  const tenant = events[0] ? draftOf(events[0]).tenant : null
  return {
    seq,
    tenantId,
    tenant,
    target,
    events: events.map(event => {
      const { item, part, account } = draftOf(event)
      const id = db.ids.events.idOf(event.seq, receivedAt)
      return { seq: event.seq, id, start: item.start, part, account: account?.value ?? null, event: item.event }
    }),
  }
}
