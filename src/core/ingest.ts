import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type Account, normaliseAccount } from './account.ts'
import type { ProviderDefinition, Shape } from './definition.ts'
import { normaliseEvent } from './event-type.ts'
import { header, type RawHeaders } from './headers.ts'
import { type JsonDoc, scanJson } from './json-scan.ts'
import { find } from './path.ts'
import { type SecretCandidate, verifySignature } from './sign.ts'
import { type Item, maxItems, splitItems } from './split.ts'
import { type ItemContext, readValue } from './value.ts'

/** A delivery as it arrived, whole. */
export interface RawDelivery {
  method: string
  headers: RawHeaders
  body: Buffer
}

/** One item of a verified delivery. `start` and `length` are its bytes in the body; `pointer` its JSON pointer. */
export interface IngestedItem {
  start: number
  length: number
  pointer: string
  /** The shape that read it; null where none did, and `fault` says why. */
  shape: string | null
  fault: string | null
  providerEvent: string | null
  event: string | null
  /** The provider's own id of the event, by which repeats fold. */
  providerEventId: string | null
  /** Made from the item where the provider gives no id; never folds. */
  derivedId: string | null
  /** As the provider wrote it. */
  occurredAt: string | null
  resource: Resource | null
  accounts: NamedAccount[]
}
export interface Resource {
  type: string
  id: string
  deletedId?: string
}
export interface NamedAccount extends Account {
  /** Where it was read: a JSON pointer, or `header:<name>`. */
  place: string
}

export type RejectReason = 'no-secret' | 'missing-header' | 'doubled-header' | 'wrong-secret' | 'method'

export type Ingested =
  | { outcome: 'accepted'; status: number; secretId: number; items: IngestedItem[] }
  | { outcome: 'rejected'; status: number; reason: RejectReason; detail: string }

/**
 * What a delivery is, from its bytes alone: verified or not, by which secret, and which events of which accounts are in
 * it. Pure: the same input gives the same answer. What verifies is always accepted; what cannot be decoded or split
 * becomes one item with a `fault`.
 */
export function ingest(definition: ProviderDefinition, delivery: RawDelivery, secrets: SecretCandidate[]): Ingested {
  const { verify, reply, methods } = definition.webhook
  if (!methods.includes(delivery.method)) {
    const detail = `${delivery.method} is no delivery, ${definition.name} sends ${methods.join(' or ')}`
    return { outcome: 'rejected', status: 405, reason: 'method', detail }
  }
  const verdict = verifySignature(verify, delivery, secrets)
  if (!verdict.verified) {
    const status = verdict.reason === 'no-secret' ? 503 : reply.rejected
    return { outcome: 'rejected', status, reason: verdict.reason, detail: verdict.detail }
  }
  return { outcome: 'accepted', status: reply.ok, secretId: verdict.secretId, items: readItems(definition, delivery) }
}

/** The items of a delivery that verified. Never empty. */
export function readItems(definition: ProviderDefinition, delivery: RawDelivery): IngestedItem[] {
  const encoding = header(delivery.headers, 'content-encoding')
  if (encoding && encoding.toLowerCase() !== 'identity') {
    return [unreadable(delivery.body, `the body is ${encoding}-encoded, which ${definition.name} does not announce`)]
  }
  const doc = scanJson(delivery.body)
  if ('fault' in doc) return [unreadable(delivery.body, `not JSON: ${doc.fault}, at byte ${doc.at}`)]
  const items = splitItems(doc, definition.webhook.split)
  if (items === undefined) return [unreadable(delivery.body, `more than ${maxItems} items`)]
  if (items.length === 0) return [unreadable(delivery.body, 'there is no item in it')]
  return items.map(item => readItem(definition, doc, item, delivery.headers))
}

function unreadable(body: Buffer, fault: string): IngestedItem {
  return { ...blank(0, body.length, ''), fault }
}

function blank(start: number, length: number, pointer: string): IngestedItem {
  const nothing = { providerEvent: null, event: null, providerEventId: null, derivedId: null, occurredAt: null }
  return { start, length, pointer, shape: null, fault: null, ...nothing, resource: null, accounts: [] }
}

function readItem(definition: ProviderDefinition, doc: JsonDoc, item: Item, headers: RawHeaders): IngestedItem {
  const start = doc.start[item.node] as number
  const base = blank(start, (doc.end[item.node] as number) - start, item.pointer)
  const shape = item.whole ? shapeOf(definition, doc, item) : undefined
  if (!shape) return { ...base, fault: `no shape of ${definition.name} fits ${item.pointer || 'the body'}` }
  const context: ItemContext = { doc, item, headers }
  const providerEvent = readValue(context, shape.providerEvent)?.text ?? null
  const spoken = shape.event ? readValue(context, shape.event)?.text : undefined
  const given = shape.id ? (readValue(context, shape.id)?.text ?? null) : null
  const accounts = readAccounts(definition, shape, context)
  return {
    ...base,
    shape: shape.name,
    fault: accounts.length > 0 ? null : `no account stands where ${definition.name} puts it`,
    providerEvent,
    event: providerEvent === null ? null : normaliseEvent(spoken ?? providerEvent),
    providerEventId: given,
    derivedId: given === null ? derivedId(shape, context) : null,
    occurredAt: shape.time ? (readValue(context, shape.time)?.text ?? null) : null,
    resource: readResource(shape, context),
    accounts,
  }
}

function shapeOf(definition: ProviderDefinition, doc: JsonDoc, item: Item): Shape | undefined {
  return definition.webhook.shapes.find(shape => find(doc, shape.when, item) !== undefined)
}

function readAccounts(definition: ProviderDefinition, shape: Shape, context: ItemContext): NamedAccount[] {
  const found: NamedAccount[] = []
  for (const { kind, at } of shape.accounts) {
    const read = readValue(context, at)
    const how = definition.accounts.find(known => known.kind === kind)?.normalise ?? 'text'
    const value = read && normaliseAccount(how, read.text)
    if (read && value) found.push({ kind, value, place: read.place })
  }
  return found
}

function readResource(shape: Shape, context: ItemContext): Resource | null {
  if (!shape.resource) return null
  const type = readValue(context, shape.resource.type)?.text
  const id = readValue(context, shape.resource.id)?.text
  if (!type || !id) return null
  const deletedId = shape.resource.deletedId && readValue(context, shape.resource.deletedId)?.text
  return deletedId ? { type, id, deletedId } : { type, id }
}

function derivedId(shape: Shape, context: ItemContext): string | null {
  if (!shape.derived) return null
  const parts = shape.derived.map(value => readValue(context, value)?.text ?? '')
  return `derived-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`
}
