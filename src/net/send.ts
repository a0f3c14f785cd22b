import { Buffer } from 'node:buffer'
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { createSecureContext, rootCertificates } from 'node:tls'
import { Pool } from 'undici'
import type { RawHeaders } from '../core/headers.ts'
import { isLoopback } from '../core/rule.ts'

/** A request to a handler, final: `Host` and `Content-Length` are among the headers. */
export interface SendRequest {
  url: string
  method: string
  headers: RawHeaders
  body: Buffer
  /** For the answer's status and headers; 0: none. */
  timeoutMs: number
  signal?: AbortSignal
}
/** The answer (of whose body the first 64 KiB are read, for at most 2 s), or what stood in its way. */
export type SendResult =
  | { status: number; headers: RawHeaders; body: Buffer; ms: number }
  | { error: 'nobody' | 'cut' | 'timeout'; detail: string; ms: number }

export interface Sender {
  /** Sends once, never follows a redirect, never throws. */
  send(request: SendRequest): Promise<SendResult>
  close(): Promise<void>
}

const keptBytes = 65_536
const bodyMs = 2_000
const nobodyCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]

/**
 * Opens what relays to handlers: connections are kept alive, a name with IPv4 and IPv6 addresses is tried by both.
 * `caPem` is trusted beside the system's for https targets.
 */
export function openSender({ caPem }: { caPem?: string } = {}): Sender {
  // An authority alone would take the place of all that the system trusts.
  const trust = caPem ? { secureContext: createSecureContext({ ca: [...rootCertificates, caPem] }) } : {}
  const options = (isNear: boolean): Pool.Options => ({
    connect: {
      lookup: lookupBoth,
      autoSelectFamily: true,
      // On this machine the other family is no way round: it would only hide that we were slow ourselves.
      autoSelectFamilyAttemptTimeout: isNear ? 2_500 : 250,
      timeout: 5_000,
      ...trust,
    },
    pipelining: 1,
    connections: 128,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
    maxHeaderSize: 65_536,
  })
  const pools = new Map<string, Pool>()
  const poolOf = (origin: string): Pool => {
    const pool = pools.get(origin) ?? new Pool(origin, options(isLoopback(new URL(origin).hostname)))
    pools.set(origin, pool)
    return pool
  }
  return {
    send: request => send(poolOf, request),
    async close() {
      await Promise.all([...pools.values()].map(pool => pool.destroy()))
    },
  }
}

/** `localhost` is both loopback addresses, whatever the hosts file says (RFC 6761 §6.3): handlers listen on either. */
const lookupBoth: LookupFunction = (hostname, options, callback) => {
  if (hostname !== 'localhost') return lookup(hostname, options, callback)
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])
}

function send(poolOf: (origin: string) => Pool, request: SendRequest): Promise<SendResult> {
  const from = performance.now()
  const url = new URL(request.url)
  return new Promise(resolve => {
    let status = 0
    let headers: RawHeaders = []
    let abort: (() => void) | undefined
    let timedOut = false
    let settled = false
    const chunks: Buffer[] = []
    let length = 0
    const timer = request.timeoutMs > 0 ? setTimeout(() => giveUp(true), request.timeoutMs) : undefined
    let bodyTimer: NodeJS.Timeout | undefined
    const onAbort = (): void => giveUp(false)
    request.signal?.addEventListener('abort', onAbort, { once: true })

    function ms(): number {
      return performance.now() - from
    }
    function settle(result: SendResult): void {
      if (settled) return
      settled = true
      clearTimeout(timer)
      clearTimeout(bodyTimer)
      request.signal?.removeEventListener('abort', onAbort)
      resolve(result)
    }
    function answer(): void {
      settle({ status, headers, body: Buffer.concat(chunks).subarray(0, keptBytes), ms: ms() })
    }
    function giveUp(byTimeout: boolean): void {
      timedOut = byTimeout
      const detail = byTimeout ? `no answer within ${request.timeoutMs} ms` : 'given up'
      if (status === 0) settle({ error: byTimeout ? 'timeout' : 'cut', detail, ms: ms() })
      abort?.()
    }

    poolOf(url.origin).dispatch(
      {
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers,
        body: request.body.length > 0 ? request.body : null,
      },
      {
        onConnect(stop) {
          if (settled) stop()
          else abort = stop
        },
        onHeaders(code, raw) {
          if (code < 200) return true
          status = code
          clearTimeout(timer)
          headers = raw.map(part => part.toString('latin1'))
          bodyTimer = setTimeout(() => {
            answer()
            abort?.()
          }, bodyMs)
          return true
        },
        onData(chunk) {
          chunks.push(chunk)
          length += chunk.length
          if (length < keptBytes) return true
          answer()
          abort?.()
          return false
        },
        onComplete: answer,
        onError(error) {
          if (status > 0) return answer()
          if (!timedOut) settle({ ...failureOf(error), ms: ms() })
        },
      },
    )
  })
}

function failureOf(error: Error): { error: 'nobody' | 'cut'; detail: string } {
  const { code, errors } = error as { code?: string; errors?: { code?: string; message: string }[] }
  const codes = errors?.map(one => one.code ?? '') ?? [code ?? '']
  const nobody = codes.some(one => nobodyCodes.includes(one)) || nobodyCodes.includes(code ?? '')
  const detail = errors?.map(one => one.message).join('; ') ?? error.message
  return { error: nobody ? 'nobody' : 'cut', detail: detail || code || 'unknown' }
}
