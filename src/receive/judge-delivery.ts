import { type Accepted, type Ingested, ingest, type Rejected, readItems } from '../core/ingest.ts'
import type { RawDelivery } from '../core/keyring.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import type { TriggerKey } from '../core/trigger-mark.ts'
import type { Reply } from '../net/door.ts'
import type { NewRejected } from '../store/rejected-ops.ts'
import type { ReceiverDeps } from './receiver.ts'
import { keyringFor, type ReceivingApp } from './receiving-app.ts'
import type { HandshakeFact } from './take-handshake.ts'

/** What of an arrival only the receiver knows. */
export interface Came {
  /** The activation whose key stood in the URL. */
  activation: number | null
  receivedAt: number
  triggerKey: TriggerKey | null
}

export type Judged = Exclude<Ingested, { outcome: 'needs-key' }>

/**
 * What a request is, with everything that is known now. A key set that a token names is fetched first; until it could be
 * had the sender is asked to come again, as it is where only a secret that cannot be read may prove it. Where the builder
 * said so loudly, what does not verify is accepted unproved.
 */
export async function judgeDelivery(
  deps: ReceiverDeps,
  app: ReceivingApp,
  delivery: RawDelivery,
  { activation, receivedAt, triggerKey }: Came,
): Promise<Judged> {
  const look = async (): Promise<Ingested> => {
    const keys = await deps.publishedKeys.known()
    const arrival = { activation, keys, publicUrls: deps.publicUrls(), triggerKey, now: receivedAt }
    return ingest(app.definition, delivery, keyringFor(app, arrival))
  }
  let result = await look()
  if (result.outcome === 'needs-key') {
    const { url, keyId } = result
    const isThere = await deps.publishedKeys.refresh(url)
    result = await look()
    if (result.outcome === 'needs-key') result = withoutKey(app, url, keyId, isThere)
  }
  if (result.outcome !== 'rejected' || result.reason === 'method' || result.handshake) return result
  return deps.allowUnverified ? unproved(app, delivery, activation) : unlessUnreadable(app, result, activation)
}

const unproving = ['no-secret', 'wrong-secret', 'wrong-token']

/** What a secret that cannot be read any more may have proved is not refused: its sender is asked to come again. */
function unlessUnreadable(
  { name, definition, unreadable }: ReceivingApp,
  result: Rejected,
  hook: number | null,
): Rejected {
  const proving = signingSecrets(definition)
  const one = unreadable.find(
    ({ name, activation }) =>
      proving.includes(name) && (activation === null || hook === null || activation.id === hook),
  )
  if (!one || !unproving.includes(result.reason)) return result
  const whose = one.activation ? `a hook of ${one.activation.tenant ?? name}` : name
  const detail = `the stored ${one.name} secret of ${whose} cannot be read, and it may be the one: whs doctor`
  return { ...result, status: 503, reason: 'no-secret', detail }
}

function withoutKey({ definition }: ReceivingApp, url: string, keyId: string, isThere: boolean): Rejected {
  const { rejected } = definition.webhook.reply
  const which = `the key ${keyId} that it names`
  if (isThere) {
    return { outcome: 'rejected', status: rejected, reason: 'unknown-key', detail: `${which} is not in ${url}` }
  }
  return {
    outcome: 'rejected',
    status: 503,
    reason: 'no-secret',
    detail: `${url}, where ${which} stands, does not answer`,
  }
}

function unproved({ definition }: ReceivingApp, delivery: RawDelivery, activation: number | null): Accepted {
  const items = readItems(definition, delivery, activation)
  const nothing = { scheme: -1, url: null, secretId: null, activation, refused: [] }
  return { outcome: 'accepted', status: definition.webhook.reply.ok, verified: 'token', ...nothing, items }
}

const keptBytes = 65_536

/**
 * A refusal that the provider tests for is as it should be; one for want of a secret, or of a request that it meant, is
 * not.
 */
function refusal(
  { name, definition }: ReceivingApp,
  { handshake, reason, detail }: { handshake: string; reason: string; detail: string },
): Pick<HandshakeFact, 'outcome' | 'why' | 'fix'> {
  const probes = definition.webhook.handshakes?.find(({ kind }) => kind === handshake)?.probes
  if (probes && reason !== 'no-secret') return { outcome: 'refused-as-wanted' }
  return { outcome: 'failed', why: detail, ...(reason === 'no-secret' ? { fix: `whs setup ${name}` } : {}) }
}

/**
 * Keeps a rejected request beside everything else, and gives its sender the answer that it wants to such; null where it
 * is to be judged again.
 */
export async function answerRejected(
  deps: ReceiverDeps,
  app: ReceivingApp,
  { status, reason, detail, handshake }: Rejected,
  request: Omit<NewRejected, 'bytes' | 'status' | 'reason' | 'detail'>,
): Promise<Reply | null> {
  const { body } = request
  const kept = { ...request, body: body.subarray(0, keptBytes), bytes: body.length }
  const { seq } = await deps.store.write('keepRejected', { ...kept, status, reason, detail })
  if (seq === 0) return null
  if (handshake)
    deps.onHandshake?.({ app: app.name, handshake, status, ...refusal(app, { handshake, reason, detail }) })
  if (status === 503) return { status, headers: { 'retry-after': '60' } }
  return status === 405 ? { status, headers: { allow: app.definition.webhook.methods.join(', ') } } : { status }
}
