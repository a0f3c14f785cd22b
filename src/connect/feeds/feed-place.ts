import { type Account, normaliseAccount } from '../../core/account.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import type { Feed } from '../../core/feed-definition.ts'
import type { Slots } from '../../core/fill-text.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { App } from '../../store/app-ops.ts'
import type { FeedConnection, FeedPlaceKey } from '../../store/feed-ops.ts'
import type { CallDeps } from '../call-place.ts'

/** Where a feed is read: for one thing of a connection, or for an app as a whole. */
export interface FeedPlace {
  app: App
  definition: ProviderDefinition
  feed: Feed
  /** Null: the app as a whole. */
  connection: FeedConnection | null
  /** Whom its events are for, where they name nobody themselves. */
  account: Account | null
  /** The hook that it is read for, where it is one of a hook. */
  activation: string | null
  key: FeedPlaceKey
  /** What its calls are filled with, besides what app and connection give. */
  slots: Slots
}

/** Every place at which a feed of an app is read, in the order of the consents. */
export async function placesOf(deps: Pick<CallDeps, 'store'>, at: At): Promise<FeedPlace[]> {
  const { app, feed } = at
  if (feed.per === 'app') {
    const key = { appId: app.id, feed: feed.name, connection: null, place: '' }
    return [{ ...at, connection: null, account: null, activation: null, key, slots: {} }]
  }
  const connections = await deps.store.read('feedConnections', { appId: app.id })
  if (feed.per === 'account') return connections.flatMap(connection => accountPlaces(at, connection))
  const hooks = await deps.store.read('listActivations', { app: app.name })
  const places = hooks.filter(({ state }) => state === 'active').flatMap(hook => hookPlace(at, hook, connections) ?? [])
  // Two hooks of one resource, as while one takes the other's place, are read once, by the newer one.
  return [...new Map(places.map(place => [`${place.key.connection} ${place.key.place}`, place])).values()]
}

interface At {
  app: App
  definition: ProviderDefinition
  feed: Feed
}

function kindOf({ definition, feed }: At): string {
  return feed.account ?? definition.accounts[0]?.kind ?? ''
}

function accountPlaces(at: At, connection: FeedConnection): FeedPlace[] {
  const kind = kindOf(at)
  const own = connection.accounts.filter(account => account.kind === kind)
  return own.map(account => ({
    ...at,
    connection,
    account,
    activation: null,
    key: keyOf(at, connection, `${kind} ${account.value}`),
    slots: {},
  }))
}

function hookPlace(at: At, hook: StoredActivation, connections: FeedConnection[]): FeedPlace | null {
  const { feed, definition } = at
  const connection =
    connections.find(({ id }) => id === hook.connectionId) ?? connections.find(({ tenant }) => tenant === hook.tenant)
  if (!connection) return null
  const kind = kindOf(at)
  const resource = hook.resource ?? connection.accounts.find(account => account.kind === kind)?.value
  if (resource === undefined || (feed.per === 'activation' && hook.providerId === null)) return null
  const how = definition.accounts.find(account => account.kind === kind)?.normalise ?? 'text'
  const value = normaliseAccount(how, resource)
  const isOfHook = feed.per === 'activation'
  return {
    ...at,
    connection,
    account: value === undefined ? null : { kind, value },
    activation: hook.id,
    key: keyOf(at, connection, isOfHook ? `activation ${hook.providerId}` : `resource ${resource}`),
    slots: { ...hook.slots, resource, ...(isOfHook ? { activation: hook.providerId as string } : {}) },
  }
}

function keyOf({ app, feed }: At, { id }: FeedConnection, place: string): FeedPlaceKey {
  return { appId: app.id, feed: feed.name, connection: id, place }
}
