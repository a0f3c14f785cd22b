import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, addHook, claim, forwards, listen, namedDelivery, whose } from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin() {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const take = async (accounts: string[][], activation: number | null = null): Promise<number> =>
    (await store.write('ingestDelivery', namedDelivery(app.id, [{ accounts }], { activation }))).seq
  return { store, app, take }
}

test('a tenant that signs with its own hook’s secret and names another’s account parks as mismatch, for good', async () => {
  const { store, take } = await begin()
  await claim(store, 'globex', '2')
  const hook = await addHook(store, 'acme')
  const seq = await take([['realm:2']], hook)
  expect(await whose(store, seq)).toEqual(['(mismatch)'])
  expect(await claim(store, 'initech', '2')).toMatchObject({ events: 0 })
  expect(await whose(store, seq)).toEqual(['(mismatch)'])
  expect(await forwards(store, seq)).toEqual([])
  const [event] = await store.read('eventsOfDelivery', { deliverySeq: seq })
  expect(event).toMatchObject({ account: '2', bound: 'acme', tenant: null, scope: 'parked' })
  expect(await store.read('countParked')).toMatchObject([
    { account: '2', reason: 'mismatch', bound: 'acme', events: 1 },
  ])
})

test('an unknown account under a hook is released to the hook’s tenant alone; another’s claim makes it a mismatch', async () => {
  const { store, take } = await begin()
  const hook = await addHook(store, 'acme')
  const [bound, free] = [await take([['realm:9']], hook), await take([['realm:9']])]
  expect(await whose(store, bound)).toEqual(['(unknown-account)'])
  expect(await claim(store, 'globex', '9')).toMatchObject({ events: 1 })
  expect(await whose(store, bound)).toEqual(['(mismatch)'])
  expect(await whose(store, free)).toEqual(['globex'])
  expect(await claim(store, 'acme', '9')).toMatchObject({ events: 1, forwards: 1 })
  expect(await whose(store, bound)).toEqual(['acme'])
  expect(await forwards(store, bound)).toEqual(['3000 acme open 0'])
  expect(await whose(store, free)).toEqual(['globex'])
})

test('accounts that must agree: whichever of them is claimed releases, the first that is anybody’s decides', async () => {
  const { store, take } = await begin()
  const seq = await take([['org:1', 'realm:5']])
  expect(await claim(store, 'acme', '5')).toMatchObject({ events: 1 })
  const [event] = await store.read('eventsOfDelivery', { deliverySeq: seq })
  expect(event).toMatchObject({ tenant: 'acme', accountKind: 'realm', account: '5', place: '/1/realm' })
  const mapping = { app: 'quickbooks', kind: 'org', value: '1', tenant: 'globex', release: true }
  await store.write('mapAccount', mapping)
  expect(await whose(store, await take([['org:1', 'realm:5']]))).toEqual(['(mismatch)'])
  await store.write('mapAccount', { ...mapping, tenant: 'acme' })
  expect(await whose(store, await take([['org:1', 'realm:5']]))).toEqual(['acme'])
  expect(await whose(store, await take([['org:1']]))).toEqual(['globex', 'acme'])
})

test('an id that a forged delivery used first hides nothing of the real one', async () => {
  const { store, app } = await begin()
  const hook = await addHook(store, 'acme')
  const item = { accounts: [['realm:2']], id: 'evt-1' }
  const forged = await store.write('ingestDelivery', namedDelivery(app.id, [item], { activation: hook }))
  const real = await store.write('ingestDelivery', namedDelivery(app.id, [item]))
  expect(await claim(store, 'globex', '2')).toMatchObject({ events: 1, forwards: 1 })
  expect(await whose(store, forged.seq)).toEqual(['(mismatch)'])
  const [event] = await store.read('eventsOfDelivery', { deliverySeq: real.seq })
  expect(event).toMatchObject({ tenant: 'globex', repeatOf: null })
})

