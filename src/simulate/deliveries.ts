import type { ProviderDefinition } from '../core/definition.ts'
import { WhsError } from '../core/errors.ts'
import { filterHeaders, type RawHeaders } from '../core/headers.ts'
import { isSuccess } from '../core/retry.ts'
import type { Signable } from '../core/sign.ts'
import { clip, safeText } from '../core/text.ts'
import type { HttpCall } from '../net/call.ts'

/**
 * A delivery ready to go. `url` is asked for at every try, since the app's callback URL may change between them; `request`
 * is what is then sent, signed for that URL.
 */
export interface Outgoing {
  clientId: string
  /** The id of the hook that it is for; null for the app's callback URL. */
  hook: string | null
  url(): string | null
  request(url: string): Signable
  events: SentEvent[]
  shape: string
  forged: boolean
  bytes: number
}
export interface SentEvent {
  event: string
  account: string
  company: string
  resource: { type: string; id: string } | null
  /** The provider's own id of it; null where it gives none. */
  id: string | null
}

/** A delivery as the log tells it. */
export interface SentDelivery {
  id: number
  at: string
  clientId: string
  hook: string | null
  url: string | null
  shape: string
  forged: boolean
  bytes: number
  events: SentEvent[]
  /** The first answers and the newest one, in order. */
  tries: Try[]
  tried: number
  /** When it is sent again, or null. */
  nextAt: string | null
}
export interface Try {
  at: string
  ms: number
  status?: number
  /** The first characters of the answer. */
  body?: string
  error?: string
}

export interface Deliveries {
  /** Sends, and resolves after the first answer; what is not answered 2xx is tried again on the provider's schedule. */
  send(outgoing: Outgoing): Promise<SentDelivery>
  /** The newest first, at most 200. */
  log(): SentDelivery[]
  /** Sends what waits for its next try at once; how many. Resolves after the answers. */
  retry(): Promise<number>
  /** No more retries. */
  close(): void
}

export interface DeliveriesOptions {
  definition: ProviderDefinition
  timeScale: number
  now(): number
  httpCall: HttpCall
}

const logLength = 200
const keptTries = 20

/** What a provider sends to callback URLs. A forger's delivery is tried once. */
export function openDeliveries({ definition, timeScale, now, httpCall }: DeliveriesOptions): Deliveries {
  const { retries, reply } = definition.webhook
  const log: SentDelivery[] = []
  const waiting = new Map<NodeJS.Timeout, () => Promise<void>>()
  let closed = false
  let count = 0

  async function attempt(outgoing: Outgoing, sent: SentDelivery): Promise<void> {
    sent.url = outgoing.url()
    sent.nextAt = null
    const result = await post(outgoing, sent.url)
    sent.tried++
    if (sent.tries.length === keptTries) sent.tries.pop()
    sent.tries.push(result)
    const taken = isSuccess(result.status)
    if (!taken && !outgoing.forged && !closed) later(outgoing, sent)
  }

  function later(outgoing: Outgoing, sent: SentDelivery): void {
    const seconds = retries[Math.min(sent.tried, retries.length) - 1]
    if (seconds === undefined) return
    const ms = (seconds * 1000) / timeScale
    sent.nextAt = new Date(now() + ms).toISOString()
    const timer = setTimeout(() => {
      waiting.delete(timer)
      void attempt(outgoing, sent)
    }, ms)
    waiting.set(timer, () => attempt(outgoing, sent))
  }

  async function post(outgoing: Outgoing, url: string | null): Promise<Try> {
    const at = new Date(now()).toISOString()
    const begun = performance.now()
    const ms = (): number => Math.round((performance.now() - begun) * 10) / 10
    if (url === null) return { at, ms: 0, error: 'there is no URL for it any more' }
    try {
      const request = outgoing.request(url)
      const answer = await httpCall({
        method: request.method,
        url: request.url,
        headers: recordOf(request.headers),
        ...(request.body.length > 0 ? { body: request.body } : {}),
        timeoutMs: reply.withinMs,
        maxBytes: 4096,
      })
      return { at, ms: ms(), status: answer.status, body: clip(safeText(answer.body.toString().trim()), 200) }
    } catch (error) {
      const why = error instanceof WhsError ? (error.why ?? error.message) : String(error)
      return { at, ms: ms(), error: why }
    }
  }

  return {
    async send(outgoing) {
      const { clientId, hook, shape, forged, events, bytes } = outgoing
      const facts = { clientId, hook, shape, forged, events, bytes }
      const at = new Date(now()).toISOString()
      const sent: SentDelivery = { id: ++count, at, url: null, ...facts, tries: [], tried: 0, nextAt: null }
      log.unshift(sent)
      log.length = Math.min(log.length, logLength)
      await attempt(outgoing, sent)
      return sent
    },
    log: () => [...log],
    async retry() {
      const due = [...waiting]
      waiting.clear()
      for (const [timer] of due) clearTimeout(timer)
      for (const [, again] of due) await again()
      return due.length
    },
    close() {
      closed = true
      for (const timer of waiting.keys()) clearTimeout(timer)
      waiting.clear()
    },
  }
}

/** Headers as a record; the length is the body's own. */
export function recordOf(headers: RawHeaders): Record<string, string> {
  const pairs = filterHeaders(headers, name => name !== 'content-length')
  const record: Record<string, string> = {}
  for (let index = 0; index < pairs.length; index += 2) record[pairs[index] as string] = pairs[index + 1] as string
  return record
}
