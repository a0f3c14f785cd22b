import type { FeedItem } from '../../src/core/read-feed.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { FeedPlaceKey } from '../../src/store/feed-ops.ts'
import type { Store } from '../../src/store/store.ts'
import type { NewReading, StoredReading } from '../../src/store/store-reading-op.ts'
import { addApp, finishConsent, listen, namedDelivery } from './store-facts.ts'
import { queryFile, tempStore } from './temp-home.ts'

/** An event of an answer: when it happened, and whose it is where it says so. */
interface Item {
  at?: number
  id?: string
  /** Of the same thing. */
  resource?: string
  realm?: string
  fault?: string
}

/** A store with a tenant whose account is realm 1, all of whose events go to port 3000. */
export interface ReadingWorld {
  store: Store
  app: App
  place: FeedPlaceKey
  /** Enters answers as read for acme. */
  keep(answers: Item[][], more?: Partial<NewReading>): Promise<StoredReading>
  /** The events as `type tenant`, oldest first. */
  events(): Promise<string[]>
}

export async function openReadings(): Promise<ReadingWorld> {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const [acme] = await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }])
  const place = { appId: app.id, feed: 'changes', connection: acme?.id as string, place: 'realm 1' }
  return {
    store,
    app,
    place,
    keep: (answers, more = {}) => store.write('storeReading', readingOf(place, answers, more)),
    async events() {
      const rows = queryFile<{ event: string; name: string | null }>(
        store.home,
        `SELECT e.event, t.name FROM events e LEFT JOIN tenants t ON t.id = e.tenant_id
         WHERE e.shape IS NOT 'whs-lifecycle' ORDER BY e.seq`,
      )
      return rows.map(({ event, name }) => `${event} ${name}`)
    },
  }
}

function readingOf(place: FeedPlaceKey, answers: Item[][], more: Partial<NewReading>): NewReading {
  let at = 0
  const placed = answers.map(items => {
    const from = at
    at += bytesOf(items).length
    return { from, to: at, method: 'GET', path: '/changes', facts: { feed: place.feed }, items: items.map(feedItem) }
  })
  return {
    place,
    source: 'catch-up',
    receivedAt: Date.now(),
    account: { kind: 'realm', value: '1' },
    bytes: Buffer.concat(answers.map(bytesOf)),
    answers: placed,
    same: 'id',
    comparedSince: 0,
    cursor: null,
    only: null,
    pings: [],
    ...more,
  }
}

const bytesOf = (items: Item[]): Buffer => Buffer.from(JSON.stringify(items.map((_, index) => index % 10)))

function feedItem({ at, id, resource, realm, fault }: Item, index: number): FeedItem {
  const [item] = namedDelivery(1, [
    { accounts: realm === undefined ? [] : [[`realm:${realm}`]], ...(id ? { id } : {}) },
  ]).items as [FeedItem]
  const change = { resource: `thing/${resource}`, at: at ?? 0, within: 1_000 }
  return {
    ...item,
    start: 1 + index * 2,
    length: 1,
    event: id ?? `${resource}`,
    at: at ?? null,
    occurredAt: at === undefined ? null : new Date(at).toISOString(),
    ...(fault === undefined ? {} : { fault }),
    ...(resource === undefined ? {} : { resource: { type: 'Thing', id: resource }, change }),
  }
}
