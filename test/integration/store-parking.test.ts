import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, claim, delivery, listen } from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

type Step =
  | { do: 'ingest'; accounts: number[] }
  | { do: 'map'; account: number; tenant: number; release: boolean }
  | { do: 'unmap'; account: number; tenant: number }

const account = fc.nat({ max: 2 })
const tenant = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('ingest' as const),
      accounts: fc.array(account, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('map' as const), account, tenant, release: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unmap' as const), account, tenant }) },
)

/** Who does a step: the listener's thread, or another process with a short write, which waits for all before it. */
const steps = fc.array(fc.tuple(step, fc.constantFrom('thread', 'thread', 'thread', 'other')), {
  minLength: 1,
  maxLength: 25,
})

/**
 * What DESIGN §6 says, in the order of the steps: an event goes to whoever owns its account when it arrives, else it
 * waits until a claim releases it to whoever owns the account then.
 */
interface Told {
  delivery: number
  account: number
  tenants: number[] | 'parked'
}

function tell(all: Step[]): Told[] {
  const owners = new Map<number, number[]>()
  const events: Told[] = []
  let deliveries = 0
  for (const one of all) {
    if (one.do === 'ingest') {
      for (const item of one.accounts) {
        const now = owners.get(item) ?? []
        events.push({ delivery: deliveries, account: item, tenants: now.length > 0 ? [...now] : 'parked' })
      }
      deliveries++
      continue
    }
    const now = owners.get(one.account) ?? []
    if (one.do === 'unmap') {
      owners.set(
        one.account,
        now.filter(owner => owner !== one.tenant),
      )
      continue
    }
    const then = now.includes(one.tenant) ? now : [...now, one.tenant]
    owners.set(one.account, then)
    for (const event of one.release ? events : []) {
      if (event.account === one.account && event.tenants === 'parked') event.tenants = [...then]
    }
  }
  return events
}

let run = 0

async function act(stores: { thread: Store; other: Store }, appId: number, all: [Step, string][], prefix: string) {
  const deliveries: Promise<{ seq: number }>[] = []
  let before: Promise<unknown>[] = []
  for (const [one, who] of all) {
    if (who === 'other') await Promise.all(before.splice(0))
    const store = who === 'other' ? stores.other : stores.thread
    let write: Promise<unknown>
    if (one.do === 'ingest') {
      const stored = store.write(
        'ingestDelivery',
        delivery(appId, ...one.accounts.map(realm => ({ realm: `${prefix}${realm}` }))),
      )
      deliveries.push(stored)
      write = stored
    } else if (one.do === 'map') write = claim(store, `${prefix}t${one.tenant}`, `${prefix}${one.account}`, one.release)
    else {
      const mapping = {
        app: 'quickbooks',
        kind: 'realm',
        value: `${prefix}${one.account}`,
        tenant: `${prefix}t${one.tenant}`,
      }
      write = store.write('unmapAccount', mapping).catch((error: { code?: string }) => {
        expect(['no-mapping', 'no-tenant']).toContain(error.code)
      })
    }
    before = [...before, write]
    if (who === 'other') await write
  }
  await Promise.all(before)
  return Promise.all(deliveries)
}

test('an event is parked before a claim and released by it, or resolved after it; none leaks after the account was let go', async () => {
  const thread = await tempStore()
  const other = await tempStore({ home: thread.home, writer: false })
  const app = await addApp(thread)
  await listen(thread, ['3000'])
  const seen = { released: 0, parked: 0 }
  await fc.assert(
    fc.asyncProperty(steps, async all => {
      const prefix = `${++run}-`
      const deliveries = await act({ thread, other }, app.id, all, prefix)
      const told = tell(all.map(([one]) => one))
      for (const [index, { seq }] of deliveries.entries()) {
        const stored = await thread.read('eventsOfDelivery', { deliverySeq: seq })
        const lines = stored.map(event => `${event.account} ${event.tenant ?? event.scope}`)
        const wanted = told
          .filter(event => event.delivery === index)
          .flatMap(event => {
            const names = event.tenants === 'parked' ? ['parked'] : event.tenants.map(one => `${prefix}t${one}`)
            return names.map(name => `${prefix}${event.account} ${name}`)
          })
        expect(lines.toSorted()).toEqual(wanted.toSorted())
        const forwarded = await thread.read('forwardsOfDelivery', { deliverySeq: seq })
        const owned = stored.filter(event => event.tenant !== null)
        const byNumber = (left: number, right: number): number => left - right
        expect(forwarded.flatMap(row => row.eventSeqs).toSorted(byNumber)).toEqual(
          owned.map(event => event.seq).toSorted(byNumber),
        )
        for (const row of forwarded) {
          const tenants = row.eventSeqs.map(one => stored.find(event => event.seq === one)?.tenant)
          expect(new Set(tenants)).toEqual(new Set([row.tenant]))
        }
        seen.released += stored.filter(event => event.releasedAt !== null).length
        seen.parked += stored.filter(event => event.tenant === null).length
      }
    }),
    { numRuns: 120 },
  )
  expect(Math.min(seen.released, seen.parked)).toBeGreaterThan(50)
})

test('what is released goes to the end of the lane, in the order of arrival, and says how old it is', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  await claim(store, 'acme', '1')
  const old = { ...delivery(app.id, { realm: '9' }), receivedAt: 1_000 }
  const parked = [
    await store.write('ingestDelivery', old),
    await store.write('ingestDelivery', delivery(app.id, { realm: '9' })),
  ]
  const live = await store.write('ingestDelivery', delivery(app.id, { realm: '1' }))
  expect(await claim(store, 'acme', '9')).toEqual({ events: 2, deliveries: 2, forwards: 2, oldestAt: 1_000 })
  const open = await store.read('openForwards', { after: 0, limit: 10 })
  const order = await Promise.all(
    open.map(async row => (await store.read('readForward', { seq: row.seq }))?.deliverySeq),
  )
  expect(order).toEqual([live.seq, parked[0]?.seq, parked[1]?.seq])
  expect(await claim(store, 'acme', '9')).toEqual({ events: 0, deliveries: 0, forwards: 0, oldestAt: null })
})

test('without release what is parked stays, and a later claim takes it', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  const { seq } = await store.write('ingestDelivery', delivery(app.id, { realm: '9' }))
  expect(await claim(store, 'acme', '9', false)).toMatchObject({ events: 0 })
  expect((await store.read('eventsOfDelivery', { deliverySeq: seq }))[0]).toMatchObject({
    scope: 'parked',
    tenant: null,
  })
  expect(await claim(store, 'acme', '9')).toMatchObject({ events: 1 })
  const [event] = await store.read('eventsOfDelivery', { deliverySeq: seq })
  expect(event).toMatchObject({ scope: 'tenant', tenant: 'acme', reason: null })
})

test('what is unreadable stays parked, whoever claims what', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  const broken = delivery(app.id, { realm: '' }, { realm: '9' })
  const { seq } = await store.write('ingestDelivery', broken)
  expect(await claim(store, 'acme', '9')).toMatchObject({ events: 1 })
  const events = await store.read('eventsOfDelivery', { deliverySeq: seq })
  expect(events.map(event => [event.tenant, event.reason])).toEqual([
    [null, 'unreadable'],
    ['acme', null],
  ])
})
