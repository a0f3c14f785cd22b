import type { Filter } from '../../src/core/filter.ts'
import { readItems } from '../../src/core/ingest.ts'
import { parseRule } from '../../src/core/rule.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { App } from '../../src/store/app-ops.ts'
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
