import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Filter } from '../../src/core/filter.ts'
import { makeCounts } from '../../src/inspect/counts.ts'
import { type ListDeps, readPage } from '../../src/inspect/read-list.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { addApp, claim, delivery } from '../helpers/store-facts.ts'

let store: Store
const count = 7_000
const size = 450

beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'whs-large-'))
  store = openStore({ home })
  await store.startWriter()
  const app = await addApp(store)
  await claim(store, 'acme', '1')
  await claim(store, 'rare', '2')
  const keep = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 500) {
      const numbers = Array.from({ length: Math.min(500, to - at) }, (_, index) => at + index)
      await Promise.all(numbers.map(number => store.write('ingestDelivery', deliveryOf(app.id, number))))
    }
  }
  await keep(0, count - 300)
  while (!(await store.read('fillSearch', { ms: 5_000, make: true })));
  // What comes now is not in the index; what is released now is a copy with a late number of an early delivery.
  await keep(count - 300, count)
  await claim(store, 'shared', '3')
  await store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value: '3', tenant: 'shared-too', release: true })
  return async () => {
    await store.close()
    rmSync(home, { recursive: true })
  }
})

/** Most are nobody's; the rest are a large tenant's, a small one's, or wait for two. */
function deliveryOf(appId: number, number: number): ReturnType<typeof delivery> {
  const realm = number % 500 === 7 ? '2' : number % 7 === 3 ? '1' : number % 100 === 9 ? '3' : '9'
  const type = number % 1_000 === 500 ? 'qbo.needle.created.v1' : 'qbo.invoice.created.v1'
  return delivery(appId, { realm, type, id: `id-${number}` })
}

const deps: ListDeps = {
  get store() {
    return store
  },
  definitionOf: () => quickbooks,
  counts: () => makeCounts(store)(),
}

async function pages(
  filter: Filter,
  change: object = {},
  of: ListDeps = deps,
): Promise<{ seqs: number[]; turns: number }> {
  const seqs: number[] = []
  let turns = 0
  let counting = true
  const turn = (): void => {
    turns++
    if (counting) setImmediate(turn)
  }
  setImmediate(turn)
  for (let before: number | null = null; ; ) {
    const wish = { filter, rejected: false, before, after: null, around: null, skip: 0, limit: size, ...change }
    const page = await readPage(of, wish)
    seqs.push(...page.rows.map(({ seq }) => seq))
    if (page.next === null || 'skip' in change) break
    before = page.next
  }
  counting = false
  return { seqs, turns }
}

test.each<[string, Filter]>([
  ['nothing', {}],
  ['a tenant with few', { tenant: ['rare'] }],
  ['a tenant with many', { tenant: ['acme'] }],
  ['more parked than an index names', { parked: true }],
  ['an account', { account: ['2'] }],
  ['a text in the index and behind it', { search: 'needle' }],
  ['a text that most have', { search: 'intuitentityid' }],
  ['a text, and a tenant with copies', { search: '"intuitaccountid":"3"', tenant: ['shared*'] }],
  ['a text that nothing has', { search: 'haystack' }],
])('among %s every event that fits is found, once', async (_, filter) => {
  const wanted = store.readNow('listEvents', { filter, order: 'newest', limit: 100_000 }).map(({ seq }) => seq)
  expect((await pages(filter)).seqs).toEqual(wanted)
  const skip = Math.floor(wanted.length / 3)
  expect((await pages(filter, { skip })).seqs).toEqual(wanted.slice(skip, skip + size))
  const [from] = wanted.slice(-1)
  if (from === undefined) return
  const up = await pages(filter, { skip: 0, after: from })
  expect(up.seqs).toEqual(wanted.slice(-size - 1, -1))
})

test('nothing is looked through at once: slices, between which others go on', async () => {
  const spans: number[] = []
  const watched: Store = {
    ...store,
    readNow(name, ...args) {
      const [place] = args as [{ above?: number; below?: number }?]
      if (name === 'matchEvents') spans.push(Math.min(place?.below ?? 0, count) - (place?.above ?? 0))
      return store.readNow(name, ...args)
    },
  }
  const { seqs, turns } = await pages({ resource: ['nothing/*'] }, {}, { ...deps, store: watched })
  expect(seqs).toEqual([])
  expect(spans.length).toBeGreaterThan(1)
  expect(turns).toBeGreaterThanOrEqual(spans.length)
  expect(spans[0]).toBeLessThanOrEqual(2_000)
  expect(spans.reduce((sum, span) => sum + span, 0)).toBeGreaterThanOrEqual(count)
})
