import { durationText } from '../core/text.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { type Check, ok, warning } from './check.ts'
import { doorNow } from './door-now.ts'
import { lastThrough } from './last-through.ts'

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
