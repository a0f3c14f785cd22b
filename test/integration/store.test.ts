import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readItems } from '../../src/core/ingest.ts'
import { parseRule } from '../../src/core/rule.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { openStore, type Store } from '../../src/store/store.ts'

let home: string
let store: Store

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'whs-store-'))
  store = openStore({ home })
  await store.startWriter()
})
afterEach(async () => {
  await store.close()
  rmSync(home, { recursive: true })
})

function delivery(appId: number, ...realms: string[]) {
  const items = realms.map((realm, index) => ({
    specversion: '1.0',
    id: `id-${realm}-${index}`,
    type: 'qbo.invoice.created.v1',
    time: '2026-03-17T16:19:17Z',
    intuitentityid: '130',
    intuitaccountid: realm,
  }))
  const body = Buffer.from(JSON.stringify(items))
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
    verified: 'signature' as const,
    scheme: 0,
    url: null,
    activation: null,
    source: 'delivery' as const,
    items: readItems(quickbooks, { method: 'POST', headers: [], body }),
  }
}

test('a delivery that mixes tenants becomes one forward per tenant, and the unknown account is parked until it is claimed', async () => {
  const app = await store.write('addApp', {
    name: 'quickbooks',
    provider: 'quickbooks',
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets: { webhook: 's3cret' },
  })
  const rules = [parseRule('3000')]
  await store.write('startListener', {
    pid: 1,
    startedAt: 1,
    port: 1,
    localPort: 2,
    publicUrl: 'http://x',
    tunnel: 'none',
    rules,
    filter: {},
  })
  const claim = (tenant: string, value: string) =>
    store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value, tenant, release: true })
  await claim('acme', '1')
  await claim('globex', '2')
  const { seq, events } = await store.write('ingestDelivery', delivery(app.id, '1', '2', '1', '9'))
  expect(events).toBe(4)
  const stored = await store.read('eventsOfDelivery', { deliverySeq: seq })
  expect(stored.map(event => [event.tenant, event.scope, event.part])).toEqual([
    ['acme', 'tenant', 1],
    ['globex', 'tenant', 2],
    ['acme', 'tenant', 1],
    [null, 'parked', 3],
  ])
  const open = await store.read('openForwards', { after: 0, limit: 10 })
  expect(open.map(forward => forward.target)).toEqual(['http://localhost:3000/', 'http://localhost:3000/'])
  expect(await claim('initech', '9')).toMatchObject({ events: 1, forwards: 1 })
  const item = await store.read('readItem', { seq: stored[3]?.seq as number })
  expect(JSON.parse((item as Buffer).toString())).toMatchObject({ intuitaccountid: '9' })
})
