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
  const secret = app.secrets.find(({ id }) => id === secretId)
  const isProved = scheme >= 0
  const proof = {
    secretFingerprint: secret?.fingerprint ?? '',
    verified: isProved && !request.unproved ? verified : ('none' as const),
    scheme: isProved ? scheme : null,
    url,
    activation,
  }
  const { seq, id, parts, forwards } = await store.write('ingestDelivery', {
    ...request,
    ...proof,
    status,
    items,
    refused: refused.length,
  })
  const { appId, receivedAt, method, suffix, headers, source } = request
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength)
  // Field by field: V8 makes a slow dictionary of a large literal that begins with a spread.
  const works = forwards.map(({ seq: forwardSeq, tenantId, tenant, target, events }) => ({
    seq: forwardSeq,
    state: 'open',
    tenantId,
    tenant,
    target,
    events,
    secretFingerprint: proof.secretFingerprint,
    verified: proof.verified,
    scheme: proof.scheme,
    url,
    activation,
    deliverySeq: seq,
    deliveryId: id,
    appId,
    app: app.name,
    provider: app.definition.id,
    method,
    suffix,
    headers,
    body,
    source,
    receivedAt,
    items: items.length + refused.length,
    parts,
    tries: 0,
    busy: 0,
    firstTryAt: null,
  }))
  return { seq, works }
}
