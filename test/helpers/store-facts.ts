import type { Filter } from '../../src/core/filter.ts'
import { readItems } from '../../src/core/ingest.ts'
import type { NamedAccount } from '../../src/core/read-item.ts'
import { parseRule } from '../../src/core/rule.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { NewActivation } from '../../src/store/activation-ops.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { ConnectionResult } from '../../src/store/consent-ops.ts'
import type { NewConnections } from '../../src/store/finish-consent-op.ts'
import type { NewAttempt } from '../../src/store/forward-ops.ts'
import type { NewDelivery } from '../../src/store/ingest-ops.ts'
import type { Store } from '../../src/store/store.ts'

/** One item of a made-up delivery. */
export interface Item {
  realm: string
  id?: string
  type?: string
}

let count = 0

/** A verified delivery in CloudEvents; ids are made up where none is given. */
export function delivery(appId: number, ...items: Item[]): NewDelivery {
  const events = items.map(({ realm, id, type = 'qbo.invoice.created.v1' }) => ({
    specversion: '1.0',
    id: id ?? `id-${++count}`,
    type,
    intuitentityid: '130',
    intuitaccountid: realm,
  }))
  return deliveryOf(appId, JSON.stringify(events))
}

/** A verified delivery in the older shape, whose events have no ids of their own. */
export function legacyDelivery(appId: number, realm: string): NewDelivery {
  const entities = [{ name: 'Invoice', id: '130', operation: 'Update', lastUpdated: '2026-01-10T11:00:00.000Z' }]
  return deliveryOf(appId, JSON.stringify({ eventNotifications: [{ realmId: realm, dataChangeEvent: { entities } }] }))
}

/** What a made-up item says of itself; `kind:value` an account, with `?` behind it one that may be learned. */
export interface NamedItem {
  /** Each entry an event; several in one must agree. */
  accounts?: string[][]
  activation?: number | null
  scope?: 'app'
  id?: string
  fault?: string
}

/** A delivery whose items name accounts of any kind. `change` says what verified it. */
export function namedDelivery(appId: number, items: NamedItem[], change: Partial<NewDelivery> = {}): NewDelivery {
  const body = Buffer.from(JSON.stringify(items.map((_, index) => index)))
  const { activation = null } = change
  return {
    ...deliveryOf(appId, '[]'),
    body,
    items: items.map((item, index) => ({
      start: 1 + index * 2,
      length: 1,
      pointer: `/${index}`,
      shape: item.fault ? null : 'made-up',
      fault: item.fault ?? null,
      scope: item.scope ?? null,
      providerEvent: 'thing.changed',
      event: 'thing.changed',
      providerEventId: item.id ?? null,
      derivedId: null,
      occurredAt: null,
      resource: null,
      accounts: (item.accounts ?? []).map(entry => entry.map(namedAccount)),
      activation: item.activation === undefined ? activation : item.activation,
      reply: null,
    })),
    ...change,
  }
}

function namedAccount(text: string, index: number): NamedAccount {
  const [kind, value] = text.replace(/\?$/, '').split(':') as [string, string]
  const account = { kind, value, place: `/${index}/${kind}` }
  return text.endsWith('?') ? { ...account, learn: true } : account
}

/** The events of a delivery as `tenant` or `(reason)`, or `app` with its tenant, in order. */
export async function whose(store: Store, deliverySeq: number): Promise<string[]> {
  const events = await store.read('eventsOfDelivery', { deliverySeq })
  return events.map(({ scope, tenant, reason }) => {
    if (scope === 'app') return `app of ${tenant}`
    return tenant ?? `(${reason})`
  })
}

function deliveryOf(appId: number, text: string): NewDelivery {
  const body = Buffer.from(text)
  return {
    appId,
    receivedAt: Date.now(),
    method: 'POST',
    path: '/hooks/quickbooks',
    suffix: '',
    headers: '[]',
    body,
    status: 200,
    secretFingerprint: 'abcd',
    verified: 'signature',
    scheme: 0,
    url: null,
    activation: null,
    source: 'delivery',
    items: readItems(quickbooks, { method: 'POST', headers: [], body }),
  }
}

