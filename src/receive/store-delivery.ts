import { Buffer } from 'node:buffer'
import type { Accepted } from '../core/ingest.ts'
import type { ForwardWork } from '../store/forward-ops.ts'
import type { NewDelivery } from '../store/ingest-ops.ts'
import type { Store } from '../store/store.ts'
import type { ReceivingApp } from './receiving-app.ts'

type Request = Pick<
  NewDelivery,
  'appId' | 'receivedAt' | 'method' | 'path' | 'suffix' | 'headers' | 'body' | 'source' | 'rejectedSeq' | 'origin'
> & {
  /** It is taken unproved; scheme and URL say only how it would be signed. */
  unproved?: true
}

/** A delivery in the store, and what is to be sent of it. */
export interface Kept {
  seq: number
  works: ForwardWork[]
}

/** Stores what was accepted with everything that was read from it, in one transaction. */
export async function storeDelivery(
  store: Store,
  app: ReceivingApp,
  { status, verified, scheme, url, secretId, activation, items, refused }: Accepted,
  request: Request,
): Promise<Kept> {
  const { appId, receivedAt, method, path, suffix, headers, source, unproved, rejectedSeq, origin } = request
  const isProved = scheme >= 0
  // Field by field, here and below: V8 makes a slow dictionary of a large literal that begins with a spread.
  const delivery: NewDelivery = {
    appId,
    receivedAt,
    method,
    path,
    suffix,
    headers,
    body: request.body,
    status,
    secretFingerprint: app.secrets.find(({ id }) => id === secretId)?.fingerprint ?? '',
    verified: isProved && !unproved ? verified : 'none',
    scheme: isProved ? scheme : null,
    url,
    activation,
    source,
    items,
    refused: refused.length,
  }
  if (rejectedSeq !== undefined) delivery.rejectedSeq = rejectedSeq
  if (origin !== undefined) delivery.origin = origin
  const { seq, id, parts, forwards } = await store.write('ingestDelivery', delivery)
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength)
  const works = forwards.map(({ seq: forwardSeq, tenantId, tenant, target, events }) => ({
    seq: forwardSeq,
    state: 'open',
    deliverySeq: seq,
    deliveryId: id,
    appId,
    app: app.name,
    provider: app.definition.id,
    tenantId,
    tenant,
    target,
    method,
    suffix,
    headers,
    body,
    secretFingerprint: delivery.secretFingerprint,
    verified: delivery.verified,
    scheme: delivery.scheme,
    url,
    activation,
    source,
    receivedAt,
    items: items.length + refused.length,
    parts,
    tries: 0,
    busy: 0,
    firstTryAt: null,
    events,
  }))
  return { seq, works }
}
