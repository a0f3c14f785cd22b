import type { RawHeaders } from '../core/headers.ts'
import { type Accepted, ingest } from '../core/ingest.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'
import { keyringFor, type ReceivingApp } from './receiving-app.ts'
import { storeDelivery } from './store-delivery.ts'

const reasons = ['no-secret', 'wrong-secret', 'wrong-token']
const kept = 1000

/**
 * Checks the kept requests of an app that failed for want of the right secret again, as of their arrival and by the hook
 * that their URL named, oldest first. What verifies now is taken in as if it had then; the rest stays where it is. A body
 * of which only a part was kept cannot be checked.
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
    const result = lookAgain(app, request, publicUrls)
    if (result && (await takeIn(store, app, request, result))) taken++
    else left++
  }
  return { taken, left }
}

function lookAgain(app: ReceivingApp, request: StoredRejected, publicUrls: string[]): Accepted | null {
  const { method, suffix, body, bytes, receivedAt, activation } = request
  if (bytes !== body.length) return null
  const headers = JSON.parse(request.headers) as RawHeaders
  const arrival = { activation, keys: {}, publicUrls, triggerKey: null, now: receivedAt }
  const result = ingest(app.definition, { method, headers, body, suffix }, keyringFor(app, arrival))
  return result.outcome === 'accepted' ? result : null
}

/** False where the hook that its URL named was removed: what only its key proves is then proved by nothing. */
async function takeIn(store: Store, app: ReceivingApp, request: StoredRejected, result: Accepted): Promise<boolean> {
  const { receivedAt, method, path, suffix, source, headers, body, status, seq: rejectedSeq } = request
  const common = { appId: app.id, receivedAt, method, path, suffix, source, headers, body, rejectedSeq }
  try {
    await storeDelivery(store, app, { ...result, status }, common)
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'activation-gone') throw error
    return false
  }
}
