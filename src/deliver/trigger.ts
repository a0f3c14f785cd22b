import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { composeSample, joinSamples, type SampleMessage } from '../core/sample.ts'
import { setInSample } from '../core/set-in-sample.ts'
import type { SetValue } from '../core/set-value.ts'
import { signDelivery } from '../core/sign-delivery.ts'
import { makeTriggerMark, type TriggerKey, triggerHeader } from '../core/trigger-mark.ts'
import { perItemScheme } from '../core/verify-token.ts'
import type { Scheme } from '../core/webhook-definition.ts'
import { absentAt } from '../net/absent-at.ts'
import type { HttpCall } from '../net/call.ts'
import type { App } from '../store/app-ops.ts'
import type { StoredAttempt, StoredForward } from '../store/attempt-ops.ts'
import type { Cursors, StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'
import { awaitAnswers } from './await-answers.ts'
import type { Clock } from './clock.ts'
import { type KeySource, sampleKeys } from './trigger-keys.ts'
import { type FoundSample, findSample, type Samples } from './trigger-sample.ts'
import { type TriggerTenant, tenantsFor } from './trigger-tenants.ts'

export interface TriggerDeps extends KeySource {
  store: Store
  clock: Clock
  call: HttpCall
  samples: Samples
}

export interface TriggerWish {
  /** Normalised; absent: the first sample that there is. */
  event?: string
  /** One item for each, in one delivery; empty: the only tenant that has an account at the app. */
  tenants: string[]
  set: SetValue[]
  /** So many deliveries, each of its own. */
  count: number
  /** Signed with a secret that is not the app's. */
  wrongSignature: boolean
  /** Signed an hour before the provider's tolerance ends. */
  stale: boolean
  /** Each delivery is sent once more, the same to the byte. */
  repeat: boolean
  /** How long to wait for the first answer to each of its forwards; 0: not at all. */
  waitMs: number
  /** Ends the waiting. */
  signal?: AbortSignal
}

/** What became of one delivery. */
export interface Triggered {
  /** What the front door answered. */
  status: number
  events: StoredEvent[]
  /** The first answer to each forward. */
  attempts: StoredAttempt[]
  /** Forwards that were not answered in time. */
  unanswered: StoredForward[]
  /** Of those, the targets at which nobody is: origin → why. */
  held: Map<string, string>
  /** Where it was not taken in. */
  rejected: StoredRejected | null
}

/**
 * Sends sample deliveries through the front door of the running listener, signed as the provider would, and tells of
 * each what was stored and what the handler answered. All are sent before the first is told of.
 * @throws WhsError `no-listener`, `no-secret`, `no-account` (3), `which-tenant` (2), `no-tenant`, `no-sample` (5), `bad-set`
 */
export async function* trigger(deps: TriggerDeps, wish: TriggerWish): AsyncGenerator<Triggered> {
  const { store, clock } = deps
  const door = await frontDoor(deps)
  const sample = findSample(deps.definition, deps.app.name, deps.samples, wish.event)
  const people = await peopleFor(deps, sample, wish)
  const posted: Posted[] = []
  for (let number = 0; number < wish.count; number++) {
    const message = compose(deps, door, wish, sample, people)
    for (let times = 0; times < (wish.repeat ? 2 : 1); times++) posted.push(await post(deps, door, message))
  }
  for (const one of posted) {
    const { deliverySeq } = one
    const answers = await awaitAnswers({
      store,
      clock,
      deliverySeq,
      waitMs: wish.waitMs,
      absentAt,
      signal: wish.signal,
    })
    const { status, events, rejected } = one
    yield { status, events, rejected, ...answers }
  }
}

interface FrontDoor {
  /** Where it is sent, and where the provider believes that it sends. */
  url: string
  publicUrl: string
  token: string
}

async function frontDoor({ store, app }: TriggerDeps): Promise<FrontDoor> {
  const row = store.isListening() ? await store.read('readListener') : null
  const path = `/hooks/${app.name}`
  const token = row?.port ? await store.read('listenerToken') : null
  if (row && token !== null) {
    const publicUrl = app.settings.callback || `${row.publicUrl}${path}`
    return { url: `http://127.0.0.1:${row.port}${path}`, publicUrl, token }
  }
  throw new WhsError({
    code: 'no-listener',
    exit: exits.missing,
    what: 'nobody listens',
    why: 'a sample goes through the front door of a running listener, as a real delivery would',
    next: 'whs listen',
  })
}

/** For whom: the platform's own event is for nobody. */
async function peopleFor(deps: TriggerDeps, sample: FoundSample, wish: TriggerWish): Promise<TriggerTenant[]> {
  const shape = deps.definition.webhook.shapes.find(({ name }) => name === sample.shape)
  if (shape?.scope === 'app' && wish.tenants.length === 0) return [{ name: '', accounts: {} }]
  return tenantsFor(deps.store, deps.app, wish.tenants)
}

interface Composed extends SampleMessage {
  suffix: string
  brings: TriggerKey | null
}

function compose(
  deps: TriggerDeps,
  { publicUrl }: FrontDoor,
  wish: TriggerWish,
  sample: FoundSample,
  people: TriggerTenant[],
): Composed {
  const { definition, clock } = deps
  const now = clock.now()
  const source = { ...deps, slots: { callback: publicUrl, ...deps.slots } }
  const made = people.map(tenant => {
    const { accounts } = tenant
    const message = composeSample(definition, sample, { accounts, at: now, random: randomBytes(16) })
    const signing = sampleKeys(source, tenant, wish.wrongSignature)
    // Where each item brings its own token, each is given its tenant's before they are joined.
    const tokened = perItemScheme(signing.scheme)
      ? signDelivery(definition, { ...message, method: 'POST', url: publicUrl }, { ...signing.keys, now })
      : message
    return { signing, message: tokened }
  })
  const [{ signing }] = made as [(typeof made)[0]]
  const joined = joinSamples(
    definition,
    made.map(({ message }) => message),
  )
  const message = { ...joined, body: setInSample(definition, joined, wish.set) }
  const { scheme, keys, brings } = signing
  if (perItemScheme(scheme)) return { ...message, suffix: '', brings }
  const at = wish.stale ? now - staleMs(definition, scheme) : now
  const method = definition.webhook.methods[0] ?? 'POST'
  const signed = signDelivery(definition, { ...message, method, url: publicUrl }, { ...keys, now: at })
  return { ...signed, suffix: signed.url.slice(publicUrl.length), brings }
}

const hourMs = 3_600_000

function staleMs(definition: ProviderDefinition, scheme: Scheme): number {
  if ('time' in scheme && scheme.time) return scheme.time.toleranceSeconds * 1000 + hourMs
  if (scheme.scheme === 'jwt') return hourMs
  throw new WhsError({
    code: 'no-time',
    exit: exits.usage,
    what: `a delivery of ${definition.name} cannot be stale`,
    why: `${definition.company} signs no time, so whs cannot tell an old one by its signature`,
    next: 'whs trigger without --stale',
  })
}

interface Posted {
  status: number
  /** 0 where nothing was stored as a delivery. */
  deliverySeq: number
  events: StoredEvent[]
  rejected: StoredRejected | null
}

async function post(deps: TriggerDeps, door: FrontDoor, message: Composed): Promise<Posted> {
  const { store, call, definition, app } = deps
  const before = await store.read('readCursors')
  const headers: Record<string, string> = {}
  for (let index = 0; index < message.headers.length; index += 2) {
    headers[message.headers[index] as string] = message.headers[index + 1] as string
  }
  const nonce = randomBytes(12).toString('hex')
  headers[triggerHeader] = makeTriggerMark(message.body, door.token, nonce, message.brings)
  const method = definition.webhook.methods[0] ?? 'POST'
  const { status } = await call({ method, url: door.url + message.suffix, headers, body: message.body })
  const events = await storedEvents(store, app, before, message.body)
  const rejected = events.length > 0 ? null : await storedRejected(store, app, before, message.body)
  return { status, deliverySeq: events[0]?.deliverySeq ?? 0, events, rejected }
}

/** The events of the delivery with these very bytes, among those that came since: other deliveries come too. */
async function storedEvents(store: Store, app: App, since: Cursors, body: Buffer): Promise<StoredEvent[]> {
  const filter = { app: [app.name] }
  const events = await store.read('listEvents', { filter, order: 'oldest', after: since.event, limit: 1_000 })
  for (const deliverySeq of new Set(events.map(event => event.deliverySeq))) {
    const delivery = await store.read('readDelivery', { seq: deliverySeq })
    if (delivery && Buffer.compare(delivery.body, body) === 0)
      return events.filter(event => event.deliverySeq === deliverySeq)
  }
  return []
}

async function storedRejected(store: Store, app: App, since: Cursors, body: Buffer): Promise<StoredRejected | null> {
  const page = { after: since.rejected, limit: 1_000 }
  const rejected = await store.read('listRejected', { filter: { app: [app.name] }, order: 'oldest', ...page })
  return rejected.find(one => Buffer.compare(one.body, body) === 0) ?? null
}
