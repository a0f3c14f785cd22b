import type { Reply, RouteRequest } from '../net/door.ts'
import type { Failure } from './api.ts'
import type { Sessions } from './sessions.ts'

/** What every answer says to the browser: no other page may read, frame or keep it. */
export const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
}

/** Of pages: nothing that is not a file of ours runs or is loaded. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** An answer of JSON, which no browser takes for anything else. */
export function jsonReply(value: unknown, status = 200): Reply {
  const headers = {
    ...safeHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  }
  return { status, headers, body: JSON.stringify(value) }
}

export function failureReply(status: number, error: Failure): Reply {
  return jsonReply({ error }, status)
}

/**
 * Whether a request comes to us under our own name: a foreign one that leads here was bent (DNS rebinding). Port and name
 * are compared whole.
 */
export function isOurHost({ headers }: Pick<RouteRequest, 'headers'>, port: number): boolean {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(headers.host ?? '')
}

/**
 * Why a request to the API is refused; null where it may pass. It wants our own name, the page's own origin (a read may
 * name none, as a browser does then), a browser that does not say otherwise, the session's cookie, and JSON where it
 * brings something.
 */
export function refusalOf(request: RouteRequest, port: number, sessions: Sessions): Reply | null {
  const { method, headers } = request
  if (!isOurHost(request, port)) return refused(403, 'wrong-host', 'not under this name', 'whs inspect')
  const { origin, host } = headers
  const isForeign = origin === undefined ? method !== 'GET' : origin !== `http://${host}`
  const site = headers['sec-fetch-site'] ?? 'same-origin'
  if (isForeign || (site !== 'same-origin' && site !== 'none')) {
    return refused(403, 'wrong-origin', 'not from another page', 'whs inspect')
  }
  if (!sessions.has(request, port)) return refused(401, 'signed-out', 'this browser is not signed in', 'whs inspect')
  const isJson = /^application\/json(;|$)/.test(headers['content-type'] ?? '')
  if (method !== 'GET' && !isJson) return refused(415, 'no-json', 'what is sent must be JSON')
  return null
}

function refused(status: number, code: string, what: string, next?: string): Reply {
  return failureReply(status, { code, what, ...(next ? { next } : {}) })
}
