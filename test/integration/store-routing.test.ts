import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Filter, filterTakes } from '../../src/core/filter.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, answer, claim, delivery, forwards, type Item, listen } from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

let store: Store
let app: App

async function begin(...rules: string[]): Promise<void> {
  store = await tempStore()
  app = await addApp(store)
  await listen(store, rules)
  await claim(store, 'acme', '1')
  await claim(store, 'globex', '2')
}

async function take(...items: Item[]): Promise<number> {
  return (await store.write('ingestDelivery', delivery(app.id, ...items))).seq
}

async function restart(...rules: string[]) {
  await listen(store, rules)
  return store.write('rerouteOpen')
}

const invoice: Item = { realm: '1' }
const customer: Item = { realm: '1', type: 'qbo.customer.updated.v1' }

test('a forward is the events of one tenant for one target, by the first rule that takes each', async () => {
  await begin(
    'tenant=acme,event=customer.*,to=3001',
    'copy,tenant=globex,to=3002',
    'tenant=globex,to=3003',
    'event=invoice.*,to=3004',
  )
  const seq = await take(invoice, customer, { realm: '2' }, invoice, { realm: '9' })
  expect(await forwards(store, seq)).toEqual([
    '3004 acme open 0,3',
    '3001 acme open 1',
    '3002 globex open 2',
    '3003 globex open 2',
  ])
})

test('an event that no rule takes, and one that the filter of the listener leaves out, has no forward', async () => {
  await begin('tenant=globex,to=3000')
  expect(await forwards(store, await take(invoice))).toEqual([])
  await listen(store, ['3000'], { event: ['customer.*'] })
  expect(await forwards(store, await take(invoice, customer))).toEqual(['3000 acme open 1'])
  await listen(store, [])
  expect(await forwards(store, await take(invoice))).toEqual([])
})

test('parked events go out only by a rule that asks for them', async () => {
  await begin('3000')
  expect(await forwards(store, await take({ realm: '9' }))).toEqual([])
  await listen(store, ['scope=parked,to=3001', '3000'])
  expect(await forwards(store, await take({ realm: '9' }, invoice))).toEqual(['3001 null open 0', '3000 acme open 1'])
})

test('a new port: what is open goes there, what is done stays done', async () => {
  await begin('3000')
  const [done, open] = [await take(invoice), await take(invoice)]
  await answer(store, done, { state: 'done' })
  expect(await restart('3001')).toMatchObject({ open: 1, untaken: 0 })
  expect(await forwards(store, done)).toEqual(['3000 acme done 0'])
  expect(await forwards(store, open)).toEqual(['3001 acme open 0'])
})

test('the same target keeps its tries and its schedule; a new target begins at once', async () => {
  await begin('copy,to=3000', '3001')
  const seq = await take(invoice)
  await answer(store, seq, { state: 'open', status: 500, number: 4, nextAt: 9_000, busy: 0 }, '3000')
  await answer(store, seq, { state: 'open', status: 503, number: 2, nextAt: null, busy: 2 }, '3001')
  await restart('copy,to=3002', 'to=3001')
  const open = await store.read('openForwards', { after: 0, limit: 10 })
  const shown = open.map(row => [new URL(row.target).port, row.tries, row.busy, row.nextAt])
  shown.sort(([left], [right]) => Number(left) - Number(right))
  expect(shown).toEqual([
    ['3001', 2, 2, null],
    ['3002', 4, 0, null],
  ])
})

test('what no rule takes any more stays open with no target, is counted, and comes back with a rule', async () => {
  await begin('3000')
  const seq = await take(invoice)
  expect(await restart('tenant=globex,to=3000')).toMatchObject({ open: 1, untaken: 1 })
  expect(await forwards(store, seq)).toEqual([' acme open 0'])
  expect(await store.read('openForwards', { after: 0, limit: 10 })).toEqual([])
  expect(await restart('3005')).toMatchObject({ open: 1, untaken: 0 })
  expect(await forwards(store, seq)).toEqual(['3005 acme open 0'])
})

