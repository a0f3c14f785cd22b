import { header, type RawHeaders } from '../core/headers.ts'
import { safeText } from '../core/text.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { App } from './app.ts'

/** Whether an event is a provider's own word: it came as a delivery that verified, and nobody here made it. */
export function isDelivered({ source, verified }: Pick<StoredEvent, 'source' | 'verified'>): boolean {
  return source === 'delivery' && verified !== 'none'
}

const lookedAt = 100

/** Of the newest events of an app those that a provider sent, newest first; `scope` narrows them. */
export async function newestDelivered(
  app: App,
  { name }: Pick<StoredApp, 'name'>,
  scope?: StoredEvent['scope'][],
): Promise<StoredEvent[]> {
  const filter = { app: [name], ...(scope ? { scope } : {}) }
  const events = await app.store().read('listEvents', { filter, order: 'newest', limit: lookedAt })
  return events.filter(isDelivered)
}

/** The address (host and port) to which the provider sent what verified last; null where that is not known. */
export async function lastThrough(app: App, stored: StoredApp): Promise<{ host: string; at: number } | null> {
  const [event] = await newestDelivered(app, stored)
  const delivery = event && (await app.store().read('readDelivery', { seq: event.deliverySeq }))
  const headers = delivery ? (JSON.parse(delivery.headers) as RawHeaders) : []
  const host = header(headers, 'x-forwarded-host') ?? header(headers, 'host')
  // A proxy in between that says no more has written its own way into it.
  return delivery && host && !/^(localhost|127\.|\[)/i.test(host)
    ? { host: safeText(host).toLowerCase(), at: delivery.receivedAt }
    : null
}
