import { header, type RawHeaders } from '../core/headers.ts'
import { durationText, safeText } from '../core/text.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { type Check, ok, warning } from './check.ts'
import { doorNow } from './door-now.ts'

/** Whether the portal has been told where to send, and what came last through which address. */
export async function portalCheck(app: App, stored: StoredApp, name: string): Promise<Check> {
  const { env, announcedUrl } = stored
  const definition = app.definitionOf(stored.provider)
  const what = `${definition.name} ${env}`
  const listener = await doorNow(app)
  if (announcedUrl === null && env !== 'simulator') {
    return warning(name, `${what}; no callback URL was ever printed to paste`, `whs setup ${stored.name}`)
  }
  const { label, where } = definition.portal.callbackUrl
  if (listener && announcedUrl !== null && !announcedUrl.startsWith(`${listener.publicUrl}/`)) {
    const detail = `${what}; ${label} was ${announcedUrl}, the listener is at ${listener.publicUrl}`
    return warning(name, detail, `paste it anew: ${where}`)
  }
  const last = listener?.publicUrl.startsWith('https:') ? await lastThrough(app, stored) : null
  if (listener && last && last.host !== new URL(listener.publicUrl).host) {
    const ago = durationText(Math.max(0, app.now() - last.at))
    const detail = `${what}; what came last, ${ago} ago, came through ${last.host}, the listener is at ${listener.publicUrl}`
    return warning(
      name,
      detail,
      `unless that is done: set ${label} to ${callbackUrl(listener.publicUrl, stored.name)} (${where})`,
    )
  }
  return ok(name, announcedUrl === null ? what : `${what}, sends to ${announcedUrl}`)
}

/** The address to which the provider sent what verified last. */
async function lastThrough(app: App, { name }: StoredApp): Promise<{ host: string; at: number } | null> {
  const filter = { app: [name] }
  const events = await app.store().read('listEvents', { filter, order: 'newest', limit: 20 })
  const event = events.find(({ source, verified }) => source === 'delivery' && verified !== 'none')
  const delivery = event && (await app.store().read('readDelivery', { seq: event.deliverySeq }))
  const headers = delivery ? (JSON.parse(delivery.headers) as RawHeaders) : []
  const host = header(headers, 'x-forwarded-host') ?? header(headers, 'host')
  // A proxy in between that says no more has written its own way into it.
  return delivery && host && !/^(localhost|127\.|\[)/i.test(host)
    ? { host: safeText(host).toLowerCase(), at: delivery.receivedAt }
    : null
}
