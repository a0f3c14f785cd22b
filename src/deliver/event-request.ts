import { Buffer } from 'node:buffer'
import { scanJson } from '../core/json-scan.ts'
import { momentMs } from '../core/moment.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { ForwardWork } from '../store/forward-ops.ts'
import { type ForwardOptions, type ForwardRequest, whsHeaders } from './forward-request.ts'
import { ownHeaders } from './own-signature.ts'
import { targetUrl } from './target-url.ts'

/**
 * One event as a CloudEvent (https://github.com/cloudevents/spec, 1.0.2, JSON format, structured mode), signed by
 * Standard Webhooks under the event's own id. The item stands in `data` byte for byte; what is not JSON in `data_base64`.
 * `work` is the part that holds this event alone. Pure.
 * @throws WhsError `path-escapes`
 */
export function buildEventForward(
  work: ForwardWork,
  event: StoredEvent,
  item: Buffer,
  options: ForwardOptions,
): ForwardRequest {
  const url = targetUrl(work.target, work.suffix)
  const body = cloudEvent(event, item)
  const headers = [
    'Host',
    url.host,
    'Content-Type',
    'application/cloudevents+json; charset=utf-8',
    'Content-Length',
    String(body.length),
    ...whsHeaders(work, options, false),
  ]
  const signature = { id: event.id, atMs: options.now, body, secret: options.ownSecret }
  return { url: url.href, method: 'POST', headers: [...headers, ...ownHeaders(signature, headers)], body }
}

function cloudEvent(event: StoredEvent, item: Buffer): Buffer {
  const attributes = {
    specversion: '1.0',
    id: event.id,
    source: `/${[event.provider, event.app, event.account ?? ''].map(encodeURIComponent).join('/')}`,
    type: event.event ?? 'unreadable',
    ...(event.resourceType ? { subject: `${event.resourceType}/${event.resourceId}` } : {}),
    time: timeOf(event),
    ...(event.tenant === null ? {} : { whstenant: event.tenant }),
    whsprovider: event.provider,
    whsapp: event.app,
    ...(event.account === null ? {} : { whsaccount: event.account }),
    whsdelivery: event.deliveryId,
    ...(event.providerEvent === null ? {} : { whsproviderevent: event.providerEvent }),
    ...(event.providerEventId === null ? {} : { whsprovidereventid: event.providerEventId }),
  }
  const head = JSON.stringify(attributes).slice(0, -1)
  if ('fault' in scanJson(item)) return Buffer.from(`${head},"data_base64":"${item.toString('base64')}"}`)
  return Buffer.concat([Buffer.from(`${head},"datacontenttype":"application/json","data":`), item, Buffer.from('}')])
}

/** When it happened, as the provider wrote it where that is a time of RFC 3339 (as CloudEvents wants); else in that form. */
function timeOf({ occurredAt, receivedAt }: StoredEvent): string {
  if (occurredAt && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(occurredAt)) return occurredAt
  const time = occurredAt === null ? Number.NaN : (momentMs(occurredAt) ?? Date.parse(occurredAt))
  return new Date(Number.isNaN(time) ? receivedAt : time).toISOString()
}