test('an item that names nobody is the hook’s tenant’s; without a hook it waits for ever', async () => {
  const { store, app, take } = await begin()
  const hook = await addHook(store, 'acme', { kind: 'hook', providerId: 'h-7' })
  const seq = await take([], hook)
  const [event] = await store.read('eventsOfDelivery', { deliverySeq: seq })
  expect(event).toMatchObject({
    tenant: 'acme',
    accountKind: 'hook',
    account: 'h-7',
    bound: 'acme',
    place: 'activation',
  })
  expect(await forwards(store, seq)).toEqual(['3000 acme open 0'])
  expect(await whose(store, await take([], await addHook(store, 'globex')))).toEqual(['globex'])
  expect(await whose(store, await take([]))).toEqual(['(unknown-account)'])
  const shared = await addHook(store, null, { kind: 'hook', providerId: 'h-8' })
  const parked = await take([], shared)
  expect(await whose(store, parked)).toEqual(['(unknown-account)'])
  const mapping = { app: 'quickbooks', kind: 'hook', value: 'h-8', tenant: 'globex', release: true }
  expect(await store.write('mapAccount', mapping)).toMatchObject({ events: 1 })
  const unread = await store.write(
    'ingestDelivery',
    namedDelivery(app.id, [{ fault: 'no shape' }], { activation: hook }),
  )
  expect(await whose(store, unread.seq)).toEqual(['(unreadable)'])
})

test('an event of the platform’s own is nobody’s, and goes out only by a rule that asks for it', async () => {
  const { store, app } = await begin()
  const hook = await addHook(store, 'acme')
  const items = [{ scope: 'app' as const, id: 'p1' }, { accounts: [['realm:1']] }]
  await claim(store, 'acme', '1')
  const take = async (activation: number | null): Promise<number> =>
    (await store.write('ingestDelivery', namedDelivery(app.id, items, { activation }))).seq
  const plain = await take(null)
  expect(await whose(store, plain)).toEqual(['app of null', 'acme'])
  expect(await forwards(store, plain)).toEqual(['3000 acme open 1'])
  expect(await whose(store, await take(hook))).toEqual(['app of acme', 'acme'])
  await listen(store, ['scope=app,to=3001', '3000'])
  expect(await forwards(store, await take(null))).toEqual(['3001 null open 0', '3000 acme open 1'])
  expect(await forwards(store, await take(hook))).toEqual(['3001 acme open 0', '3000 acme open 1'])
  expect(await store.read('countEvents', { filter: { scope: ['app'] } })).toBe(4)
  expect(await store.read('countParked')).toEqual([])
})

test('a hook that was removed meanwhile verifies nothing any more', async () => {
  const { store, take } = await begin()
  const hook = await addHook(store, 'acme')
  const [activation] = await store.read('listActivations', {})
  await store.write('removeActivation', { id: activation?.id as string })
  await expect(take([['realm:1']], hook)).rejects.toMatchObject({ code: 'activation-gone', exit: 1 })
  expect(await addHook(store, 'globex')).not.toBe(hook)
})

test('an item of two accounts of one tenant is one event of it, whichever was claimed first', async () => {
  const { store, take } = await begin()
  const seq = await take([['realm:1'], ['realm:2'], ['realm:3']])
  await claim(store, 'acme', '1')
  expect(await claim(store, 'acme', '2')).toMatchObject({ events: 0, forwards: 0 })
  expect(await whose(store, seq)).toEqual(['acme', '(unknown-account)'])
  await claim(store, 'globex', '3')
  expect(await forwards(store, seq)).toEqual(['3000 acme open 0', '3000 globex open 1'])
})

test('items that were refused count: what is left is a part of the delivery', async () => {
  const { store, app } = await begin()
  const input = { ...namedDelivery(app.id, [{ accounts: [['realm:1']] }]), refused: 2 }
  const { seq } = await store.write('ingestDelivery', input)
  expect((await store.read('readDelivery', { seq }))?.items).toBe(3)
})