test('rules that divide differently: the open events of a delivery are sorted anew', async () => {
  await begin('3000')
  const seq = await take(invoice, customer, invoice)
  await restart('event=customer.*,to=3001', 'to=3002')
  expect((await forwards(store, seq)).sort()).toEqual(['3001 acme open 1', '3002 acme open 0,2'])
  await restart('3000')
  expect(await forwards(store, seq)).toEqual(['3000 acme open 0,1,2'])
  await restart('copy,to=3000', 'to=3001')
  expect((await forwards(store, seq)).sort()).toEqual(['3000 acme open 0,1,2', '3001 acme open 0,1,2'])
  await restart('event=customer.*,to=3000')
  expect((await forwards(store, seq)).sort()).toEqual([' acme open 0,2', '3000 acme open 1'])
})

test.each(['done', 'failed', 'final'] as const)(
  'a copy that is %s is not sent again because the other one is open',
  async state => {
    await begin('copy,to=3000', '3001')
    const seq = await take(invoice)
    await answer(store, seq, { state, status: state === 'done' ? 200 : 400 }, '3000')
    for (const _start of [1, 2]) {
      await restart('copy,to=3000', '3001')
      expect(await forwards(store, seq)).toEqual([`3000 acme ${state} 0`, '3001 acme open 0'])
    }
  },
)

test('a replay answered 2xx closes the open forward of the same part and target, and nothing else', async () => {
  await begin('copy,to=3000', '3001')
  const seq = await take(invoice, customer)
  const [row] = await store.read('forwardsOfDelivery', { deliverySeq: seq })
  const replay = { forwardSeq: null, eventSeqs: row?.eventSeqs ?? [] }
  await answer(store, seq, { ...replay, status: 500 }, '3000')
  await answer(store, seq, { ...replay, eventSeqs: replay.eventSeqs.slice(1) }, '3000')
  expect(await forwards(store, seq)).toEqual(['3000 acme open 0,1', '3001 acme open 0,1'])
  await answer(store, seq, replay, '3000')
  expect(await forwards(store, seq)).toEqual(['3000 acme done 0,1', '3001 acme open 0,1'])
})

test('a filter says the same in SQL as in words', async () => {
  await begin('3000')
  await claim(store, 'Acme', '3')
  const types = ['qbo.invoice.created.v1', 'qbo.Customer.updated.v1', 'odd_type?[x]']
  for (const realm of ['1', '2', '3', '9']) await take(...types.map(type => ({ realm, type })))
  const events = await store.read('listEvents', { filter: {}, order: 'oldest', limit: 100 })
  const pattern = (...known: string[]): fc.Arbitrary<string[]> => {
    const bent = fc.tuple(fc.constantFrom(...known), fc.nat(), fc.nat()).map(([word, from, gone]) => {
      const at = from % (word.length + 1)
      return `${word.slice(0, at)}*${word.slice(at + (gone % 4))}`
    })
    const one = fc.oneof(
      fc.constantFrom(...known, '*', ''),
      bent,
      fc.constantFrom(...known).map(word => word.toUpperCase()),
    )
    return fc.array(
      fc.oneof(
        one,
        fc.tuple(one, one).map(two => two.join('|')),
      ),
      { maxLength: 2 },
    )
  }
  const filters: fc.Arbitrary<Filter> = fc.record(
    {
      tenant: pattern('acme', 'globex', 'Acme'),
      account: pattern('1', '2', '9'),
      event: pattern('invoice.created', 'customer.updated', ...types),
      resource: pattern('invoice/130', 'Customer/130'),
      scope: pattern('parked', 'tenant'),
      app: pattern('quickbooks'),
      parked: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(filters, async filter => {
      const found = await store.read('listEvents', { filter, order: 'oldest', limit: 100 })
      const wanted = events.filter(event =>
        filterTakes(filter, {
          ...event,
          resource: event.resourceType === null ? null : `${event.resourceType}/${event.resourceId}`,
        }),
      )
      expect(found.map(event => event.seq)).toEqual(wanted.map(event => event.seq))
      expect(await store.read('countEvents', { filter })).toBe(wanted.length)
    }),
    { numRuns: 400 },
  )
})
