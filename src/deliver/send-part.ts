import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { WhsError } from '../core/errors.ts'
import { header, type RawHeaders } from '../core/headers.ts'
import { classify, isSuccess, parseRetryAfter, type TryClass } from '../core/retry.ts'
import { isLoopback } from '../core/rule.ts'
import type { Sender, SendResult } from '../net/send.ts'
import type { ForwardWork, NewAttempt } from '../store/forward-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import { buildEventForward } from './event-request.ts'
import {
  buildForward,
  type ForwardOptions,
  type ForwardRequest,
  needsSecrets,
  type SigningKey,
} from './forward-request.ts'
import { hintOf } from './hints.ts'

/** What sending needs, for lanes and replay alike. */
export interface SendDeps {
  store: Store
  /** @throws WhsError for a provider that is not known any more */
  definitionOf(provider: string): ProviderDefinition
  /** The valid keys of an app, its own and its activations', newest first. */
  keysOf(app: { id: number; name: string; provider: string }): Promise<SigningKey[]>
  sender: Sender
  clock: Clock
  /** 0: none. Absent: none for loopback, 30 s else. */
  handlerTimeoutMs?: number
  allowRemote: boolean
  /** The delivery's own bytes, or one CloudEvent an event. */
  deliver: 'original' | 'event'
  /** `whsec_…`: the secret of our own signature. */
  ownSecret: string
  /** A target answered a part of a delivery. */
  onAnswer?(answer: TargetAnswer): void
}

/** What a target said to a part of a delivery. */
export interface TargetAnswer {
  deliverySeq: number
  status: number
  headers: RawHeaders
  body: Buffer
}

/** One request that was sent, or that could not be made. */
export interface Sent {
  eventSeqs: number[]
  class: TryClass
  /** What stood in the way, where nobody was there. */
  detail: string
  retryAfterMs: number | undefined
  attempt: Pick<
    NewAttempt,
    'eventSeqs' | 'number' | 'at' | 'ms' | 'status' | 'error' | 'hint' | 'answerHeaders' | 'answerBody'
  >
}

export interface SendPartOptions {
  number: number
  /** Events of the part that were answered for good; looked at only where each goes alone. */
  settled: Set<number>
  replay?: 'signed' | 'original'
  /** A person changed its body. */
  changed?: 'whole' | 'part'
  signal?: AbortSignal
  /** Called before each request; returns what is to be called when it was answered. */
  onSend?(sending: Sending): () => void
}
export interface Sending {
  url: string
  eventIds: string[]
  definition: ProviderDefinition
}

const remoteTimeoutMs = 30_000
const keptOfGoodAnswer = 4_096

/** Whether each event goes alone, as a CloudEvent: where that is wished, and always where no request brought it. */
export function goesAsEvents({ deliver }: Pick<SendDeps, 'deliver'>, { source }: Pick<ForwardWork, 'source'>): boolean {
  return deliver === 'event' || isOwn(source)
}

/**
 * Sends a part once: as one request, or each of its events alone. Stops where the target is not there or busy. What
 * cannot be made into a request counts as answered for good, with the reason. Never throws for anything a target does.
 */
export async function sendPart(deps: SendDeps, work: ForwardWork, options: SendPartOptions): Promise<Sent[]> {
  if (!goesAsEvents(deps, work)) return [await sendOne(deps, work, options)]
  const left = work.events.filter(event => !options.settled.has(event.seq))
  const sent: Sent[] = []
  for (const event of left.length > 0 ? left : work.events) {
    const one = await sendOne(deps, { ...work, events: [event] }, options)
    sent.push(one)
    if (one.class === 'nobody' || one.class === 'busy') break
  }
  return sent
}

async function sendOne(deps: SendDeps, work: ForwardWork, options: SendPartOptions): Promise<Sent> {
  const { clock } = deps
  const eventSeqs = work.events.map(event => event.seq)
  const at = clock.now()
  let request: ForwardRequest
  let definition: ProviderDefinition
  try {
    definition = deps.definitionOf(work.provider)
    request = await build(deps, work, definition, options)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    return unsendable(error, eventSeqs, options.number, at)
  }
  const eventIds = work.events.map(event => event.id)
  const answered = options.onSend?.({ url: request.url, eventIds, definition })
  const { url } = request
  const timeoutMs = deps.handlerTimeoutMs ?? (isLoopback(new URL(url).hostname) ? 0 : remoteTimeoutMs)
  const sending = { url, method: request.method, headers: request.headers, body: request.body, timeoutMs }
  const result = await deps.sender.send(options.signal ? { ...sending, signal: options.signal } : sending)
  answered?.()
  if (!('error' in result)) {
    const { status, headers, body } = result
    deps.onAnswer?.({ deliverySeq: work.deliverySeq, status, headers, body })
  }
  const hint = hintOf(result, {
    url: request.url,
    method: request.method,
    withinMs: definition.webhook.reply.withinMs,
    company: definition.company,
    retries: definition.webhook.retries.length > 0,
  })
  const isGivenUp = 'error' in result && options.signal?.aborted === true
  return {
    eventSeqs,
    class: isGivenUp ? 'nobody' : classify(result),
    detail: 'error' in result ? result.detail : '',
    retryAfterMs: 'error' in result ? undefined : parseRetryAfter(header(result.headers, 'retry-after'), clock.now()),
    attempt: { eventSeqs, number: options.number, at, hint, ...answerOf(result) },
  }
}

async function build(
  deps: SendDeps,
  work: ForwardWork,
  definition: ProviderDefinition,
  { number, replay, changed }: SendPartOptions,
): Promise<ForwardRequest> {
  const app = { id: work.appId, name: work.app, provider: work.provider }
  const isOriginal = !goesAsEvents(deps, work)
  const keys = isOriginal && needsSecrets(work, replay) ? await deps.keysOf(app) : []
  const { allowRemote, ownSecret, clock } = deps
  const common = { definition, keys, attempt: number, now: clock.now(), allowRemote, ownSecret }
  const options: ForwardOptions = { ...common, ...(replay ? { replay } : {}), ...(changed ? { changed } : {}) }
  if (isOriginal) return buildForward(work, options)
  const seq = work.events[0]?.seq ?? 0
  const event = await deps.store.read('readEvent', { seq })
  const item = await deps.store.read('readItem', { seq })
  if (!event || !item) throw new WhsError({ code: 'event-gone', exit: 5, what: 'the event is not there any more' })
  return buildEventForward(work, event, item, options)
}

type Answer = Pick<NewAttempt, 'ms' | 'status' | 'error' | 'answerHeaders' | 'answerBody'>

function answerOf(result: SendResult): Answer {
  const ms = Math.round(result.ms)
  if ('error' in result) {
    return { ms, status: null, error: `${result.error}: ${result.detail}`, answerHeaders: null, answerBody: null }
  }
  const isGood = isSuccess(result.status)
  // A copy: a view into a larger buffer would send all of that to the writer thread.
  const answerBody = new Uint8Array(isGood ? result.body.subarray(0, keptOfGoodAnswer) : result.body)
  return { ms, status: result.status, error: null, answerHeaders: JSON.stringify(result.headers), answerBody }
}

function unsendable(error: WhsError, eventSeqs: number[], number: number, at: number): Sent {
  const said = `${error.code}: ${error.message}`
  const answer = { ms: 0, status: null, error: said, answerHeaders: null, answerBody: null }
  const attempt = { eventSeqs, number, at, hint: error.why ?? null, ...answer }
  return { eventSeqs, class: 'final', detail: '', retryAfterMs: undefined, attempt }
}
