import { WhsError } from '../core/errors.ts'
import { readItems } from '../core/ingest.ts'
import { composeSample, joinSamples, type SampleMessage } from '../core/sample.ts'
import type { SimulatedApp } from './apps.ts'
import type { EventKind } from './catalogue.ts'
import type { Change, ChangeWish } from './change-wish.ts'
import { accountOf } from './companies.ts'
import type { Outgoing, SentEvent } from './deliveries.ts'
import { isForResource } from './for-resource.ts'
import type { Hook } from './hooks.ts'
import { signer } from './signer.ts'
import type { World } from './world.ts'

/** The deliveries that changes make for one app: at its hooks, and at its callback URL where no hook has that. */
export function compose(
  world: World,
  app: SimulatedApp,
  changes: Change[],
  wish: ChangeWish,
  random: Uint8Array,
): Outgoing[] {
  const { definition, grants, hooks } = world
  const heard = changes.filter(
    ({ company, kind }) => kind.isApp || grants.state(app.clientId, company) !== 'disconnected',
  )
  const own = hooks.list().filter(hook => hook.clientId === app.clientId)
  const hears = (hook: Hook, change: Change): boolean =>
    (hook.company === null || hook.company === change.company) && isForResource(world, hook, change)
  const isTold = (change: Change): boolean =>
    own.some(hook => hears(hook, change) && world.urlOf(hook) === app.callbackUrl)
  const isOfApp = definition.activation.per === 'app' && app.callbackUrl !== null
  const untold = isOfApp ? heard.filter(change => !isTold(change)) : []
  const atHooks = own.flatMap((hook, index) => {
    const told = heard.filter(change => hears(hook, change))
    return composeAt(world, app, hook, told, wish, seed(random, index))
  })
  return [...composeAt(world, app, null, untold, wish, random), ...atHooks]
}

/** One delivery for all changes; where the provider sends one event a delivery, one each. */
function composeAt(
  world: World,
  app: SimulatedApp,
  hook: Hook | null,
  changes: Change[],
  wish: ChangeWish,
  random: Uint8Array,
): Outgoing[] {
  const [first] = changes
  if (!first) return []
  const shape = shapeFor(first.kind, wish.shape, app.shape)
  const made = changes.map((change, index) => composeOne(world, change, hook, shape, seed(random, index)))
  const events = changes.map((change, index) => sentEvent(world, change, made[index] as SampleMessage))
  const joined = join(world, made)
  if (joined) return [outgoing(world, app, hook, joined, events, shape, wish.forge)]
  return made.map((message, index) =>
    outgoing(world, app, hook, message, events.slice(index, index + 1), shape, wish.forge),
  )
}

function join({ definition }: World, messages: SampleMessage[]): SampleMessage | undefined {
  try {
    return joinSamples(definition, messages)
  } catch (error) {
    if (error instanceof WhsError && error.code === 'cannot-mix') return undefined
    throw error
  }
}

function outgoing(
  world: World,
  app: SimulatedApp,
  hook: Hook | null,
  message: SampleMessage,
  events: SentEvent[],
  shape: string,
  forged: boolean,
): Outgoing {
  const { clientId } = app
  const url = (): string | null => {
    if (!hook) return app.callbackUrl
    return world.hooks.list().includes(hook) ? world.urlOf(hook) : null
  }
  const facts = { clientId, hook: hook?.id ?? null, shape, forged, events, bytes: message.body.length }
  return { ...facts, url, request: signer(world, app, hook, message, forged) }
}

function shapeFor({ shapes }: EventKind, ...preferred: (string | undefined)[]): string {
  return preferred.find(shape => shape !== undefined && shapes.includes(shape)) ?? (shapes[0] as string)
}

function seed(random: Uint8Array, index: number): Uint8Array {
  return Uint8Array.of(...random, index >> 8, index & 255)
}

function composeOne(
  { fixtures, definition, now }: World,
  { company, kind, changed }: Change,
  hook: Hook | null,
  shape: string,
  random: Uint8Array,
): SampleMessage {
  const sample = fixtures.sample(shapeFor(kind, shape), kind.event)
  const own = definition.activation.kind
  const accounts = { ...company.values, ...(hook && own ? { [own]: hook.id } : {}) }
  const made = { accounts, random, at: now() }
  try {
    return composeSample(definition, sample, { ...made, ...changed })
  } catch (error) {
    // An id that is made of several values cannot be written: the event is then about the sample's own thing.
    if (!(error instanceof WhsError) || error.code !== 'bad-sample') throw error
    return composeSample(definition, sample, made)
  }
}

function sentEvent(world: World, { company, kind }: Change, message: SampleMessage): SentEvent {
  const { event, type, isApp } = kind
  const [item] = readItems(world.definition, { method: 'POST', ...message })
  const resource = item?.resource && type !== null ? { type, id: item.resource.id } : null
  const id = item?.providerEventId ?? null
  if (isApp) return { event, account: '', company: world.definition.company, resource, id }
  return { event, account: accountOf(world.definition, company), company: company.name, resource, id }
}

/** A change as it would be told to an app that has no hook for it. */
export function tellAlone(world: World, change: Change, random: Uint8Array): SentEvent {
  return sentEvent(world, change, composeOne(world, change, null, shapeFor(change.kind), random))
}
