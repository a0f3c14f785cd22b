import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, addHook, claim, listen, namedDelivery, whose } from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

/** What verified an item: the app's secret, the hook of a tenant, or two hooks at once (the key's and the item's). */
type Proof = { of: 'app' } | { of: 'hook'; tenant: number } | { of: 'two'; tenants: [number, number] }
interface Named {
  proof: Proof
  /** Each entry an event; the accounts in one must agree. */
  entries: number[][]
}
type Step =
  | ({ do: 'ingest' } & Named)
  | { do: 'map'; account: number; tenant: number; release: boolean }
  | { do: 'unmap'; account: number; tenant: number }

const account = fc.nat({ max: 3 })
const tenant = fc.nat({ max: 2 })
const proof: fc.Arbitrary<Proof> = fc.oneof(
  fc.constant({ of: 'app' as const }),
  fc.record({ of: fc.constant('hook' as const), tenant }),
  fc.record({ of: fc.constant('two' as const), tenants: fc.tuple(tenant, tenant) }),
)
const entry = fc.uniqueArray(account, { minLength: 1, maxLength: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ingest' as const),
      proof,
      entries: fc.array(entry, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('map' as const), account, tenant, release: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unmap' as const), account, tenant }) },
)

type Reason = 'unknown-account' | 'mismatch'
interface Told {
  delivery: number
  entry: number[]
  bound: number | null
  /** No claim can find it. */
  lost: boolean
  whose: number[] | Reason
}

/** What DESIGN §3 and §6 say, one step after the other. */
function tell(all: Step[]): Told[] {
  const owners = new Map<number, number[]>()
  const events: Told[] = []
  const had = (delivery: number): number[] =>
    events.flatMap(event => (event.delivery === delivery && Array.isArray(event.whose) ? event.whose : []))
  const decide = ({ entry, bound }: Pick<Told, 'entry' | 'bound'>): number[] | Reason => {
    const known = entry.map(one => owners.get(one) ?? []).filter(all => all.length > 0)
    if (known.length === 0) return 'unknown-account'
    const common = (known[0] as number[]).filter(
      one => known.every(all => all.includes(one)) && (bound === null || one === bound),
    )
    return common.length > 0 ? common : 'mismatch'
  }
  const settle = (event: Told): void => {
    const decided = decide(event)
    if (!Array.isArray(decided)) event.whose = decided
    else {
      const given = had(event.delivery)
      event.whose = decided.filter(one => !given.includes(one))
    }
  }
  let deliveries = 0
  for (const one of all) {
    if (one.do === 'ingest') {
      const { proof, entries } = one
      const bound = proof.of === 'app' ? null : proof.of === 'hook' ? proof.tenant : proof.tenants[0]
      if (proof.of === 'two' && proof.tenants[0] !== proof.tenants[1]) {
        events.push({ delivery: deliveries, entry: [], bound, lost: true, whose: 'mismatch' })
      } else {
        for (const entry of entries) {
          const event: Told = { delivery: deliveries, entry, bound, lost: false, whose: 'unknown-account' }
          settle(event)
          events.push(event)
        }
      }
      deliveries++
      continue
    }
    const now = (owners.get(one.account) ?? []).filter(owner => owner !== one.tenant)
    if (one.do === 'unmap') owners.set(one.account, now)
    else {
      if (!owners.get(one.account)?.includes(one.tenant)) owners.set(one.account, [...now, one.tenant])
      if (!one.release) continue
      for (const event of events) {
        if (!event.lost && !Array.isArray(event.whose) && event.entry.includes(one.account)) settle(event)
      }
    }
  }
  return events
}

let run = 0

test('what a hook of a tenant verified is that one’s or nobody’s, whatever it names and whoever claims what', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const hooks = [await addHook(store, 't0'), await addHook(store, 't1'), await addHook(store, 't2')]
  const seen = { mismatch: 0, parked: 0, released: 0, bound: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async all => {
      const prefix = `${++run}-`
      const deliveries: Promise<{ seq: number }>[] = []
      const others: Promise<unknown>[] = []
      for (const one of all) {
        if (one.do === 'ingest') {
          const { proof } = one
          const accounts = one.entries.map(entry => entry.map(value => `realm:${prefix}${value}`))
          const outer = proof.of === 'app' ? null : hooks[proof.of === 'hook' ? proof.tenant : proof.tenants[0]]
          const inner = proof.of === 'two' ? hooks[proof.tenants[1]] : outer
          const input = namedDelivery(app.id, [{ accounts, activation: inner ?? null }], { activation: outer ?? null })
          deliveries.push(store.write('ingestDelivery', input))
        } else if (one.do === 'map') {
          others.push(claim(store, `t${one.tenant}`, `${prefix}${one.account}`, one.release))
        } else {
          const mapping = {
            app: 'quickbooks',
            kind: 'realm',
            value: `${prefix}${one.account}`,
            tenant: `t${one.tenant}`,
          }
          others.push(
            store.write('unmapAccount', mapping).catch((error: { code?: string }) => {
              expect(error.code).toBe('no-mapping')
            }),
          )
        }
      }
      await Promise.all(others)
      const told = tell(all)
      for (const [index, { seq }] of (await Promise.all(deliveries)).entries()) {
        const wanted = told.filter(event => event.delivery === index)
        const lines = wanted.flatMap(event =>
          Array.isArray(event.whose) ? event.whose.map(one => `t${one}`) : [`(${event.whose})`],
        )
        expect((await whose(store, seq)).toSorted()).toEqual(lines.toSorted())
        const stored = await store.read('eventsOfDelivery', { deliverySeq: seq })
        const forwarded = await store.read('forwardsOfDelivery', { deliverySeq: seq })
        const bound = wanted[0]?.bound ?? null
        for (const event of stored) {
          if (bound !== null && event.tenant !== null) expect(event.tenant).toBe(`t${bound}`)
          const rows = forwarded.filter(row => row.eventSeqs.includes(event.seq))
          expect(rows.map(row => row.tenant)).toEqual(event.tenant === null ? [] : [event.tenant])
          if (event.reason === 'mismatch') seen.mismatch++
          if (event.scope === 'parked') seen.parked++
          if (event.releasedAt !== null) seen.released++
          if (event.bound !== null && event.tenant !== null) seen.bound++
        }
      }
    }),
    { numRuns: 200 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(20)
})
