import { timingSafeEqual } from 'node:crypto'
import { type Door, openDoor, type Reply, type RouteRequest } from '../net/door.ts'

/** What the local door tells: the state of a running listener. */
export interface LocalDoorOptions {
  /** Proves a request to come from a whs process on this store. */
  token: string
  status(): Promise<object>
}

/**
 * Opens the local door: a listener of its own, which no tunnel leads to. It answers only to the token, only under a
 * loopback name (DNS rebinding), and never to another site's page.
 */
export async function openLocalDoor({ token, status }: LocalDoorOptions): Promise<Door> {
  return openDoor({
    port: 0,
    routes: [{ method: 'GET', path: '/status', handle: request => guarded(request, token, status) }],
  })
}

async function guarded(request: RouteRequest, token: string, status: () => Promise<object>): Promise<Reply> {
  const { host = '', origin, authorization = '' } = request.headers
  if (!/^(127\.0\.0\.1|\[::1\]|localhost):\d+$/.test(host)) return { status: 403, body: 'Not under this name.\n' }
  if (origin !== undefined) return { status: 403, body: 'Not from a page.\n' }
  const wanted = Buffer.from(`Bearer ${token}`)
  const given = Buffer.from(authorization)
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given))
    return { status: 401, body: 'Not without the token.\n' }
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return { status: 200, headers, body: JSON.stringify(await status()) }
}
