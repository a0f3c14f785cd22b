import { mendCommand } from '../connect/broken.ts'
import { type ReadThing, readThing, type ThingPlace } from '../connect/records/read-thing.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import {
  type FittingRead,
  itemAt,
  readingFor,
  readingSlots,
  type StoredForm,
  saysDeleted,
} from '../core/record-reading.ts'
import { safeText } from '../core/text.ts'
import type { ItemContext } from '../core/value.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { NewRecord } from '../store/record-ops.ts'
import type { App } from './app.ts'
import { type HookWaiter, hookDeps } from './consent-deps.ts'

/** An event of a tenant that is about a thing which its provider's API can read. */
export interface FetchableEvent {
  event: StoredEvent & { tenant: string; resourceType: string; resourceId: string }
  definition: ProviderDefinition
  reading: FittingRead
}

/**
 * Whether the thing of an event can be fetched.
 * @throws WhsError `record-parked` (exit 3), `record-nobodys`, `record-unverified`, `no-resource`, `no-record` (exit 2)
 */
export function fetchable(app: App, event: StoredEvent): FetchableEvent {
  const { tenant, resourceType, resourceId } = event
  const definition = app.definitionOf(event.provider)
  if (event.scope === 'parked') throw parked(event)
  if (tenant === null)
    throw wrong('record-nobodys', event, 'it is the app’s own event, and things are read as a tenant')
  if (event.verified === 'none') {
    throw wrong('record-unverified', event, 'anybody may have sent it, and no token is used for what nobody has proved')
  }
  if (!definition.record?.length) {
    throw wrong('no-record', event, `whs knows no call by which ${definition.name} reads single things`)
  }
  if (resourceType === null || resourceId === null) throw wrong('no-resource', event, 'the event names no single thing')
  const reading = readingFor(definition, resourceType)
  if (reading) return { event: { ...event, tenant, resourceType, resourceId }, definition, reading }
  const known = [...new Set(definition.record.flatMap(({ words }) => Object.keys(words)))].join(', ')
  throw wrong('no-record', event, `whs knows no call that reads a ${safeText(resourceType)}; there are ${known}`)
}

/** Whether the API need not be asked, since the event itself says that its thing is gone. */
function isSaidGone({ event, resourceType }: FetchableEvent['event']): boolean {
  return saysDeleted(event, resourceType)
}

/**
 * Fetches the thing of an event as its tenant, as it is now, and keeps it beside these events.
 * @throws WhsError `record-lacks` (exit 2), `record-connection` (exit 5), those of `readThing`; what was kept before stays
 */
export async function fetchRecord(
  app: App,
  fetchable: FetchableEvent,
  eventSeqs: number[],
  waiter: HookWaiter = {},
): Promise<void> {
  const begun = app.now()
  const from = performance.now()
  const gone: Omit<ReadThing, 'status' | 'call' | 'body'> = { deleted: true, start: 0, length: 0 }
  const read = isSaidGone(fetchable.event)
    ? { ...gone, status: null, call: null, body: null }
    : await readThing(hookDeps(app, waiter), await thingPlace(app, fetchable))
  const record: NewRecord = {
    ...read,
    body: read.body && new Uint8Array(read.body),
    eventSeqs,
    at: begun,
    ms: performance.now() - from,
    failure: null,
    nextAt: null,
  }
  await app.store().write('keepRecord', record)
}

async function thingPlace(app: App, { event, definition, reading }: FetchableEvent): Promise<ThingPlace> {
  const connection = await app.store().read('recordConnection', { eventSeq: event.seq })
  if (connection === null) throw noConnection(event)
  const { resourceType: type, resourceId: id, account, accountKind, app: name, tenant } = event
  const item = reading.read.slots === undefined ? undefined : await storedItem(app, definition, event)
  const filled = readingSlots(reading, { type, id }, item)
  if ('lacks' in filled) {
    throw wrong(
      'record-lacks',
      event,
      `the call that reads it is filled with its ${filled.lacks}, which the event lacks`,
    )
  }
  const own = account === null || accountKind === null ? null : { kind: accountKind, value: account }
  return { definition, app: name, tenant, connection, account: own, read: reading.read, slots: filled.slots }
}

/** The event's item as it was read when it came. */
async function storedItem(
  app: App,
  definition: ProviderDefinition,
  event: StoredEvent,
): Promise<ItemContext | undefined> {
  const { deliverySeq, pointer, source } = event
  const delivery = await app.store().read('readDelivery', { seq: deliverySeq })
  if (!delivery) return undefined
  const { body: decoders, split } = definition.webhook
  const form: StoredForm = isOwn(source)
    ? { decoders: ['json'], split: await feedSplit(app, definition, deliverySeq) }
    : { decoders, split }
  return itemAt(form, { ...delivery, headers: JSON.parse(delivery.headers) as RawHeaders }, pointer)
}

async function feedSplit(app: App, { feeds = [] }: ProviderDefinition, deliverySeq: number): Promise<string[]> {
  const facts = await app.store().read('ownFacts', { deliverySeq })
  return feeds.find(({ name }) => name === facts?.feed)?.split ?? []
}

function parked({ id, app, account, reason }: StoredEvent): WhsError {
  const isClaimable = account !== null && reason === 'unknown-account'
  return new WhsError({
    code: 'record-parked',
    exit: exits.missing,
    what: `nothing is fetched for ${id}`,
    why: 'it is nobody’s yet, and things are read with the token of the tenant whose the event is',
    next: isClaimable ? `whs tenants map <tenant> --app ${app} --account ${safeText(account)}` : `whs explain ${id}`,
  })
}

function wrong(code: string, { id }: StoredEvent, why: string): WhsError {
  return new WhsError({
    code,
    exit: exits.usage,
    what: `nothing is fetched for ${id}`,
    why,
    next: `whs events show ${id}`,
  })
}

function noConnection({ id, app, tenant, account }: FetchableEvent['event']): WhsError {
  const whose = account === null ? `${tenant}’s` : `the account ${safeText(account)} of ${tenant}`
  return new WhsError({
    code: 'record-connection',
    exit: exits.unknown,
    what: `nothing is fetched for ${id}`,
    why: `there is no consent for ${whose}: an account mapped by hand, or a consent that has ended, has no token`,
    next: mendCommand({ app, tenant }),
  })
}
