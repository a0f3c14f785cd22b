import { Buffer } from 'node:buffer'
import type { Dispatcher } from 'undici'
import { exits, WhsError } from '../core/errors.ts'

/** One of our own calls to a provider's API. */
export interface CallRequest {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string | Buffer
  timeoutMs?: number
  /** The answer is cut here. */
  maxBytes?: number
  /** Ends the call at once. */
  signal?: AbortSignal
}
export interface CallAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}
export type HttpCall = (request: CallRequest) => Promise<CallAnswer>

const defaultTimeoutMs = 20_000
const defaultMaxBytes = 8_388_608

/**
 * Makes the function for our own calls. Redirects are never followed, since a token would follow them; the answer is
 * bounded in size and time; `proxy` is the value of HTTPS_PROXY. Once `signal` is aborted none goes on.
 * The function throws WhsError `unreachable` (exit 10) where there is no answer, `interrupted` (exit 130) where a signal ended it.
 */
export function makeHttpCall({ proxy, signal }: { proxy?: string; signal?: AbortSignal }): HttpCall {
  let dispatcher: Promise<Dispatcher | undefined> | undefined
  return async ({ method, url, headers, body, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, ...own }) => {
    const { request } = await import('undici')
    const ends = [signal, own.signal].filter(one => one !== undefined)
    dispatcher ??= proxyFor(proxy)
    const via = isLocal(url) ? undefined : await dispatcher
    const tooLong = new AbortController()
    // Not `AbortSignal.timeout`: beside others in `AbortSignal.any` Node 20 forgets it, and the call would never end.
    const timer = setTimeout(() => tooLong.abort(), timeoutMs)
    try {
      const answer = await request(url, {
        method,
        ...(headers ? { headers } : {}),
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.any([tooLong.signal, ...ends]),
        ...(via ? { dispatcher: via } : {}),
      })
      const flat: Record<string, string> = {}
      for (const [name, value] of Object.entries(answer.headers))
        flat[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
      return { status: answer.statusCode, headers: flat, body: await bounded(answer.body, maxBytes) }
    } catch (cause) {
      if (ends.some(one => one.aborted)) throw interrupted(url, cause)
      throw unreachable(url, tooLong.signal.aborted ? 'it took too long' : undefined, cause)
    } finally {
      clearTimeout(timer)
    }
  }
}

async function bounded(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes)
}

function isLocal(url: string): boolean {
  return /^https?:\/\/(localhost|127\.|\[::1\])/.test(url)
}

async function proxyFor(proxy: string | undefined): Promise<Dispatcher | undefined> {
  if (!proxy) return undefined
  const { ProxyAgent } = await import('undici')
  return new ProxyAgent(proxy)
}

function interrupted(url: string, cause: unknown): WhsError {
  const what = `the call to ${new URL(url).origin} was ended`
  const why = 'the command was interrupted'
  return new WhsError({ code: 'interrupted', exit: exits.interrupted, what, why, cause })
}

function unreachable(url: string, why: string | undefined, cause: unknown): WhsError {
  const { origin } = new URL(url)
  const { message, code } = cause as { message: string; code?: string }
  return new WhsError({
    code: 'unreachable',
    exit: exits.api,
    what: `${origin} did not answer`,
    why: why ?? code ?? message,
    next: 'check the network (and HTTPS_PROXY), then try again',
    cause,
  })
}

/**
 * A `fetch` for an OAuth library: only URLs that `allow` passes, no redirects, the same proxy and limits.
 * @throws WhsError `host-refused` (exit 1) and `unreachable` (exit 10)
 */
export function makeFetch({ call, allow }: { call: HttpCall; allow(url: URL): boolean }): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    if (!allow(url)) {
      throw new WhsError({
        code: 'host-refused',
        exit: exits.fault,
        what: `no call is made to ${url.origin}`,
        why: 'it is no host of the definition',
      })
    }
    const body = Buffer.from(await request.arrayBuffer())
    const answer = await call({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      ...(body.length > 0 ? { body } : {}),
    })
    const bodyless = answer.status === 204 || answer.status === 304
    return new Response(bodyless ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: answer.headers,
    })
  }
}
