import type { Environment, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'

/** Where the public door can be reached from a browser. */
export interface DoorAddress {
  port: number
  /** What the tunnel gave; null without one. */
  publicUrl: string | null
}

/** Whether a consent of this environment comes back over the public URL (so that a tunnel must be open). */
export function needsPublicRedirect(definition: ProviderDefinition, env: Environment): boolean {
  return env !== 'simulator' && definition.oauth.redirect[env] === 'public'
}

/**
 * The redirect URI of an app: `http://localhost:<port>/oauth/callback/<app>` where its environment accepts loopback
 * (RFC 8252 section 7.3 prefers the address, most providers' portals the name), else the same path at the public URL.
 * @throws WhsError `no-public-url` (exit 3)
 */
export function redirectUri(
  definition: ProviderDefinition,
  app: { name: string; env: Environment },
  { port, publicUrl }: DoorAddress,
): string {
  const path = callbackPath(app.name)
  if (!needsPublicRedirect(definition, app.env)) {
    const place = app.env === 'simulator' ? 'loopback' : definition.oauth.redirect[app.env]
    return `http://${place === 'loopback-ip' ? '127.0.0.1' : 'localhost'}:${port}${path}`
  }
  if (publicUrl) return new URL(path, publicUrl).href
  throw new WhsError({
    code: 'no-public-url',
    exit: exits.missing,
    what: `${definition.name} (${app.env}) sends people back to a public https address only, and there is none`,
    why: `its ${definition.portal.redirectUri.label} must be https and not this machine`,
    next: `whs connect ${app.name} --tunnel ngrok`,
  })
}

/** The path at which an app's consents come back. */
export function callbackPath(app: string): string {
  return `/oauth/callback/${app}`
}

/** Our own page of a consent, on the origin at which the redirect comes back, since the cookie must meet it there. */
export function linkUrl(redirect: string, link: string): string {
  return new URL(`/connect/${link}`, redirect).href
}
