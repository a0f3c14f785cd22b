import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/deliver/clock.ts'
import { startLanes } from '../../src/deliver/lanes.ts'
import { type TriggerDeps, type TriggerWish, trigger } from '../../src/deliver/trigger.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { openDoor } from '../../src/net/door.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import { readFixtures } from '../../src/simulate/fixtures.ts'
import { openStore } from '../../src/store/store.ts'
import { type DeliverHome, type Handler, openDeliverHome, openHandler, verifierToken } from '../helpers/deliver-home.ts'
import { receiverDeps, receivingApp } from '../helpers/receiving.ts'

const wish: TriggerWish = {
  tenants: ['t1'],
  set: [],
  count: 1,
  wrongSignature: false,
  stale: false,
  repeat: false,
  waitMs: 10_000,
}

let at: DeliverHome
let deps: TriggerDeps
let closing: (() => unknown)[]

/** A store as another process has it, beside the one that listens. */
beforeEach(async () => {
  at = await openDeliverHome(systemClock)
  const store = openStore({ home: at.home })
  closing = [() => at.close(), () => store.close()]
  const app = await store.read('findApp', { name: 'qbo' })
  if (!app) throw new Error('no app')
  const samples = readFixtures(quickbooks, fileURLToPath(new URL('../../fixtures/quickbooks', import.meta.url)))
  const known = { keys: await store.read('readKeys', { appId: app.id }), activations: [], hosts: {}, slots: {} }
  deps = { store, clock: systemClock, call: makeHttpCall({}), definition: quickbooks, app, samples, ...known }
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

/** Opens the front door and relays to a handler that answers with this status. */
async function listen(status = 200): Promise<Handler> {
  const handler = await openHandler((_, response) => {
    response.statusCode = status
    response.end('said')
  })
  await at.route(`${handler.port}`)
  const lock = at.store.takeListenerLock()
  const listenerToken = await at.store.read('listenerToken')
  if (!lock || listenerToken === null) throw new Error('it cannot listen')
  const lanes = startLanes({ ...at.deps, onFact: () => undefined })
  const door = await openDoor({
    port: 0,
    routes: [],
    raw: makeReceiver({
      ...receiverDeps(at.store),
      loadApps: async () => new Map([['qbo', await receivingApp(at.store, deps.app, quickbooks)]]),
      listenerToken,
      onStored: () => lanes.poke(),
    }),
  })
  await at.store.write('moveListener', { port: door.port, localPort: 1, publicUrl: 'http://localhost' })
  closing.push(
    () => handler.stop(),
    () => lock.release(),
    () => lanes.stop(0),
    () => door.close(),
  )
  return handler
}

test('where nobody is at the target it is held, and that is said at once', async () => {
  const handler = await listen()
  await handler.stop()
  const [told] = await all()
  expect(told?.attempts).toEqual([])
  expect([...(told?.held ?? [])].map(([, why]) => why)).toEqual([expect.stringMatching(/^nothing listens at \S+:\d+$/)])
})

async function all(changes: Partial<TriggerWish> = {}) {
  const told = []
  for await (const one of trigger(deps, { ...wish, ...changes })) told.push(one)
  return told
}

test('a sample of an event type goes in by the front door and comes out at the handler, correctly signed and marked', async () => {
  const { seen } = await listen()
  const [told] = await all({ event: 'customer.updated', set: [{ path: 'data.note', value: 'hello' }] })
  expect(told).toMatchObject({ status: 200, rejected: null, unanswered: [] })
  expect(told?.events).toMatchObject([
    { event: 'customer.updated', tenant: 't1', account: '1', source: 'trigger', verified: 'signature' },
  ])
  expect(told?.attempts).toMatchObject([{ status: 200, number: 1 }])
  const [one] = seen
  expect(one?.headers).toMatchObject({ 'whs-source': 'trigger', 'whs-tenant': 't1' })
  expect(one?.headers['whs-trigger']).toBeUndefined()
  expect(one?.headers['intuit-signature']).toBe(
    createHmac('sha256', verifierToken)
      .update(one?.body as Buffer)
      .digest('base64'),
  )
  expect(JSON.parse(String(one?.body))).toMatchObject([{ data: { note: 'hello' } }])
})

test('several tenants travel in one delivery, each gets its own part; every delivery has ids of its own', async () => {
  const { seen } = await listen()
  const told = await all({ tenants: ['t1', 't2'], count: 2 })
  expect(told.map(({ events }) => events.map(({ tenant, parts }) => [tenant, parts]))).toEqual([
    [
      ['t1', 2],
      ['t2', 2],
    ],
    [
      ['t1', 2],
      ['t2', 2],
    ],
  ])
  expect(told.every(({ attempts }) => attempts.length === 2)).toBe(true)
  expect(seen.map(({ tenant }) => tenant).sort()).toEqual(['t1', 't1', 't2', 't2'])
  expect(new Set(told.flatMap(({ events }) => events.map(event => event.providerEventId))).size).toBe(4)
})

test('a repeat is stored as one and not relayed twice', async () => {
  const { seen } = await listen()
  const [first, second] = await all({ repeat: true })
  expect(second?.events[0]?.repeatOf).toBe(first?.events[0]?.id)
  expect(second).toMatchObject({ attempts: [], unanswered: [] })
  expect(seen).toHaveLength(1)
})

test('a wrong signature is rejected as a forged one would be', async () => {
  const { seen } = await listen()
  const [told] = await all({ wrongSignature: true })
  expect(told).toMatchObject({ status: 401, events: [], attempts: [], rejected: { reason: 'wrong-secret' } })
  expect(seen).toEqual([])
})

test('what the handler answers is told whatever it is; without an event type it is an invoice', async () => {
  await listen(500)
  const [told] = await all()
  expect(told?.events).toMatchObject([{ event: 'invoice.created' }])
  expect(told?.attempts).toMatchObject([{ status: 500, body: Buffer.from('said') }])
})

test('a handler that is not there leaves the forward unanswered', async () => {
  const handler = await listen()
  await handler.stop()
  expect(await all({ waitMs: 100 })).toMatchObject([{ attempts: [], unanswered: [{ state: 'open', tenant: 't1' }] }])
})

test('what is missing is said with the command that helps', async () => {
  await expect(all()).rejects.toMatchObject({ code: 'no-listener', exit: 3 })
  await listen()
  await expect(all({ tenants: [] })).rejects.toMatchObject({ code: 'which-tenant', exit: 2 })
  await expect(all({ tenants: ['t11'] })).rejects.toMatchObject({ code: 'no-tenant', exit: 5 })
  await expect(all({ event: 'invoice.creatd' })).rejects.toMatchObject({
    code: 'no-sample',
    why: expect.stringMatching(/^did you mean invoice\.created/),
  })
  deps.keys = []
  await expect(all()).rejects.toMatchObject({ code: 'no-secret', exit: 3 })
  await at.store.write('unmapAccount', { app: 'qbo', kind: 'realm', value: '1', tenant: 't1' })
  await expect(all()).rejects.toMatchObject({ code: 'no-account', exit: 3 })
})
