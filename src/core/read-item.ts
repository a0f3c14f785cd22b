import { createHash } from 'node:crypto'
import { type Account, normaliseAccount } from './account.ts'
import { askedIn } from './asked-accounts.ts'
import type { ProviderDefinition } from './definition.ts'
import { normaliseEvent } from './event-type.ts'
import { holds } from './holds.ts'
import { type Life, noteLife } from './life.ts'
import type { AskedValue } from './resolve-definition.ts'
import { type Change, comparedWithin, noteChange } from './same-change.ts'
import { type ItemContext, readValue } from './value.ts'
import type { AccountRef, Shape } from './webhook-definition.ts'

/** One item of a verified delivery. `start` and `length` are its bytes in the body; `pointer` its JSON pointer. */
export interface IngestedItem {
  start: number
  length: number
  pointer: string
  /** The shape that read it; null where none did, and `fault` says why. */
  shape: string | null
  fault: string | null
  /** `app`: the platform's own, of no tenant. */
  scope: 'app' | null
  providerEvent: string | null
  event: string | null
  /** The provider's own id of the event, by which repeats fold. */
  providerEventId: string | null
  /** Made from the item where the provider gives no id; never folds. */
  derivedId: string | null
  /** As the provider wrote it. */
  occurredAt: string | null
  resource: Resource | null
  /** Each entry makes an event; several in one must agree. None: the activation says whose it is. */
  accounts: NamedAccount[][]
  /** The activation whose secret or key verified it. */
  activation: number | null
  /** The handler's answer is the product. */
  reply: 'handler' | null
  /** It only says that something changed: the feed that is to be read. */
  feed?: string
  /** What it says of the consent of those whose it is. */
  life?: Life
  /** What changed and when, where the provider's feeds are compared by that. */
  change?: Change
  /** What it names that a call can be asked about, should its accounts be nobody's. */
  asks?: AskedValue
}
export interface Resource {
  type: string
  id: string
  deletedId?: string
}
export interface NamedAccount extends Account {
  /** Where it was read: a JSON pointer, or `header:<name>`. */
  place: string
  /** It may be learned from a delivery that is a tenant's already. */
  learn?: true
}

/** Where an item's bytes stand. */
export type ItemPlace = Pick<IngestedItem, 'start' | 'length' | 'pointer'>

/** An item that could not be read, and why. */
export function unreadItem(place: ItemPlace, fault: string, activation: number | null): IngestedItem {
  const nothing = { providerEvent: null, event: null, providerEventId: null, derivedId: null, occurredAt: null }
  return {
    ...place,
    shape: null,
    fault,
    scope: null,
    ...nothing,
    resource: null,
    accounts: [],
    activation,
    reply: null,
  }
}

/** The first shape that an item has. */
export function shapeOf(definition: ProviderDefinition, context: ItemContext): Shape | undefined {
  return definition.webhook.shapes.find(shape => holds(context, shape.when))
}

/** Reads an item by the first shape that fits it. `activation` is the one whose secret verified it. */
export function readItem(
  definition: ProviderDefinition,
  context: ItemContext,
  place: ItemPlace,
  activation: number | null,
): IngestedItem {
  const shape = shapeOf(definition, context)
  if (!shape) return unreadItem(place, `no shape of ${definition.name} fits ${place.pointer || 'the body'}`, activation)
  const asks = shape.scope === 'app' ? undefined : askedIn(definition, context)
  const item = readBy(definition, shape, context, place, activation, activation !== null || asks !== undefined)
  if (asks !== undefined) item.asks = asks
  if (shape.feed !== undefined) item.feed = shape.feed
  noteLife(definition, context, item)
  const within = comparedWithin(definition)
  if (within !== null) noteChange(item, within)
  return item
}

/**
 * Reads an item by a shape. `isBound` says that something else than the item tells whose it is, should it name nobody:
 * an activation, or whose token it was read with.
 */
export function readBy(
  definition: ProviderDefinition,
  shape: Shape,
  context: ItemContext,
  place: ItemPlace,
  activation: number | null,
  isBound: boolean,
): IngestedItem {
  const text = (value: Shape['id']): string | null => (value ? (readValue(context, value)?.text ?? null) : null)
  const providerEvent = text(shape.providerEvent)
  const providerEventId = text(shape.id)
  const isApp = shape.scope === 'app'
  const accounts = isApp ? [] : readAccounts(definition, shape, context)
  const isNobodys = !isApp && accounts.length === 0 && !isBound
  const { start, length, pointer } = place
  // Field by field: V8 makes a slow dictionary of a large literal that begins with a spread.
  return {
    start,
    length,
    pointer,
    shape: shape.name,
    fault: isNobodys ? `no account stands where ${definition.name} puts it` : null,
    scope: isApp ? 'app' : null,
    providerEvent,
    event: eventOf(shape, providerEvent, text(shape.event)),
    providerEventId,
    derivedId: providerEventId === null ? derivedId(shape, context) : null,
    occurredAt: text(shape.time),
    resource: readResource(shape, context),
    accounts,
    activation,
    reply: shape.reply ?? null,
  }
}

function eventOf({ events = {} }: Shape, providerEvent: string | null, spoken: string | null): string | null {
  if (providerEvent === null) return null
  const event = normaliseEvent(spoken ?? providerEvent)
  return Object.hasOwn(events, event) ? (events[event] as string) : event
}

function readAccounts(definition: ProviderDefinition, shape: Shape, context: ItemContext): NamedAccount[][] {
  return shape.accounts.flatMap(entry => {
    const refs = 'agree' in entry ? entry.agree : [entry]
    const found = refs.flatMap(ref => readAccount(definition, ref, context) ?? [])
    return found.length > 0 ? [found] : []
  })
}

function readAccount(
  definition: ProviderDefinition,
  { kind, at, when }: AccountRef,
  context: ItemContext,
): NamedAccount | undefined {
  if (when && !holds(context, when)) return undefined
  const read = readValue(context, at)
  const known = definition.accounts.find(account => account.kind === kind)
  const value = read && normaliseAccount(known?.normalise ?? 'text', read.text)
  if (!read || value === undefined) return undefined
  const account = { kind, value, place: read.place }
  return known?.from === 'delivery' ? { ...account, learn: true } : account
}

function readResource({ resource }: Shape, context: ItemContext): Resource | null {
  if (!resource) return null
  const type = readValue(context, resource.type)?.text
  const id = readValue(context, resource.id)?.text
  if (!type || !id) return null
  const deletedId = resource.deletedId && readValue(context, resource.deletedId)?.text
  return deletedId ? { type, id, deletedId } : { type, id }
}

function derivedId(shape: Shape, context: ItemContext): string | null {
  if (!shape.derived) return null
  const parts = shape.derived.map(value => readValue(context, value)?.text ?? '')
  return `derived-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`
}
