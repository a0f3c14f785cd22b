import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { ForwardEvent, ForwardWork } from '../store/forward-ops.ts'
import type { Store } from '../store/store.ts'
import { type AsTenant, asTenant, type ChangedPart, partAlone, withBody } from './replay-change.ts'
import { eventGone, type ReplayPart } from './replay-plan.ts'
import { type SendDeps, type Sent, sendPart } from './send-part.ts'

export interface ReplayOptions {
  /** `signed` (when nothing is said): anew, with the present time, where that is allowed. `original`: as it arrived. */
  signature?: 'signed' | 'original'
  /** Whose the events are made, by writing that tenant's account into them. */
  as?: AsTenant
  /** The body that a person made of the part's own. */
  body?: Buffer
  /** Gives up waiting; what was not answered by then is not written down. */
  signal?: AbortSignal
}

/** What came of sending one part. */
export interface SentPart {
  part: ReplayPart
  attempts: StoredAttempt[]
  /** Its delivery's body as it arrived. */
  arrived: Buffer
}

/** What was answered to a part and is not on disk yet. */
export interface Unrecorded {
  part: ReplayPart
  arrived: Buffer
  /** As it was sent: whose it was made, and what brought it. */
  work: Pick<ForwardWork, 'tenant' | 'source'>
  sent: Sent[]
  marks: Pick<StoredAttempt, 'changed' | 'kept'>
  /** What stood in the way, where nobody was there. */
  nobody: string | null
}

/**
 * Parts as their deliveries are stored, as many of the first as fit in memory together: at least one.
 * @throws WhsError `no-event` where one is gone
 */
export async function readWorks(store: Store, parts: ReplayPart[]): Promise<ForwardWork[]> {
  const keys = parts.map(({ deliverySeq, tenantId, target, events }) => {
    return { deliverySeq, tenantId, tenant: events[0]?.tenant ?? null, target }
  })
  const works = await store.read('readParts', { parts: keys })
  return works.map((work, index) => {
    if (!work) throw eventGone()
    work.events = (parts[index] as ReplayPart).events.map(forwardEvent)
    return work
  })
}

function forwardEvent({ seq, id, start, part, account, event }: StoredEvent): ForwardEvent {
  return { seq, id, start, part, account, event }
}

/**
 * Sends a part at once, outside the lanes, marked `Whs-Replay`. What came of it is to be written down by `recordSent`.
 * @throws WhsError where it cannot be changed as is wanted
 */
export async function sendReplay(
  deps: SendDeps,
  { part, arrived }: { part: ReplayPart; arrived: ForwardWork },
  options: ReplayOptions = {},
): Promise<Unrecorded> {
  const { signature = 'signed', signal, as, body } = options
  const changed = changeOf(deps.definitionOf, arrived, options)
  const work = changed?.work ?? arrived
  const sent = await sendPart(deps, work, {
    number: work.tries + 1,
    settled: new Set<number>(),
    replay: signature,
    ...(signal ? { signal } : {}),
    ...(changed ? { changed: changed.changed } : {}),
  })
  const answered = signal?.aborted ? sent.filter(({ attempt }) => attempt.status !== null) : sent
  const nobody = answered.find(one => one.class === 'nobody')?.attempt.hint ?? null
  const changes = [as ? `as ${as.name}` : '', body ? 'edited' : ''].filter(Boolean)
  const marks = { changed: changes.join(', ') || null, kept: signature === 'original' }
  return { part, arrived: arrived.body, work, sent: answered, marks, nobody }
}

/**
 * Writes down what was answered, all of it at once. A 2xx closes an open forward of the same part and target, unless the
 * part was changed.
 * @throws WhsError `no-event` where the events of one are gone meanwhile
 */
export async function recordSent(store: Store, unrecorded: Unrecorded[]): Promise<SentPart[]> {
  const bodies: Uint8Array[] = []
  let bytes = 0
  const attempts = unrecorded.flatMap(({ part: { deliverySeq, tenantId, target }, sent, marks }) =>
    sent.map(({ attempt: { answerBody, ...attempt } }) => {
      const body: [number, number] | null = answerBody && [bytes, bytes + answerBody.length]
      if (answerBody?.length) bodies.push(answerBody)
      bytes += answerBody?.length ?? 0
      return { forwardSeq: null, deliverySeq, tenantId, target, ...attempt, ...never, ...marks, body }
    }),
  )
  const seqs =
    attempts.length > 0 ? await store.write('recordReplays', { attempts, bodies: Buffer.concat(bodies) }) : []
  if (seqs.includes(0)) throw eventGone()
  let at = 0
  return unrecorded.map(one => {
    const stored = one.sent.map(sent => storedAttempt(one, sent, seqs[at++] as number))
    return { part: one.part, arrived: one.arrived, attempts: stored }
  })
}

function storedAttempt({ part, work, marks }: Unrecorded, { attempt }: Sent, seq: number): StoredAttempt {
  const { eventSeqs, number, at, ms, status, error, hint, answerHeaders, answerBody } = attempt
  const isWhole = eventSeqs.length === part.events.length
  const events = isWhole ? part.events : part.events.filter(event => eventSeqs.includes(event.seq))
  return {
    seq,
    forwardSeq: null,
    deliverySeq: part.deliverySeq,
    tenant: work.tenant,
    target: part.target,
    eventIds: events.map(({ id }) => id),
    eventSeqs,
    number,
    replay: true,
    kept: marks.kept,
    changed: marks.changed,
    at,
    ms,
    status,
    error,
    nextAt: null,
    hint,
    headers: answerHeaders,
    body: answerBody && Buffer.from(answerBody),
    source: work.source,
  }
}

/** The part as a person wants it changed, or null where it stays as it arrived. */
function changeOf(
  definitionOf: (provider: string) => ProviderDefinition,
  work: ForwardWork,
  { as, body }: ReplayOptions,
): ChangedPart | null {
  if (!as && !body) return null
  const definition = definitionOf(work.provider)
  const alone = partAlone(definition, work)
  const owned = as ? asTenant(definition, alone, as) : alone
  return body ? withBody(definition, owned, body) : owned
}

/** What a person would edit of a part: its bytes alone, and as another tenant's where that is wanted too. */
export async function readForEdit(deps: SendDeps, part: ReplayPart, as?: AsTenant): Promise<ForwardWork> {
  const definition = deps.definitionOf(part.events[0]?.provider ?? '')
  const [arrived] = await readWorks(deps.store, [part])
  const alone = partAlone(definition, arrived as ForwardWork)
  return (as ? asTenant(definition, alone, as) : alone).work
}

const never = { state: 'done', busy: 0, nextAt: null } as const