export async function addApp(store: Store, name = 'quickbooks', webhook = 's3cret'): Promise<App> {
  return store.write('addApp', {
    name,
    provider: 'quickbooks',
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets: { webhook, client: `client-${webhook}` },
  })
}

/** What a listener writes down at its start. */
export async function listen(store: Store, rules: string[], filter: Filter = {}): Promise<void> {
  const place = { pid: 1, startedAt: 1, port: 1, localPort: 2, publicUrl: 'http://x', tunnel: 'none' }
  await store.write('startListener', { ...place, rules: rules.map(rule => parseRule(rule)), filter })
}

export async function claim(store: Store, tenant: string, value: string, release = true) {
  return store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value, tenant, release })
}

/** A hook of a tenant with a secret of its own; its number. */
export async function addHook(store: Store, tenant: string | null, more: Partial<NewActivation> = {}): Promise<number> {
  const secret = { name: 'webhook', value: `hook-${++count}` }
  const input = { app: 'quickbooks', tenant, state: 'active' as const, secret, release: true, ...more }
  return (await store.write('addActivation', input)).activation.seq
}

/** A consent that went all the way to its claim and is finished with these identities. */
export async function finishConsent(
  store: Store,
  identities: { tenant: string; accounts: string[]; slots?: Record<string, string> }[],
  more: Partial<NewConnections> = {},
): Promise<ConnectionResult[]> {
  const hash = (what: string): string => Buffer.from(`${what} ${count}`).toString('hex')
  count++
  const [linkHash, cookieHash, stateHash] = [hash('link'), hash('cookie'), hash('state')]
  const wish = { tenants: [], accounts: [], claim: null, release: true, asks: false, each: false, slots: {} }
  const page = { redirectUri: 'http://localhost/', scopes: ['read'], expiresAt: Number.MAX_SAFE_INTEGER }
  const { app = 'quickbooks' } = more
  await store.write('makeConsent', { linkHash, app, wish, ...page })
  await store.write('departConsent', { linkHash, cookieHash, stateHash, verifier: null })
  await store.write('claimExchange', { linkHash, stateHash, from: 'begun' })
  const proved = identities.map(({ tenant, accounts, slots = {} }) => ({
    tenant: { name: tenant },
    accounts: accounts.map(text => {
      const [kind = '', ...rest] = text.split(':')
      return { kind, value: rest.join(':'), name: null, proof: 'it was made up' }
    }),
    slots,
  }))
  const tokens = { access: `access ${count}`, refresh: `refresh ${count}`, accessExpiresAt: 1, refreshExpiresAt: 2 }
  const rest = { claim: null, release: true, scopes: ['read'], ...tokens, ...more }
  return store.write('finishConsent', { linkHash, app, identities: proved, ...rest })
}

/** The forwards of a delivery as `target (tenant) state: events`, in order. */
export async function forwards(store: Store, deliverySeq: number): Promise<string[]> {
  const events = await store.read('eventsOfDelivery', { deliverySeq })
  const place = (seq: number): number => events.findIndex(event => event.seq === seq)
  const rows = await store.read('forwardsOfDelivery', { deliverySeq })
  return rows.map(row => {
    const port = row.target && new URL(row.target).port
    return `${port} ${row.tenant} ${row.state} ${row.eventSeqs.map(place).join(',')}`
  })
}

/** Records a try at the only forward of a delivery to a port (or at all). */
export async function answer(store: Store, deliverySeq: number, change: Partial<NewAttempt>, port = ''): Promise<void> {
  const rows = await store.read('forwardsOfDelivery', { deliverySeq })
  const row = rows.find(one => one.target.includes(port))
  if (!row) throw new Error(`delivery ${deliverySeq} has no forward to ${port}`)
  const work = await store.read('readForward', { seq: row.seq })
  await store.write('recordAttempt', {
    forwardSeq: row.seq,
    deliverySeq,
    tenantId: work?.tenantId ?? null,
    target: row.target,
    eventSeqs: row.eventSeqs,
    number: 1,
    at: 1,
    ms: 1,
    status: 200,
    error: null,
    hint: null,
    answerHeaders: null,
    answerBody: null,
    state: 'done',
    busy: 0,
    nextAt: null,
    ...change,
  })
}
