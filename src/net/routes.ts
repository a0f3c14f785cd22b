import { Buffer } from 'node:buffer'
import type { RequestListener } from 'node:http'
import type { Request, Response } from 'express'
import { type DoorOptions, type Reply, type Route, type RouteRequest, writeReply } from './door.ts'

const maxFormBytes = 1_048_576

/** A table of routes as a request listener: express matches paths and reads bodies up to 1 MiB. */
export async function routeHandler(routes: Route[], notFound?: DoorOptions['notFound']): Promise<RequestListener> {
  const { default: express } = await import('express')
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(express.raw({ type: () => true, limit: maxFormBytes }))
  for (const route of routes) {
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete'
    app[method](route.path, async (request: Request, response: Response) => {
      writeReply(response, await route.handle(requestOf(request)))
    })
  }
  app.use((request: Request, response: Response) => {
    const { method, url, rawHeaders: headers } = request
    writeReply(response, notFound?.({ method, url, headers }) ?? { status: 404, body: 'There is nothing here.\n' })
  })
  app.use((error: { status?: number }, _request: Request, response: Response, _next: () => void) => {
    const status = error.status ?? 500
    const body = status < 500 ? 'The request is malformed or too large.\n' : 'Something went wrong here.\n'
    writeReply(response, { status, body } satisfies Reply)
  })
  return app
}

function requestOf(request: Request): RouteRequest {
  const url = new URL(request.originalUrl, 'http://door')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first !== undefined) headers[name] = first
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.params))
    params[name] = Array.isArray(value) ? value.join('/') : value
  return {
    method: request.method,
    url: request.originalUrl,
    path: url.pathname,
    params,
    query: url.searchParams,
    headers,
    cookies: cookiesOf(headers.cookie),
    form: new URLSearchParams(isForm ? body.toString() : ''),
    body,
  }
}

function cookiesOf(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = {}
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    if (equals > 0 && !(name in cookies)) cookies[name] = pair.slice(equals + 1).trim()
  }
  return cookies
}
