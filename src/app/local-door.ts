import { timingSafeEqual } from 'node:crypto'
import type { Inspector } from '../inspect/inspector.ts'
import { type Door, openDoor, type Reply, type Route, type RouteRequest } from '../net/door.ts'

/** What the local door serves. */
export interface LocalDoorOptions {
  /** Proves a request to come from a whs process on this store. */
  token: string
  status(): Promise<object>
  inspector: Inspector
}

/**
 * Opens the local door of a listener, to which no tunnel leads. Other whs processes prove themselves by the token and are
 * told how it stands, or get a code that opens the inspector in a browser; the rest is the inspector.
 */
export async function openLocalDoor({ token, status, inspector }: LocalDoorOptions): Promise<Door> {
  const answer = (request: RouteRequest, value: () => Promise<object> | object): Promise<Reply> =>
    guarded(request, token, value)
  return openInspectorDoor(inspector, 0, [
    { method: 'GET', path: '/status', handle: request => answer(request, status) },
    { method: 'POST', path: '/code', handle: request => answer(request, () => ({ code: inspector.makeCode() })) },
  ])
}

/** A door of the inspector's own, on this machine alone. @throws WhsError `port-taken` (exit 7) */
export async function openInspectorDoor(inspector: Inspector, port: number, more: Route[] = []): Promise<Door> {
  let own = 0
  const door = await openDoor({ port, routes: [...more, ...inspector.routes(() => own)] })
  own = door.port
  return {
    port: door.port,
    async close() {
      inspector.close()
      await door.close()
    },
  }
}

async function guarded(request: RouteRequest, token: string, value: () => Promise<object> | object): Promise<Reply> {
  const { host = '', origin, authorization = '' } = request.headers
  if (!/^(127\.0\.0\.1|\[::1\]|localhost):\d+$/.test(host)) return { status: 403, body: 'Not under this name.\n' }
  if (origin !== undefined) return { status: 403, body: 'Not from a page.\n' }
  const wanted = Buffer.from(`Bearer ${token}`)
  const given = Buffer.from(authorization)
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given))
    return { status: 401, body: 'Not without the token.\n' }
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return { status: 200, headers, body: JSON.stringify(await value()) }
}
