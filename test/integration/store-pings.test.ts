import { expect, test } from 'vitest'
import type { App } from '../../src/store/app-ops.ts'
import type { NewDelivery } from '../../src/store/ingest-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, claim, finishConsent, listen, namedDelivery } from '../helpers/store-facts.ts'
import { queryFile, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin(): Promise<{
  store: Store
  app: App
  ping(realm: string, more?: Partial<NewDelivery>): Promise<void>
}> {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  await finishConsent(store, [
    { tenant: 'acme', accounts: ['realm:1'] },
    { tenant: 'globex', accounts: ['realm:2'] },
  ])
  return {
    store,
    app,
    async ping(realm, more = {}) {
      const made = namedDelivery(app.id, [{ accounts: [[`realm:${realm}`]] }], more)
      await store.write('ingestDelivery', { ...made, items: made.items.map(item => ({ ...item, feed: 'changes' })) })
    },
  }
}

test('pings wait by tenant and account until their feed was read up to them', async () => {
  const { store, ping } = await begin()
  await ping('1')
  await ping('1')
  await ping('2')
  const [acme, globex] = await store.read('undonePings')
  expect([acme, globex]).toMatchObject([
    { app: 'quickbooks', feed: 'changes', tenant: 'acme', accountKind: 'realm', account: '1', count: 2 },
    { tenant: 'globex', account: '2', count: 1 },
  ])
  // One comes while it is read.
  await ping('1')
  const [connection] = await store.read('openConnections', { tenant: 'acme', app: null })
  await store.write('storeReading', {
    place: { appId: 1, feed: 'changes', connection: connection?.id ?? null, place: 'realm 1' },
    source: 'follow-up',
    receivedAt: Date.now(),
    account: null,
    bytes: Buffer.alloc(0),
    answers: [],
    same: 'cursor',
    comparedSince: 0,
    cursor: { from: null, to: '1' },
    only: null,
    pings: acme ? [acme] : [],
  })
  expect(await store.read('undonePings')).toMatchObject([
    { tenant: 'globex', count: 1 },
    { tenant: 'acme', count: 1 },
  ])
})

test('a ping that is nobody’s is read once it is claimed; an import is none', async () => {
  const { store, ping } = await begin()
  await ping('9')
  await ping('1', { source: 'import' })
  expect(await store.read('undonePings')).toEqual([])
  await claim(store, 'initech', '9')
  expect(await store.read('undonePings')).toMatchObject([{ tenant: 'initech', account: '9', count: 1 }])
})

test('pings go with their events', async () => {
  const { store, ping } = await begin()
  await ping('1')
  await store.write('forgetTenant', { name: 'acme' })
  expect(queryFile(store.home, 'SELECT * FROM pings')).toEqual([])
})

test('which ids are stored is found with and without an account', async () => {
  const { store, app } = await begin()
  const items = [
    { accounts: [['realm:1']], id: 'a' },
    { scope: 'app' as const, id: 'b' },
  ]
  await store.write('ingestDelivery', namedDelivery(app.id, items))
  expect((await store.read('knownEventIds', { appId: app.id, ids: ['a', 'b', 'c'] })).sort()).toEqual(['a', 'b'])
  expect(await store.read('knownEventIds', { appId: app.id + 1, ids: ['a', 'b'] })).toEqual([])
})

test('a gap begins where the last listener was seen, grows until it is caught up, and tells how it came', async () => {
  const store = await tempStore()
  expect(await store.write('beginListening', { now: 1_000 })).toEqual({ latest: null, open: null })
  expect([await store.read('readMissed'), await store.read('readGap')]).toEqual([null, { from: 1_000, why: 'killed' }])
  await store.write('noteListening', { now: 5_000, ends: false })
  const killed = { from: 5_000, why: 'killed' }
  expect(await store.write('beginListening', { now: 9_000 })).toEqual({ latest: killed, open: killed })
  await store.write('noteListening', { now: 10_000, ends: true })
  expect(await store.write('beginListening', { now: 12_000 })).toEqual({
    latest: { from: 10_000, why: 'stopped' },
    open: killed,
  })
  expect(await store.read('readMissed')).toEqual({ from: 5_000, ms: 6_000 })
  expect(await store.read('readGap')).toEqual(killed)
  await store.write('closeGap', { at: 13_000, isListening: true })
  expect([await store.read('readMissed'), await store.read('readGap')]).toEqual([null, { from: 12_000, why: 'killed' }])
  await store.write('noteListening', { now: 14_000, ends: true })
  await store.write('closeGap', { at: 20_000, isListening: false })
  expect(await store.read('readGap')).toEqual({ from: 20_000, why: 'stopped' })
})
