import { expect, test } from 'vitest'
import type { NewDelivery } from '../../src/store/ingest-ops.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  addApp,
  addHook,
  claim,
  finishConsent,
  forwards,
  listen,
  namedDelivery,
  whose,
} from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin() {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const take = async (accounts: string[][], change: Partial<NewDelivery> = {}): Promise<number> =>
    (await store.write('ingestDelivery', namedDelivery(app.id, [{ accounts }], change))).seq
  const sources = async (tenant: string): Promise<string[]> =>
    ((await store.read('findTenant', { name: tenant }))?.accounts ?? []).map(one => `${one.source} ${one.value}`)
  return { store, app, take, sources }
}

test('an account that stands beside one of a tenant is learned, and what was parked for it is released', async () => {
  const { store, take, sources } = await begin()
  await claim(store, 'acme', '1')
  const before = await take([['box:7']])
  expect(await whose(store, before)).toEqual(['(unknown-account)'])
  const version = store.configVersion()
  const seq = await take([['realm:1', 'box:7?']])
  expect(store.configVersion()).toBeGreaterThan(version)
  expect(await whose(store, seq)).toEqual(['acme'])
  expect(await sources('acme')).toEqual(['map 1', 'learned 7'])
  expect(await whose(store, before)).toEqual(['acme'])
  expect(await forwards(store, before)).toEqual(['3000 acme open 0'])
  expect(await whose(store, await take([['box:7?']]))).toEqual(['acme'])
})

test('what one item of a delivery teaches holds for those after it, and for those before it too', async () => {
  const { store, app } = await begin()
  await claim(store, 'acme', '1')
  const items = [['box:7'], ['realm:1', 'box:7?'], ['box:7']].map(entry => ({ accounts: [entry] }))
  const { seq } = await store.write('ingestDelivery', namedDelivery(app.id, items))
  expect(await whose(store, seq)).toEqual(['acme', 'acme', 'acme'])
})

test('under a hook an account that may be learned is its tenant’s; one that may not waits', async () => {
  const { store, take, sources } = await begin()
  const activation = await addHook(store, 'acme')
  expect(await whose(store, await take([['box:7?']], { activation }))).toEqual(['acme'])
  expect(await whose(store, await take([['realm:9', 'box:8?']], { activation }))).toEqual(['(unknown-account)'])
  expect(await sources('acme')).toEqual(['learned 7'])
  const other = await addHook(store, 'globex')
  expect(await whose(store, await take([['box:7?']], { activation: other }))).toEqual(['(mismatch)'])
})

test.each<[string, Partial<NewDelivery>]>([
  ['was not verified', { verified: 'none' }],
  ['is a sample of ours', { source: 'trigger' }],
])('what %s teaches nothing', async (_, change) => {
  const { store, take, sources } = await begin()
  await claim(store, 'acme', '1')
  expect(await whose(store, await take([['realm:1', 'box:7?']], change))).toEqual(['acme'])
  expect(await sources('acme')).toEqual(['map 1'])
})

test('nothing is learned where two tenants have the account, or where the new one is ignored', async () => {
  const { store, take, sources } = await begin()
  await claim(store, 'acme', '1')
  await claim(store, 'globex', '1')
  expect(await whose(store, await take([['realm:1', 'box:7?']]))).toEqual(['acme', 'globex'])
  await store.write('unmapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'globex' })
  await store.write('ignoreAccount', { app: 'quickbooks', value: '7' })
  expect(await whose(store, await take([['realm:1', 'box:7?']]))).toEqual(['acme'])
  expect(await sources('acme')).toEqual(['map 1'])
  const activation = await addHook(store, 'acme')
  expect(await take([['box:7?']], { activation })).toBe(0)
  await store.write('ignoreAccount', { app: 'quickbooks', value: '*' })
  expect(await whose(store, await take([['box:8?']], { activation }))).toEqual(['acme'])
  expect(await take([['realm:9']], { activation })).toBe(0)
})

test('what was learned goes with what it was learned from', async () => {
  const { store, take, sources } = await begin()
  const [connection] = await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }])
  await take([['realm:1', 'box:7?']])
  expect(await sources('acme')).toEqual(['connect 1', 'learned 7'])
  await finishConsent(store, [{ tenant: 'globex', accounts: ['realm:1'] }], { claim: 'move' })
  expect(await sources('acme')).toEqual([])
  expect((await store.read('findTenant', { name: 'acme' }))?.connections).toMatchObject([
    { id: connection?.id, state: 'revoked', why: 'its account was moved to globex' },
  ])
  expect(await whose(store, await take([['realm:1', 'box:7?']]))).toEqual(['globex'])
  await store.write('disconnect', {
    ids: (await store.read('openConnections', { tenant: 'globex', app: null })).map(({ id }) => id),
  })
  expect(await sources('globex')).toEqual([])
  await claim(store, 'acme', '1')
  await take([['realm:1', 'box:7?']])
  await store.write('unmapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'acme' })
  expect(await sources('acme')).toEqual([])
})

