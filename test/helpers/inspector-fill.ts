import { Buffer } from 'node:buffer'
import { readItems } from '../../src/core/ingest.ts'
import { parseRule } from '../../src/core/rule.ts'
import { fingerprint } from '../../src/core/sign.ts'
import { providerOf } from '../../src/providers/index.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { NewDelivery } from '../../src/store/ingest-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { addFixtureApp } from './fixture-app.ts'
import { type DeliveryFixture, deliveryFixtures } from './fixtures.ts'
import { answerAll } from './inspector-answers.ts'
import { fillOdd } from './inspector-odd.ts'
import { cloudEvents, signature, token } from './listening.ts'
import { finishConsent } from './store-facts.ts'

/** Every provider whose deliveries are kept, some events of each of which are this old at most. */
const shown = [
  'stripe',
  'shopify',
  'github',
  'slack',
  'xero',
  'hubspot',
  'mailchimp',
  'twilio',
  'notion',
  'zoom',
  'linear',
]
const tenants = ['acme', 'globex', 'initech', 'umbrella', 'hooli', 'stark-industries', 'wayne.eu', 'soylent']
const dayMs = 86_400_000

/** Where the events of the store go; nobody is asked while it is filled. */
export interface Filling {
  store: Store
  app: App
  target: string
  now: number
}

/**
 * Fills a store with a few hundred events of the last day: of many providers and tenants, in JSON, forms and bytes, mixed,
 * parked, repeated, rejected, tried once or often, and with hostile text in every field that a stranger writes.
 */
export async function fillForInspector(filling: Filling, more: number): Promise<void> {
  const { store, now, target } = filling
  const place = { pid: null, startedAt: now - dayMs, port: 0, localPort: 0, publicUrl: '', tunnel: 'none', filter: {} }
  await store.write('startListener', { ...place, rules: [parseRule(target)] })
  await connectSome(store)
  for (const [index, id] of shown.entries()) await fillProvider(filling, id, index)
  const count = 160 + more
  for (let index = 0; index < count; index++) {
    const at = Math.round(now - dayMs * 0.9 * (1 - index / count) ** 2 - 60_000)
    await keepDelivery(filling, cloudEvents([String((index % 5) + 1)], kindOf(index)), { at })
  }
  await fillOdd(filling, keepDelivery)
  await answerAll(store)
}

const kinds = ['invoice.updated', 'customer.created', 'payment.created', 'bill.deleted', 'estimate.updated']

function kindOf(index: number): object {
  const [entity, action] = (kinds[index % kinds.length] as string).split('.')
  return { type: `qbo.${entity}.${action}.v1`, intuitentityid: String(100 + ((index * 37) % 900)) }
}

async function connectSome(store: Store): Promise<void> {
  const tokens = { accessExpiresAt: Date.now() + 3_000_000, refreshExpiresAt: Date.now() + 90 * dayMs }
  await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }], tokens)
  await finishConsent(store, [{ tenant: 'globex', accounts: ['realm:2'] }], {
    ...tokens,
    refresh: null,
    accessExpiresAt: Date.now() - 90_000,
    refreshExpiresAt: null,
  })
  await finishConsent(store, [{ tenant: 'initech', accounts: ['realm:3'] }], tokens)
  await store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value: '4', tenant: 'umbrella', release: false })
}

/** The deliveries of a provider's fixtures, each account some tenant's. */
async function fillProvider(filling: Filling, id: string, number: number): Promise<void> {
  const { store, now } = filling
  const definition = providerOf(id)
  const all = deliveryFixtures(id).filter(({ expect }) => expect.outcome === 'accepted')
  const [first] = all
  if (!definition || !first) throw new Error(`${id} has no delivery to show`)
  const app = await addFixtureApp(store, definition, first, id, () => tenants[number % tenants.length] as string)
  for (const [index, delivery] of all.entries()) {
    const items = readItems(definition, delivery)
    for (const { kind, value } of items.flatMap(item => item.accounts.flat()).slice(0, index % 5 === 4 ? 0 : 3)) {
      const owners = await store.read('ownersOf', { appId: app.id, kind, value })
      const tenant = tenants[(number + index) % tenants.length] as string
      if (owners.length === 0) await store.write('mapAccount', { app: id, kind, value, tenant, release: false })
    }
    const at = now - Math.round(dayMs * 0.8 * ((all.length - index) / all.length)) - number * 60_000
    await store.write('ingestDelivery', { ...requestOf(app, delivery, at), items })
  }
}

function requestOf(app: App, delivery: DeliveryFixture, receivedAt: number): Omit<NewDelivery, 'items'> {
  const [secret = ''] = Object.values(delivery.secrets)
  return {
    appId: app.id,
    receivedAt,
    method: delivery.method,
    path: `/hooks/${app.name}`,
    suffix: delivery.suffix,
    headers: JSON.stringify(delivery.headers),
    body: delivery.body,
    status: delivery.expect.status,
    secretFingerprint: fingerprint(secret),
    verified: delivery.expect.outcome === 'accepted' ? delivery.expect.verified : 'none',
    scheme: 0,
    url: delivery.url,
    activation: null,
    source: 'delivery',
  }
}

/** What differs from an ordinary delivery. */
interface Odd extends Partial<Omit<NewDelivery, 'body'>> {
  at: number
  moreHeaders?: string[]
}

/** Keeps a delivery of the app at hand, signed as its provider would sign it. */
async function keepDelivery(
  { store, app }: Filling,
  body: string | Buffer,
  { at, moreHeaders = [], ...change }: Odd,
): Promise<number> {
  const bytes = Buffer.from(body)
  const definition = providerOf(app.provider)
  if (!definition) throw new Error('the app has no provider')
  const sent = [
    'content-type',
    'application/json',
    'intuit-signature',
    signature(bytes),
    'authorization',
    'Bearer s3cret-token-of-theirs',
  ]
  const headers = ['Host', 'hooks.example', ...sent, ...moreHeaders, 'content-length', String(bytes.length)]
  const { seq } = await store.write('ingestDelivery', {
    appId: app.id,
    receivedAt: at,
    method: 'POST',
    path: `/hooks/${app.name}`,
    suffix: '',
    status: 200,
    headers: JSON.stringify(headers),
    body: bytes,
    secretFingerprint: fingerprint(token),
    verified: 'signature',
    scheme: 0,
    url: null,
    activation: null,
    source: 'delivery',
    items: readItems(definition, { method: 'POST', headers, body: bytes }),
    ...change,
  })
  return seq
}

export type KeepDelivery = typeof keepDelivery
