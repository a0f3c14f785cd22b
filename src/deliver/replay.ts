import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { ForwardWork, NewAttempt } from '../store/forward-ops.ts'
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
  attempts: StoredAttempt[]
  /** Its delivery's body as it arrived. */
  arrived: Buffer
  /** What stood in the way, where nobody was there. */
  nobody: string | null
}

/**
 * Sends a part at once, outside the lanes, marked `Whs-Replay`. What is to be written down is `recorded` then, so that
 * the next can leave before; a 2xx closes an open forward of the same part and target, unless the part was changed.
 * @throws WhsError where it is gone, or cannot be changed as is wanted
 */
export async function sendReplay(
  deps: SendDeps,
  part: ReplayPart,
  options: ReplayOptions = {},
): Promise<{ recorded: Promise<SentPart>; nobody: string | null }> {
  const { signature = 'signed', signal } = options
  const arrived = await readWork(deps, part)
  const changed = changeOf(deps.definitionOf, arrived, options)
  const work = changed?.work ?? arrived
  const how = { number: work.tries + 1, settled: new Set<number>(), replay: signature }
  const sent = await sendPart(deps, work, {
    ...how,
    ...(signal ? { signal } : {}),
    ...(changed ? { changed: changed.changed } : {}),
  })
  const answered = sent.filter(({ attempt }) => !signal?.aborted || attempt.status !== null)
  const nobody = answered.find(one => one.class === 'nobody')?.attempt.hint ?? null
  const notes = [options.as ? `as ${options.as.name}` : '', options.body ? 'edited' : ''].filter(Boolean)
  return { recorded: record(deps, part, work, withNotes(answered, notes), changed !== null).then(told), nobody }

  function told(attempts: StoredAttempt[]): SentPart {
    return { attempts, arrived: arrived.body, nobody }
  }
}

/** The part as its delivery is stored. */
async function readWork({ store }: SendDeps, part: ReplayPart): Promise<ForwardWork> {
  const { deliverySeq, tenantId, target } = part
  const work = await store.read('readPart', { deliverySeq, eventSeqs: [], tenantId, target })
  if (!work) throw eventGone()
  const events = part.events.map(({ seq, id, start, part: number, account, event }) => {
    return { seq, id, start, part: number, account, event }
  })
  return { ...work, events }
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
  const alone = partAlone(definition, await readWork(deps, part))
  return (as ? asTenant(definition, alone, as) : alone).work
}

function withNotes(sent: Sent[], notes: string[]): Sent[] {
  if (notes.length === 0) return sent
  return sent.map(one => {
    const hint = [...notes, one.attempt.hint].filter(Boolean).join('; ')
    return { ...one, attempt: { ...one.attempt, hint } }
  })
}

async function record(
  { store }: SendDeps,
  { deliverySeq, tenantId, target, events }: ReplayPart,
  { tenant, source }: ForwardWork,
  sent: Sent[],
  changed: boolean,
): Promise<StoredAttempt[]> {
  const stored: StoredAttempt[] = []
  for (const { attempt } of sent) {
    const row: NewAttempt = { forwardSeq: null, deliverySeq, tenantId, target, ...attempt, ...never, changed }
    const { seq } = await store.write('recordAttempt', row)
    if (seq === 0) throw eventGone()
    const { answerHeaders: headers, answerBody, ...rest } = attempt
    stored.push({
      ...rest,
      seq,
      forwardSeq: null,
      deliverySeq,
      tenant,
      target,
      eventIds: attempt.eventSeqs.map(one => events.find(event => event.seq === one)?.id ?? ''),
      replay: true,
      nextAt: null,
      headers,
      body: answerBody && Buffer.from(answerBody),
      source,
    })
  }
  return stored
}

const never = { state: 'done', busy: 0, nextAt: null } as const