test('what a tenant’s own hook taught makes no delivery of the app’s its own, nor releases one', async () => {
  const { store, app, take, sources } = await begin()
  const hook = await addHook(store, 'mallory')
  const before = await take([['box:7?']])
  expect(await whose(store, await take([['box:7?']], { activation: hook }))).toEqual(['mallory'])
  expect(await sources('mallory')).toEqual(['learned 7'])
  const after = await take([['box:7?'], ['box:7']])
  for (const seq of [before, after]) {
    const reasons = (await whose(store, seq)).map(() => '(unknown-account)')
    expect(await whose(store, seq)).toEqual(reasons)
    expect(await forwards(store, seq)).toEqual([])
  }
  expect(await whose(store, await take([['realm:9', 'box:7?']]))).toEqual(['(unknown-account)'])
  const shared = await addHook(store, null)
  expect(await whose(store, await take([['box:7?']], { activation: shared }))).toEqual(['(unknown-account)'])
  const mapping = { app: 'quickbooks', kind: 'box', value: '7', tenant: 'acme', release: true }
  expect(await store.write('mapAccount', mapping)).toMatchObject({ events: 4 })
  expect(await store.read('ownersOf', { appId: app.id, kind: 'box', value: '7' })).toEqual(['acme'])
})

test('what the app’s own deliveries teach outdoes what a hook taught', async () => {
  const { store, take, sources } = await begin()
  const [hook, own] = [await addHook(store, 'mallory'), await addHook(store, 'acme')]
  await claim(store, 'acme', '1')
  await take([['box:7?']], { activation: hook })
  await take([['box:8?']], { activation: own })
  expect(
    await whose(
      store,
      await take([
        ['realm:1', 'box:7?'],
        ['box:8?', 'realm:1'],
      ]),
    ),
  ).toEqual(['acme'])
  expect(await sources('mallory')).toEqual([])
  expect(await whose(store, await take([['box:7?'], ['box:8?']]))).toEqual(['acme'])
  expect(await whose(store, await take([['box:7?']], { activation: hook }))).toEqual(['(mismatch)'])
})

test('what a hook taught goes with the hook', async () => {
  const { store, take, sources } = await begin()
  const [hook, other] = [await addHook(store, 'acme'), await addHook(store, 'globex')]
  await take([['box:7?']], { activation: hook })
  const [activation] = await store.read('listActivations', { tenant: 'acme' })
  await store.write('removeActivation', { id: activation?.id as string })
  expect(await sources('acme')).toEqual([])
  expect(await whose(store, await take([['box:7?']], { activation: other }))).toEqual(['globex'])
})

test('what a hook of one tenant taught gives way to a consent or to a person’s word', async () => {
  const { store, app, take, sources } = await begin()
  const activation = await addHook(store, 'mallory')
  await take([['box:7?']], { activation })
  await take([['box:8?']], { activation })
  expect(await sources('mallory')).toEqual(['learned 7', 'learned 8'])
  expect(await store.read('ownersOf', { appId: app.id, kind: 'box', value: '7' })).toEqual([])
  await finishConsent(store, [{ tenant: 'acme', accounts: ['box:7'] }])
  await store.write('mapAccount', { app: 'quickbooks', kind: 'box', value: '8', tenant: 'acme', release: true })
  expect(await sources('mallory')).toEqual([])
  expect(await sources('acme')).toEqual(['connect 7', 'map 8'])
  expect(await whose(store, await take([['box:7'], ['box:8']]))).toEqual(['acme'])
  expect(await whose(store, await take([['box:7?']], { activation }))).toEqual(['(mismatch)'])
})
