import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addApp, answer, claim, delivery, listen } from '../helpers/store-facts.ts'
import { tempHome, tempStore } from '../helpers/temp-home.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'

const day = 86_400_000

/** 40 days ago: 200 large deliveries of acme, one of both tenants, one that is open, one parked; today: one of acme. */
async function filled() {
  const home = tempHome()
  const store = await tempStore({ home, writer: false })
  const { id } = await addApp(store)
  await claim(store, 'acme', '1')
  await claim(store, 'globex', '2')
  const old = Date.now() - 40 * day
  const take = (at: number, ...realms: string[]) =>
    store.write('ingestDelivery', {
      ...delivery(id, ...realms.map(realm => ({ realm, type: `qbo.${'x'.repeat(5_000)}.created.v1` }))),
      receivedAt: at,
    })
  for (let index = 0; index < 200; index++) await take(old, '1')
  const mixed = await take(old, '1', '2')
  await take(old, '9')
  await listen(store, ['3000'])
  const open = await take(old, '1')
  const recent = await take(Date.now(), '1')
  await answer(store, recent.seq, { state: 'done' })
  const whs = (args: string, options: TestIoOptions = {}): Promise<Ran> =>
    runCommand(args.split(' '), { ...options, env: { WHS_HOME: home } })
  const left = async (): Promise<number[]> => {
    const events = await store.read('listEvents', { filter: {}, order: 'oldest', limit: 1_000 })
    return [...new Set(events.map(event => event.deliverySeq))]
  }
  return { home, store, whs, left, mixed: mixed.seq, open: open.seq, recent: recent.seq }
}

test('without a condition it only says what it would free', async () => {
  const { whs, left } = await filled()
  const { code, records } = await whs('prune')
  expect(code).toBe(0)
  expect(records).toMatchObject([
    { type: 'prune', done: false, condition: '--older-than 30d', events: 203, deliveries: 202 },
    { done: false, condition: '--parked', events: 1, deliveries: 1 },
    { done: false, condition: '--rejected', rejected: 0 },
  ])
  expect((await whs('prune', { tty: true })).out).toMatch(
    /^--older-than 30d {4}203 events, 0 rejected requests, 1013 KiB\n/,
  )
  expect(await left()).toHaveLength(204)
})

test('what is old goes, and its room with it; what is open stays', async () => {
  const { home, store, whs, left, open, recent } = await filled()
  const { code, records } = await whs('prune --older-than 30d')
  expect(code).toBe(0)
  expect(records).toMatchObject([{ type: 'prune', done: true, events: 203, deliveries: 202 }])
  expect(await left()).toEqual([open, recent])
  expect(await store.read('countOpen')).toMatchObject({ open: 1 })
  await store.close()
  expect(statSync(join(home, 'whs.db')).size).toBeLessThan(500_000)
})

test('of one tenant alone: a delivery that is others’ too stays for them', async () => {
  const { whs, left, mixed, open } = await filled()
  const [pruned] = (await whs('prune --tenant acme --older-than 30d')).records
  expect(pruned).toMatchObject({ events: 201, deliveries: 200 })
  expect((await left()).slice(0, 1)).toEqual([mixed])
  expect(await left()).toContain(open)
  expect((await whs('prune --tenant acmee')).code).toBe(5)
  expect((await whs('prune --parked')).records).toMatchObject([{ events: 1, deliveries: 1 }])
  expect((await whs('prune --older-than soon')).code).toBe(2)
})
