import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { composeSample, joinSamples, signDelivery } from '../core/sample.ts'
import { type SetValue, setValues } from '../core/set-value.ts'
import type { Signable } from '../core/sign.ts'
import { makeTriggerMark, triggerHeader } from '../core/trigger-mark.ts'
import type { HttpCall } from '../net/call.ts'
import type { App } from '../store/app-ops.ts'
import type { StoredAttempt, StoredForward } from '../store/attempt-ops.ts'
import type { Cursors, StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'
import { awaitAnswers } from './await-answers.ts'
import type { Clock } from './clock.ts'
import { readSample } from './trigger-sample.ts'
import { tenantsFor } from './trigger-tenants.ts'

export interface TriggerDeps {
  store: Store
  clock: Clock
  call: HttpCall
  definition: ProviderDefinition
  app: App
  /** The app's secrets that sign deliveries, newest first. */
  secrets: { value: string }[]
  /** The folder of the provider's fixtures. */
  fixtures: string
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
  /** Each delivery is sent once more, the same to the byte. */
  repeat: boolean
  /** How long to wait for the first answer to each of its forwards; 0: not at all. */
  waitMs: number
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
  const people = await tenantsFor(store, deps.app, wish.tenants)
  const posted: Posted[] = []
  for (let number = 0; number < wish.count; number++) {
    const message = compose(deps, wish, people)
    for (let times = 0; times < (wish.repeat ? 2 : 1); times++) posted.push(await post(deps, door, message))
  }
  for (const one of posted) {
    const answers = await awaitAnswers({ store, clock, deliverySeq: one.deliverySeq, waitMs: wish.waitMs })
    const { status, events, rejected } = one
    yield { status, events, rejected, ...answers }
  }
}

interface FrontDoor {
  url: string
  token: string
}

async function frontDoor({ store, app }: TriggerDeps): Promise<FrontDoor> {
  const row = store.isListening() ? await store.read('readListener') : null
  if (row?.port) return { url: `http://127.0.0.1:${row.port}/hooks/${app.name}`, token: row.token }
  throw new WhsError({
    code: 'no-listener',
    exit: exits.missing,
    what: 'nobody listens',
    why: 'a sample goes through the front door of a running listener, as a real delivery would',
    next: 'whs listen',
  })
}

function compose(deps: TriggerDeps, wish: TriggerWish, people: { accounts: Record<string, string> }[]): Signable {
  const { definition, fixtures, clock, app } = deps
  const sample = readSample(definition, fixtures, wish.event)
  const at = clock.now()
  const made = people.map(({ accounts }) =>
    composeSample(definition, sample, { accounts, at, random: randomBytes(16) }),
  )
  const joined = joinSamples(definition, made)
  const message = { ...joined, body: setValues(definition, joined.body, wish.set) }
  const secret = wish.wrongSignature ? randomBytes(16).toString('hex') : deps.secrets[0]?.value
  if (secret === undefined) throw noSecret(definition, app)
  return { ...message, headers: signDelivery(definition, message, secret) }
}

interface Posted {
  status: number
  /** 0 where nothing was stored as a delivery. */
  deliverySeq: number
  events: StoredEvent[]
  rejected: StoredRejected | null
}

async function post(deps: TriggerDeps, door: FrontDoor, message: Signable): Promise<Posted> {
  const { store, call, definition, app } = deps
  const before = await store.read('readCursors')
  const headers: Record<string, string> = {}
  for (let index = 0; index < message.headers.length; index += 2) {
    headers[message.headers[index] as string] = message.headers[index + 1] as string
  }
  headers[triggerHeader] = makeTriggerMark(message.body, door.token, randomBytes(12).toString('hex'))
  const method = definition.webhook.methods[0] ?? 'POST'
  const { status } = await call({ method, url: door.url, headers, body: message.body })
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

function noSecret(definition: ProviderDefinition, app: App): WhsError {
  const { secret } = definition.webhook.verify
  return new WhsError({
    code: 'no-secret',
    exit: exits.missing,
    what: `${app.name} has no ${definition.secrets[secret].label} yet`,
    why: 'a sample is signed with it',
    next: `whs app set ${app.name} --${secret}-secret -`,
  })
}
