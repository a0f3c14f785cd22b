import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A hook as this provider has it. */
export interface ProvidersHook {
  id: string
  url: string
  board?: string
  secret?: string
  /** ISO; it forgets the hook then. */
  ends?: string
}
export interface HookRequest {
  method: string
  /** Without its query. */
  path: string
  query: URLSearchParams
  token: string
  body: Record<string, unknown>
  /** Its body as it came. */
  text: string
  headers: Record<string, string>
}
export interface HookAnswer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** What it does next; tests change it. */
export interface HookMood {
  /** Answers in the place of its own, one a request of that method. */
  failures: { method: string; answer: HookAnswer | 'made, then cut' }[]
  /** What happens while the request that makes a hook is open; what it throws is answered 400. */
  whileMaking?(hook: ProvidersHook): Promise<void>
  /** Whose token counts. */
  token?: string
}

export interface HookProvider {
  origin: string
  hooks: ProvidersHook[]
  boards: { id: string; name: string; main?: boolean }[]
  mood: HookMood
  /** Every request, as `METHOD path`. */
  requests: string[]
  /** The bodies of those that made or changed something. */
  bodies: Record<string, unknown>[]
}

const pageSize = 2

/** A provider whose hooks an API makes: `/hooks`, `/hooks/<id>`, `/hooks/<id>/renew`, `/boards`. Lists come in pages of two. */
export async function openHookProvider(now: () => number, days = 7): Promise<HookProvider> {
  const provider: HookProvider = { origin: '', hooks: [], boards: [], mood: { failures: [] }, requests: [], bodies: [] }
  let count = 0

  async function answer(request: HookRequest): Promise<HookAnswer | 'cut'> {
    const { method, path, body, query, token } = request
    provider.requests.push(`${method} ${path}`)
    if (method !== 'GET') provider.bodies.push(body)
    provider.hooks = provider.hooks.filter(({ ends }) => ends === undefined || Date.parse(ends) > now())
    const at = provider.mood.failures.findIndex(one => one.method === method)
    const [failure] = at < 0 ? [] : provider.mood.failures.splice(at, 1)
    if (failure && failure.answer !== 'made, then cut') return failure.answer
    if (provider.mood.token !== undefined && token !== provider.mood.token) return { status: 401 }
    if (path === '/api/boards') return { status: 200, body: { boards: provider.boards } }
    if (method === 'GET') return page(Number(query.get('cursor') ?? 0))
    if (path === '/api/hooks') {
      const made = await make(body)
      return failure ? 'cut' : made
    }
    const hook = provider.hooks.find(({ id }) => id === path.split('/')[3])
    if (!hook) return { status: 404, body: { message: 'no such hook' } }
    if (method === 'DELETE') provider.hooks = provider.hooks.filter(one => one !== hook)
    if (method === 'PATCH') hook.url = String(body.url)
    if (path.endsWith('/renew')) hook.ends = endOfLife()
    return { status: 200, body: hook }
  }

  function page(from: number): HookAnswer {
    const hooks = provider.hooks.slice(from, from + pageSize)
    const isLast = from + pageSize >= provider.hooks.length
    return { status: 200, body: { hooks, ...(isLast ? {} : { next: from + pageSize }) } }
  }

  async function make(body: Record<string, unknown>): Promise<HookAnswer> {
    const hook = { ends: endOfLife(), ...body, id: `h-${++count}` } as unknown as ProvidersHook
    try {
      await provider.mood.whileMaking?.(hook)
    } catch (error) {
      return { status: 400, body: { error: { message: (error as Error).message } } }
    }
    provider.hooks.push(hook)
    return { status: 201, body: { ...hook, given: `given-by-${hook.id}-5ec2e7` } }
  }

  const endOfLife = (): string => new Date(now() + days * 86_400_000).toISOString()
  provider.origin = await serve(answer)
  return provider
}

/** A server whose answers a function gives; closed after the test. Its origin. */
export async function serve(answer: (request: HookRequest) => Promise<HookAnswer | 'cut'>): Promise<string> {
  const server = createServer((request, response) => void respond(request, response))
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const text = Buffer.concat(chunks).toString()
    const given = await answer({
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      token: (request.headers.authorization ?? '').replace('Bearer ', ''),
      text,
      headers: request.headers as Record<string, string>,
      body: text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text)),
    })
    if (given === 'cut') return void response.destroy()
    response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers })
    response.end(
      given.body === undefined ? '' : typeof given.body === 'string' ? given.body : JSON.stringify(given.body),
    )
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
