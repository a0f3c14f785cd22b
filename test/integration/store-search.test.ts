import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { addApp, claim, namedDelivery } from '../helpers/store-facts.ts'
import { queryFile, tempHome, tempStore } from '../helpers/temp-home.ts'

const many = 6_000

/** A store with so many deliveries of one event each, the bodies as given. */
async function filled(home: string, bodyOf: (index: number) => string | Buffer, count = many): Promise<Store> {
  const store = await tempStore({ home })
  const app = await addApp(store)
  for (const [tenant, account] of [
    ['acme', '1'],
    ['globex', '2'],
  ] as const) {
    await claim(store, tenant, account)
  }
  for (let at = 0; at < count; at += 1_000) {
    const ready = Array.from({ length: Math.min(1_000, count - at) }, (_, index) => {
      const body = Buffer.from(bodyOf(at + index))
      const made = namedDelivery(app.id, [{ accounts: [[`realm:${(at + index) % 2 === 0 ? 1 : 2}`]] }])
      const [item] = made.items
      return { ...made, body, items: item ? [{ ...item, start: 0, length: body.length }] : [] }
    })
    await Promise.all(ready.map(one => store.write('ingestDelivery', one)))
  }
  return store
}

function found(store: Store, search: string): number[] {
  return store
    .readNow('listEvents', { filter: { search }, order: 'newest', limit: 100 })
    .map(({ deliverySeq }) => deliverySeq)
}

test('a search is the same with an index as without, whatever is searched', async () => {
  const home = tempHome()
  const odd = ['Straße ÄÖ', 'a"b"c', 'nul\0behind', '😀😃😄', 'x'.repeat(3), 'NOT OR AND', 'CamelCase']
  const store = await filled(home, index => {
    if (index === 777)
      return Buffer.concat([Buffer.from('cut '), Buffer.from([0xff, 0xc3]), Buffer.from('invalid bytes')])
    return JSON.stringify({ number: `INV-${index}`, note: odd[index % 500] ?? 'usual' })
  })
  const wanted = [
    'INV-4711',
    'nv-47',
    'inv-4711"',
    '-5999',
    '"b\\"c',
    'Straße ÄÖ',
    'straße Äö',
    'aße',
    '😀😃😄',
    'x',
    'xx',
    'behind',
    'NOT OR AND',
    'camelcase',
    'invalid bytes',
    'nowhere to be found',
    '*',
    '"',
    'INV-1 OR INV-2',
    '\\u0000',
    'INV-\0',
  ]
  const before = wanted.map(text => found(store, text))
  expect(store.readNow('fillSearch', { ms: 60_000, make: true })).toBe(true)
  expect(statSync(join(home, 'search.db')).mode & 0o777).toBe(0o600)
  expect(wanted.map(text => found(store, text))).toEqual(before)
  expect(before.filter(seqs => seqs.length > 0).length).toBeGreaterThan(12)
  for (const [index, text] of wanted.entries()) {
    const counted = store.readNow('countEvents', { filter: { search: text } })
    if (counted <= 100) expect(counted).toBe(before[index]?.length)
  }
})

test('what came since is found before it is in the index; the thread takes it in when it is idle', async () => {
  const home = tempHome()
  const store = await filled(home, index => `{"n":${index}}`)
  expect(store.readNow('fillSearch', { ms: 1, make: true })).toBe(false)
  expect(found(store, '"n":3}')).toEqual([4])
  expect(found(store, '"n":5999}')).toEqual([6_000])
  const high = (): number => queryFileOf<{ high: number }>(home, 'SELECT high FROM state')[0]?.high ?? 0
  const app = await store.read('findApp', { name: 'quickbooks' })
  await store.write('ingestDelivery', namedDelivery(app?.id ?? 0, [{ accounts: [['realm:1']] }]))
  await expect.poll(high, { timeout: 40_000 }).toBe(6_001)
})

test('a broken index is thrown away, one of another database is emptied', async () => {
  const home = tempHome()
  const store = await filled(home, index => `{"n":${index}}`)
  store.readNow('fillSearch', { ms: 60_000, make: true })
  await store.close()
  writeFileSync(
    join(home, 'search.db'),
    'this is no database, and long enough to be looked at as if it were one'.repeat(99),
  )
  const again = await tempStore({ home, writer: false })
  expect(found(again, '"n":3}')).toEqual([4])
  expect(existsSync(join(home, 'search.db'))).toBe(false)
  again.readNow('fillSearch', { ms: 60_000, make: true })
  await again.close()
  queryFile(home, "UPDATE meta SET value = 'another' WHERE key = 'id_salt'")
  const other = await tempStore({ home, writer: false })
  expect(found(other, '"n":3}')).toEqual([4])
  expect(queryFileOf<{ high: number }>(home, 'SELECT high FROM state')).toEqual([{ high: 0 }])
})

test('what is forgotten leaves the file, to the byte', async () => {
  const home = tempHome()
  const store = await filled(home, index => `{"n":"${index % 2 === 0 ? 'qzj' : 'usual'}${index}"}`)
  store.readNow('fillSearch', { ms: 60_000, make: true })
  expect(found(store, 'qzj')).toHaveLength(100)
  expect(bytesOf(home)).toContain('qzj')
  await store.write('forgetTenant', { name: 'acme' })
  expect(found(store, 'qzj')).toEqual([])
  expect(bytesOf(home)).not.toContain('qzj')
  store.readNow('fillSearch', { ms: 60_000, make: true })
  expect(bytesOf(home)).not.toContain('qzj')
  expect(found(store, 'usual')).toHaveLength(100)
})

test('in 20,000 events a rare text is found several times faster than by reading them all', async () => {
  const home = tempHome()
  const filler = 'a line of text that a provider might have written '.repeat(20)
  const store = await filled(home, index => JSON.stringify({ filler, id: idOf(index) }), 20_000)
  const took = (): number => {
    const start = performance.now()
    expect(found(store, idOf(10_000).slice(1, 14))).toEqual([10_001])
    return performance.now() - start
  }
  took()
  const without = Math.min(took(), took(), took())
  while (!store.readNow('fillSearch', { ms: 10_000, make: true }));
  took()
  const within = Math.min(took(), took(), took())
  expect(within * 3).toBeLessThan(without)
})

function queryFileOf<T>(home: string, sql: string): T[] {
  const raw = new Database(join(home, 'search.db'))
  try {
    return raw.prepare(sql).all() as T[]
  } finally {
    raw.close()
  }
}

function idOf(index: number): string {
  return createHash('sha256').update(String(index)).digest('hex').slice(0, 16)
}

function bytesOf(home: string): string {
  return ['', '-wal']
    .map(end => join(home, `search.db${end}`))
    .filter(existsSync)
    .map(file => readFileSync(file, 'latin1'))
    .join('')
}
