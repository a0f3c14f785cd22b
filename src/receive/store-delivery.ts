import type { Accepted } from '../core/ingest.ts'
import type { NewDelivery, StoredDelivery } from '../store/ingest-ops.ts'
import type { Store } from '../store/store.ts'
import type { ReceivingApp } from './receiving-app.ts'

type Request = Pick<
  NewDelivery,
  'appId' | 'receivedAt' | 'method' | 'path' | 'suffix' | 'headers' | 'body' | 'source' | 'rejectedSeq'
>

/** Stores what was accepted with everything that was read from it, in one transaction. */
export function storeDelivery(
  store: Store,
  app: ReceivingApp,
  { status, verified, scheme, url, secretId, activation, items, refused }: Accepted,
  request: Request,
): Promise<StoredDelivery> {
  const secret = app.secrets.find(({ id }) => id === secretId)
  const isProved = scheme >= 0
  return store.write('ingestDelivery', {
    ...request,
    status,
    secretFingerprint: secret?.fingerprint ?? '',
    verified: isProved ? verified : 'none',
    scheme: isProved ? scheme : null,
    url,
    activation,
    items,
    refused: refused.length,
  })
}
