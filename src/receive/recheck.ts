import type { RawHeaders } from '../core/headers.ts'
import { ingest } from '../core/ingest.ts'
import type { Store } from '../store/store.ts'
import { keyringFor, type ReceivingApp } from './receiving-app.ts'
import { storeDelivery } from './store-delivery.ts'

const reasons = ['no-secret', 'wrong-secret', 'wrong-token']
const kept = 1000

/**
 * Checks the kept requests of an app that failed for want of the right secret again, as of their arrival, oldest first.
 * What verifies now is taken in as if it had then; the rest stays where it is. A body of which only a part was kept
 * cannot be checked.
 */
export async function recheckRejected(
  store: Store,
  app: ReceivingApp,
  publicUrls: string[] = [],
): Promise<{ taken: number; left: number }> {
  let taken = 0
  let left = 0
  for (const request of await store.read('listRejected', {
    filter: { app: [app.name] },
    order: 'oldest',
    limit: kept,
  })) {
    if (!reasons.includes(request.reason)) continue
    const headers = JSON.parse(request.headers) as RawHeaders
    const { method, suffix, body, receivedAt, path, source } = request
    const arrival = { activation: null, keys: {}, publicUrls, triggerKey: null, now: receivedAt }
    const whole = request.bytes === body.length
    const result = whole ? ingest(app.definition, { method, headers, body, suffix }, keyringFor(app, arrival)) : null
    if (result?.outcome !== 'accepted') {
      left++
      continue
    }
    const common = { appId: app.id, receivedAt, method, path, suffix, source, headers: request.headers, body }
    await storeDelivery(store, app, { ...result, status: request.status }, { ...common, rejectedSeq: request.seq })
    taken++
  }
  return { taken, left }
}
