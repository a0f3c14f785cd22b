import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startChild } from '../helpers/child.ts'
import { checkLeaks, heldOpen, leaked } from '../helpers/leak-check.ts'
import { addApp, claim, delivery, listen } from '../helpers/store-facts.ts'
import { queryFile, tempHome, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

test('the leak check sees a store that is left open, and one that is closed', async () => {
  const before = heldOpen()
  const store = await tempStore({ writer: false })
  expect(process.platform !== 'linux' || leaked(before, heldOpen()).length > 0).toBe(true)
  await store.close()
  expect(leaked(before, heldOpen())).toEqual([])
})

test('writes of one turn are one commit: many cost hardly more room in the log than one', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  const wal = (): number => statSync(join(store.home, 'whs.db-wal')).size
  const grown = async (act: () => Promise<unknown>): Promise<number> => {
    const before = wal()
    await act()
    return wal() - before
  }
  const alone = await grown(async () => {
    for (let index = 0; index < 40; index++) await store.write('ingestDelivery', delivery(app.id, { realm: '1' }))
  })
  const together = await grown(() =>
    Promise.all(Array.from({ length: 40 }, () => store.write('ingestDelivery', delivery(app.id, { realm: '1' })))),
  )
  expect(together).toBeLessThan(alone / 4)
  expect(await store.read('countEvents', { filter: {} })).toBe(80)
})

test('order is the order of the calls, and a resolved write is seen by every reader', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  const other = await tempStore({ home: store.home, writer: false })
  const all = Array.from({ length: 30 }, async (_, index) => {
    const { seq } = await store.write('ingestDelivery', delivery(app.id, { realm: '1', id: `n${index}` }))
    const [event] = await other.read('eventsOfDelivery', { deliverySeq: seq })
    return [seq, event?.providerEventId] as const
  })
  const stored = await Promise.all(all)
  expect(stored.map(([, id]) => id)).toEqual(Array.from({ length: 30 }, (_, index) => `n${index}`))
  expect(stored.map(([seq]) => seq)).toEqual(stored.map(([seq]) => seq).sort((left, right) => left - right))
})

test('a bad write of a group fails alone, and nothing of it stays: no row, no account, nothing remembered', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const bad = delivery(app.id, { realm: '7' }, { realm: '8' })
  const [, second] = bad.items as [unknown, { start: number | null }]
  second.start = null
  const results = await Promise.allSettled([
    store.write('ingestDelivery', delivery(app.id, { realm: '6' })),
    store.write('ingestDelivery', bad),
    store.write('mapAccount', { app: 'nowhere', kind: 'realm', value: '6', tenant: 'acme', release: true }),
    store.write('ingestDelivery', delivery(app.id, { realm: '7' })),
    claim(store, 'acme', '7'),
  ])
  expect(results.map(result => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled'])
  expect(results[1]).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_NOTNULL' } })
  expect(results[2]).toMatchObject({
    reason: { name: 'WhsError', code: 'no-app', exit: 3, next: 'whs app add nowhere' },
  })
  expect(results[4]).toMatchObject({ value: { events: 1, forwards: 1 } })
  const events = await store.read('listEvents', { filter: {}, order: 'oldest', limit: 10 })
  expect(events.map(event => [event.account, event.tenant])).toEqual([
    ['6', null],
    ['7', 'acme'],
  ])
  expect(queryFile(store.home, 'SELECT value FROM accounts ORDER BY value')).toEqual([{ value: '6' }, { value: '7' }])
  expect(queryFile(store.home, 'SELECT count(*) AS count FROM deliveries')).toEqual([{ count: 2 }])
})

test('a commit that fails fails its whole group, in words; nothing acknowledged is lost', {
  timeout: 60_000,
}, async () => {
  const home = tempHome()
  const store = await tempStore({ home, writer: false })
  const app = await addApp(store)
  await store.close()
  const child = startChild('store-child.ts', ['burst', home, String(app.id), '1'], 600)
  const { how, stderr } = await child.ended
  expect([how, stderr]).toEqual([0, ''])
  const failed = child.lines.filter(line => line.startsWith('failed'))
  const acknowledged = child.lines.filter(line => /^\d/.test(line))
  expect(failed).toHaveLength(50)
  expect(failed[0]).toMatch(/^failed \d+-0 SQLITE_(FULL|IOERR)/)
  expect(acknowledged.length).toBeGreaterThan(0)
  const stored = queryFile<{ id: string }>(home, 'SELECT provider_event_id AS id FROM events ORDER BY seq')
  expect(stored.map(row => row.id)).toEqual(acknowledged)
  expect(queryFile(home, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
})

test('writes after the end, and those that were waiting for a thread that died, are refused, never left hanging', async () => {
  const store = await tempStore()
  const app = await addApp(store)
  const late = store.write('ingestDelivery', delivery(app.id, { realm: '1' }))
  await store.close()
  expect(await late).toMatchObject({ events: 1 })
  await expect(store.write('ingestDelivery', delivery(app.id, { realm: '1' }))).rejects.toThrow(
    'writer thread has ended',
  )
})

test('killed in the middle of a burst, five times: everything acknowledged is there, and the file is sound', {
  timeout: 90_000,
}, async () => {
  const home = tempHome()
  const store = await tempStore({ home, writer: false })
  const app = await addApp(store)
  await store.close()
  for (let round = 0; round < 5; round++) {
    const child = startChild('store-child.ts', ['burst', home, String(app.id), `realm-${round}`])
    await child.waitForLines(100 + round * 137)
    child.kill('SIGKILL')
    expect((await child.ended).how).toBe('SIGKILL')
    const rows = queryFile<{ id: string }>(
      home,
      'SELECT e.provider_event_id AS id FROM events e JOIN accounts a ON a.id = e.account_id WHERE a.value = ?',
      `realm-${round}`,
    )
    const stored = new Set(rows.map(row => row.id))
    expect(child.lines.filter(id => !stored.has(id))).toEqual([])
    expect(queryFile(home, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    const orphans = 'SELECT count(*) AS count FROM deliveries WHERE seq NOT IN (SELECT delivery_seq FROM events)'
    expect(queryFile(home, orphans)).toEqual([{ count: 0 }])
  }
})

test('two processes write: the listener streams, another claims and lets go; nobody hears of a busy file', {
  timeout: 60_000,
}, async () => {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  const child = startChild('store-child.ts', ['map', store.home, '40'])
  let over = false
  const end = child.ended.then(ended => {
    over = true
    return ended
  })
  let sent = 0
  while (!over || sent === 0) {
    await Promise.all(
      Array.from({ length: 20 }, () => store.write('ingestDelivery', delivery(app.id, { realm: '1' }, { realm: '2' }))),
    )
    sent += 20
  }
  expect(await end).toEqual({ how: 0, stderr: '' })
  expect(child.lines.at(-1)).toBe('closed')
  const count = (filter: object): Promise<number> => store.read('countEvents', { filter })
  expect(await count({ account: ['1'], tenant: ['acme'] })).toBe(sent)
  expect(await count({ account: ['2'], parked: true })).toBe(sent)
  const forwards = queryFile<{ count: number }>(store.home, 'SELECT count(*) AS count FROM forwards')
  expect(forwards).toEqual([{ count: sent }])
  const twice = `SELECT count(*) AS count FROM (SELECT j.value FROM forwards f, json_each(f.events) j GROUP BY j.value HAVING count(*) > 1)`
  expect(queryFile(store.home, twice)).toEqual([{ count: 0 }])
})
