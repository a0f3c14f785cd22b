import { type DecodedBody, decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import { type HandshakeAnswer, takeHandshake } from './handshake.ts'
import { type Keyring, queryOf, type RawDelivery } from './keyring.ts'
import { type IngestedItem, type ItemPlace, readItem, unreadItem } from './read-item.ts'
import { doubledKey, type Item, maxItems, splitItems } from './split.ts'
import type { ItemContext } from './value.ts'
import type { Refused, RejectReason, Verified } from './verdict.ts'
import { verifyDelivery } from './verify.ts'
import { itemSecret, perItemScheme } from './verify-token.ts'

/** What is accepted: which scheme and secret proved it, and what is in it. */
export interface Accepted {
  outcome: 'accepted'
  status: number
  verified: 'signature' | 'token'
  scheme: number
  url: string | null
  secretId: number | null
  activation: number | null
  items: IngestedItem[]
  /** Items that did not bring their own token, by JSON pointer; they are not among `items`. */
  refused: string[]
}
export interface Rejected {
  outcome: 'rejected'
  status: number
  reason: RejectReason
  detail: string
  /** The handshake that it wanted to be. */
  handshake?: string
}
export type Ingested =
  | Accepted
  | Rejected
  | {
      outcome: 'handshake'
      kind: string
      answer: HandshakeAnswer
      brings: { secret: string; of: 'app' | 'activation'; value: string } | null
      /** The activation that the key in the URL names. */
      activation: number | null
    }
  /** The key of a published set must be fetched, then the same is asked again. */
  | { outcome: 'needs-key'; url: string; keyId: string }

/**
 * What a request is, from its bytes and a keyring alone: a handshake, verified or not, by which secret, and which events
 * of which accounts are in it. Pure: the same input gives the same answer. What verifies is always accepted; what cannot
 * be decoded or split becomes one item with a `fault`.
 */
export function ingest(definition: ProviderDefinition, delivery: RawDelivery, keyring: Keyring): Ingested {
  const handshake = takeHandshake(definition, delivery, keyring)
  if (handshake?.outcome === 'handshake') return { ...handshake, activation: keyring.activation }
  if (handshake) return withoutProof(definition, handshake.verdict, handshake.kind)
  const { methods } = definition.webhook
  if (!methods.includes(delivery.method)) {
    const detail = `${delivery.method} is no delivery, ${definition.name} sends ${methods.join(' or ')}`
    return { outcome: 'rejected', status: 405, reason: 'method', detail }
  }
  const verdict = verifyDelivery(definition, delivery, keyring)
  if (!verdict.verified) return withoutProof(definition, verdict)
  return verdict.perItem ? eachProved(definition, delivery, keyring, verdict) : proved(definition, delivery, verdict)
}

function withoutProof(definition: ProviderDefinition, verdict: Refused, handshake?: string): Ingested {
  if (verdict.reason === 'needs-key') return { outcome: 'needs-key', url: verdict.url, keyId: verdict.keyId }
  const { reason, detail } = verdict
  const status = reason === 'no-secret' ? 503 : definition.webhook.reply.rejected
  return { outcome: 'rejected', status, reason, detail, ...(handshake ? { handshake } : {}) }
}

function proved(definition: ProviderDefinition, delivery: RawDelivery, verdict: Verified): Accepted {
  const { by, scheme, url, secretId, activation } = verdict
  const items = readItems(definition, delivery, activation)
  const status = definition.webhook.reply.ok
  return { outcome: 'accepted', status, verified: by, scheme, url, secretId, activation, items, refused: [] }
}

/** Where each item brings a token of its own, those that do not are left out; a delivery without a good one is rejected. */
function eachProved(
  definition: ProviderDefinition,
  delivery: RawDelivery,
  keyring: Keyring,
  verdict: Verified,
): Ingested {
  const scheme = perItemScheme(definition.webhook.verify[verdict.scheme])
  const split = splitDelivery(definition, delivery)
  const items: IngestedItem[] = []
  const refused: string[] = []
  for (const one of 'fault' in split ? [] : split.items) {
    const secret = one.whole && scheme ? itemSecret(scheme, keyring, one.context) : undefined
    if (secret) items.push(readItem(definition, one.context, one.place, secret.activation?.id ?? keyring.activation))
    else refused.push(one.place.pointer)
  }
  if (items.length === 0) {
    const detail = 'fault' in split ? split.fault : 'no item in it brings the token of a hook that is known'
    return withoutProof(definition, { verified: false, reason: 'wrong-token', detail })
  }
  const { by, scheme: index } = verdict
  const common = { verified: by, scheme: index, url: null, secretId: null, activation: null }
  return { outcome: 'accepted', status: definition.webhook.reply.ok, ...common, items, refused }
}

/** The items of a delivery that verified. Never empty. `activation` is the one whose secret did. */
export function readItems(
  definition: ProviderDefinition,
  delivery: Omit<RawDelivery, 'suffix'> & { suffix?: string },
  activation: number | null = null,
): IngestedItem[] {
  const split = splitDelivery(definition, { suffix: '', ...delivery })
  if ('fault' in split) {
    return [unreadItem({ start: 0, length: delivery.body.length, pointer: '' }, split.fault, activation)]
  }
  return split.items.map(({ context, place, whole }) =>
    whole
      ? readItem(definition, context, place, activation)
      : unreadItem(place, `no shape of ${definition.name} fits ${place.pointer || 'the body'}`, activation),
  )
}

interface SplitOne {
  context: ItemContext
  place: ItemPlace
  whole: boolean
}

function splitDelivery(
  definition: ProviderDefinition,
  delivery: RawDelivery,
): { items: SplitOne[] } | { fault: string } {
  const decoded = decodeBody(definition.webhook.body, delivery)
  if ('fault' in decoded) return decoded
  const { doc } = decoded
  const { split, alongside = [] } = definition.webhook
  const items = splitItems(doc, split)
  if (items === undefined) return { fault: `more than ${maxItems} items` }
  if (items.length === 0) return { fault: 'there is no item in it' }
  const doubled = doubledKey(doc, [...split, ...alongside])
  if (doubled !== undefined) return { fault: `the key ${doubled} stands twice where its items are` }
  const { headers } = delivery
  const query = queryOf(delivery)
  return {
    items: items.map(item => ({
      context: { doc, item, headers, query },
      place: placeOf(decoded, item, delivery),
      whole: item.whole,
    })),
  }
}

/** What is no JSON body has no places: its one item is all of it. */
function placeOf({ doc, exact }: DecodedBody, item: Item, { body }: RawDelivery): ItemPlace {
  if (!exact) return { start: 0, length: body.length, pointer: item.pointer }
  const start = doc.start[item.node] as number
  return { start, length: (doc.end[item.node] as number) - start, pointer: item.pointer }
}
