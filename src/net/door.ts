import { Buffer } from 'node:buffer'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { type BodyRoom, readBody } from './read-body.ts'
import { routeHandler } from './routes.ts'
import { type ReplyStream, streamTo } from './stream.ts'

/** What a route is asked. Header and cookie names are lower case; of a doubled one the first counts. */
export interface RouteRequest {
  method: string
  url: string
  path: string
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string>
  cookies: Record<string, string>
  form: URLSearchParams
  body: Buffer
}
export interface Reply {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
  /** In place of a body: what is written bit by bit, for as long as this runs. */
  stream?(to: ReplyStream): Promise<void>
}
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** An express path, such as `/connect/:link`. */
  path: string
  handle(request: RouteRequest): Promise<Reply> | Reply
}

/** A request taken whole before express sees it: exact bytes, raw headers. */
export interface RawRequest {
  method: string
  url: string
  headers: RawHeaders
  body: Buffer
  receivedAt: number
}
export interface RawRoutes {
  prefix: string
  /** One body may have so many bytes (413 beyond), all that are not answered yet so many (503 to the largest beyond). */
  maxBytes: number
  maxQueuedBytes: number
  handle(request: RawRequest): Promise<Reply>
}

export interface DoorOptions {
  /** 0: any that is free. */
  port: number
  routes: Route[]
  raw?: RawRoutes
  notFound?(request: { method: string; url: string; headers: RawHeaders }): Reply
  now?(): number
}
export interface Door {
  port: number
  /** Takes no more connections, lets running requests finish for a moment, then ends them. */
  close(): Promise<void>
}

const hosts = ['127.0.0.1', '::1']
const graceMs = 1_000

/**
 * Opens an HTTP door on loopback, IPv4 and IPv6 on one port. Requests under the raw prefix are taken before express;
 * all else goes to the routes.
 * @throws WhsError `port-taken` (exit 7)
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const listener = await requestListener(options)
  for (let attempt = 0; ; attempt++) {
    const first = newServer(listener)
    const port = await listen(first, options.port, hosts[0] as string)
    const second = newServer(listener)
    try {
      await listen(second, port, hosts[1] as string)
      return { port, close: () => closeAll([first, second]) }
    } catch (error) {
      const { code } = (error as WhsError).cause as { code?: string }
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return { port, close: () => closeAll([first]) }
      await closeAll([first])
      if (options.port !== 0 || attempt > 20) throw error
    }
  }
}

function newServer(listener: RequestListener): Server {
  const server = createServer({ maxHeaderSize: 32_768, connectionsCheckingInterval: 2_000 }, listener)
  server.headersTimeout = 10_000
  server.requestTimeout = 120_000
  server.keepAliveTimeout = 75_000
  server.maxConnections = 20_000
  return server
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => reject(portError(port, host, cause)))
    server.listen({ port, host, ipv6Only: true, backlog: 4096 }, () => {
      server.removeAllListeners('error')
      // A connection that cannot be taken up (no file descriptor is left, say) must not end those that are there.
      server.on('error', () => undefined)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function portError(port: number, host: string, cause: NodeJS.ErrnoException): WhsError {
  const taken = cause.code === 'EADDRINUSE'
  return new WhsError({
    code: taken ? 'port-taken' : 'port-refused',
    exit: exits.held,
    what: taken ? `port ${port} is taken` : `port ${port} cannot be opened on ${host}`,
    why: taken ? `another program listens on ${host}:${port}` : cause.message,
    next: 'the same command with --port 0   (any free port), or end the other program',
    cause,
  })
}

async function requestListener(options: DoorOptions): Promise<RequestListener> {
  const { raw, now = Date.now } = options
  const routed = await routeHandler(options.routes, options.notFound)
  if (!raw) return routed
  const room: BodyRoom = { maxBytes: raw.maxBytes, maxTogether: raw.maxQueuedBytes, held: 0, coming: new Set() }
  return (request, response) => {
    if (!request.url?.startsWith(raw.prefix)) return routed(request, response)
    void takeRaw(raw, request, response, room, now)
  }
}

async function takeRaw(
  raw: RawRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  room: BodyRoom,
  now: () => number,
): Promise<void> {
  const taken = await readBody(request, room)
  try {
    if ('refused' in taken) {
      if (taken.refused === 'broken') return
      await drained(request)
      refuse(response, taken.refused)
      return
    }
    const { method = 'GET', url = '/', rawHeaders } = request
    const reply = await raw.handle({ method, url, headers: rawHeaders, body: taken.body, receivedAt: now() })
    writeReply(response, reply)
  } catch {
    writeReply(response, { status: 503, headers: { 'retry-after': '5' } })
  } finally {
    if ('body' in taken) room.held -= taken.body.length
  }
}

/**
 * Reads on, into nothing, until the sender has said all or a moment has passed: a connection that is closed on a sender that
 * still writes is reset, and he never sees the answer (RFC 9112 section 9.6).
 */
function drained(request: IncomingMessage): Promise<void> {
  return new Promise(resolve => {
    if (request.readableEnded || request.destroyed) return resolve()
    const timer = setTimeout(resolve, graceMs)
    for (const event of ['end', 'close', 'error']) {
      request.once(event, () => {
        clearTimeout(timer)
        resolve()
      })
    }
    request.resume()
  })
}

function refuse(response: ServerResponse, why: 'too-large' | 'full'): void {
  const reply: Reply =
    why === 'too-large'
      ? { status: 413, body: 'The body is larger than 32 MiB.\n' }
      : { status: 503, headers: { 'retry-after': '2' }, body: 'Too much is on its way at once.\n' }
  writeReply(response, { ...reply, headers: { ...reply.headers, connection: 'close' } })
}

/** Writes an answer; a text without a type is plain text and says nothing of itself to a browser. */
export function writeReply(response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return
  const { status, headers = {}, body, stream } = reply
  if (stream) {
    response.writeHead(status, headers)
    response.flushHeaders()
    void streamTo(response, stream)
    return
  }
  const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const text =
    body === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  response.writeHead(status, { ...text, ...headers, ...(status === 204 ? {} : { 'content-length': length }) })
  response.end(body)
}

async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(server => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), graceMs)
      return closed.finally(() => clearTimeout(timer))
    }),
  )
}
