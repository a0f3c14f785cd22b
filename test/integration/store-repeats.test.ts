import { expect, test } from 'vitest'
import type { App } from '../../src/store/app-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, answer, claim, delivery, forwards, type Item, legacyDelivery, listen } from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

let store: Store
let app: App

/** Two tenants, acme of account 1 and globex of account 2; all events go to port 3000. */
async function begin(): Promise<void> {
  store = await tempStore()
  app = await addApp(store)
  await listen(store, ['3000'])
  await claim(store, 'acme', '1')
  await claim(store, 'globex', '2')
}

async function take(...items: Item[]): Promise<number> {
  return (await store.write('ingestDelivery', delivery(app.id, ...items))).seq
}

async function repeatsOf(deliverySeq: number): Promise<(boolean | number)[]> {
  const events = await store.read('eventsOfDelivery', { deliverySeq })
  return events.map(event => event.repeatOf !== null)
}

const first: Item = { realm: '1', id: 'one' }

test('a repeat of what still waits for the same target is recorded and not sent', async () => {
  await begin()
  const before = await take(first)
  const again = await take(first)
  expect(await repeatsOf(before)).toEqual([false])
  expect(await repeatsOf(again)).toEqual([true])
  expect(await forwards(store, before)).toEqual(['3000 acme open 0'])
  expect(await forwards(store, again)).toEqual([])
  const [event] = await store.read('eventsOfDelivery', { deliverySeq: before })
  expect(event?.repeats).toBe(1)
})

test.each([
  ['was answered 2xx', { state: 'done' }, []],
  ['is tried again', { state: 'open', status: 500, nextAt: 9 }, []],
  ['failed', { state: 'failed', status: 500 }, ['3000 acme open 0']],
  ['was refused for good', { state: 'final', status: 400 }, ['3000 acme open 0']],
] as const)('a repeat of what %s', async (_, change, wanted) => {
  await begin()
  await answer(store, await take(first), change)
  expect(await forwards(store, await take(first))).toEqual(wanted)
})

test('a repeat goes to another target than the one that answered', async () => {
  await begin()
  await answer(store, await take(first), { state: 'done' })
  await listen(store, ['3001'])
  expect(await forwards(store, await take(first))).toEqual(['3001 acme open 0'])
  await listen(store, ['copy,to=3000', 'to=3002'])
  expect(await forwards(store, await take(first))).toEqual(['3002 acme open 0'])
})

test('a part with one event that is new goes out whole; the part of another tenant does not', async () => {
  await begin()
  const other: Item = { realm: '2', id: 'two' }
  await take(first, other)
  const mixed = await take(first, other, { realm: '1', id: 'three' })
  expect(await repeatsOf(mixed)).toEqual([true, true, false])
  expect(await forwards(store, mixed)).toEqual(['3000 acme open 0,2'])
})

test('the same item twice in one delivery is one event and its repeat, and goes out once', async () => {
  await begin()
  const seq = await take(first, first)
  expect(await repeatsOf(seq)).toEqual([false, true])
  expect(await forwards(store, seq)).toEqual(['3000 acme open 0,1'])
})

test('the same id for another account is another event', async () => {
  await begin()
  await take(first)
  const other = await take({ realm: '2', id: 'one' })
  expect(await repeatsOf(other)).toEqual([false])
  expect(await forwards(store, other)).toEqual(['3000 globex open 0'])
})

test('the same id at another app is another event', async () => {
  await begin()
  await take(first)
  const live = await addApp(store, 'qbo-live')
  await store.write('mapAccount', { app: 'qbo-live', kind: 'realm', value: '1', tenant: 'acme', release: true })
  const { seq } = await store.write('ingestDelivery', delivery(live.id, first))
  expect(await repeatsOf(seq)).toEqual([false])
  expect(await forwards(store, seq)).toEqual(['3000 acme open 0'])
})

test('a derived id never folds: every delivery goes out', async () => {
  await begin()
  const [one, two] = [legacyDelivery(app.id, '1'), legacyDelivery(app.id, '1')]
  expect(one.items[0]?.derivedId).toBe(two.items[0]?.derivedId)
  for (const input of [one, two]) {
    const { seq } = await store.write('ingestDelivery', input)
    expect(await repeatsOf(seq)).toEqual([false])
    expect(await forwards(store, seq)).toEqual(['3000 acme open 0'])
  }
})

test('an account of two tenants: each has its own event, and its own repeat', async () => {
  await begin()
  await claim(store, 'globex', '1')
  const before = await take(first)
  expect(await forwards(store, before)).toEqual(['3000 acme open 0', '3000 globex open 1'])
  await answer(store, before, { state: 'final', status: 400 })
  const again = await take(first)
  expect(await repeatsOf(again)).toEqual([true, true])
  expect(await forwards(store, again)).toEqual(['3000 acme open 0'])
})

test('what was parked twice and is released to two tenants goes to each once', async () => {
  await begin()
  const parked: Item = { realm: '9', id: 'nine' }
  const [before, again] = [await take(parked), await take(parked)]
  expect(await repeatsOf(again)).toEqual([true])
  await claim(store, 'acme', '9', false)
  expect(await claim(store, 'globex', '9')).toMatchObject({ events: 4, deliveries: 2, forwards: 2 })
  expect(await forwards(store, before)).toEqual(['3000 acme open 0', '3000 globex open 1'])
  expect(await repeatsOf(again)).toEqual([true, true])
  expect(await forwards(store, again)).toEqual([])
})

test('what was delivered, came again while its account was nobody’s, and is released, does not go out again', async () => {
  await begin()
  const before = await take(first)
  await answer(store, before, { state: 'done' })
  await store.write('unmapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'acme' })
  const again = await take(first)
  expect(await repeatsOf(again)).toEqual([false])
  expect(await claim(store, 'acme', '1')).toMatchObject({ events: 1, forwards: 0 })
  expect(await repeatsOf(again)).toEqual([true])
  expect(await forwards(store, again)).toEqual([])
})

test('what is released to another tenant than the one it was delivered to is new to it', async () => {
  await begin()
  await answer(store, await take(first), { state: 'done' })
  await store.write('unmapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'acme' })
  const again = await take(first)
  await claim(store, 'initech', '1')
  expect(await repeatsOf(again)).toEqual([false])
  expect(await forwards(store, again)).toEqual(['3000 initech open 0'])
})

test('a repeat that was answered 2xx settles the repeats after it', async () => {
  await begin()
  const before = await take(first)
  await answer(store, before, { state: 'final' })
  const again = await take(first)
  expect(await forwards(store, again)).toEqual(['3000 acme open 0'])
  await answer(store, again, { state: 'done' })
  expect(await forwards(store, await take(first))).toEqual([])
})
