import type { RawHeaders } from '../core/headers.ts'
import { ingest } from '../core/ingest.ts'
import type { Store } from '../store/store.ts'
import type { ReceivingApp } from './receiver.ts'

const reasons = ['no-secret', 'wrong-secret']
const kept = 1000

/**
 * Checks the kept requests of an app that failed for want of the right secret again, as of their arrival, oldest first.
 * What verifies now is taken in as if it had then; the rest stays where it is. A body of which only a part was kept
 * cannot be checked.
 */
export async function recheckRejected(store: Store, app: ReceivingApp): Promise<{ taken: number; left: number }> {
  let taken = 0
  let left = 0
  for (const request of await store.read('listRejected', {
    filter: { app: [app.name] },
    order: 'oldest',
    limit: kept,
  })) {
    if (!reasons.includes(request.reason)) continue
    const headers = JSON.parse(request.headers) as RawHeaders
    const whole = request.bytes === request.body.length
    const result = whole
      ? ingest(app.definition, { method: request.method, headers, body: request.body }, app.secrets)
      : null
    if (result?.outcome !== 'accepted') {
      left++
      continue
    }
    const { receivedAt, method, path, suffix, source } = request
    await store.write('ingestDelivery', {
      appId: app.id,
      receivedAt,
      method,
      path,
      suffix,
      source,
      headers: request.headers,
      body: request.body,
      status: request.status,
      secretFingerprint: app.secrets.find(({ id }) => id === result.secretId)?.fingerprint ?? '',
      verified: 'signature',
      items: result.items,
      rejectedSeq: request.seq,
    })
    taken++
  }
  return { taken, left }
}
