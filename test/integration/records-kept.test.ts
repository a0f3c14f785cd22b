import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { appHere } from '../helpers/listener-here.ts'
import { openRecordWorld } from '../helpers/record-world.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'

checkLeaks()

const invoice = { resourceId: '130' }

test('what was fetched goes with its events: forget and prune leave nothing of it, and count its bytes', async () => {
  const world = await openRecordWorld()
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await world.changed(1, 'customer.updated')
  await expect.poll(() => listener.fetched().length).toBe(2)
  await listener.stop()
  const forgotten = await world.whs('tenants forget acme --confirm acme')
  expect(forgotten.code).toBe(0)
  expect([world.count('records'), world.count('event_records')]).toEqual([1, 1])
  const bytes = queryFile<{ bytes: number }>(
    world.home,
    `SELECT (SELECT sum(length(body) + length(headers)) FROM deliveries) + (SELECT sum(length(body)) FROM records) AS bytes`,
  )[0]?.bytes
  const store = appHere(world.home).store()
  const wish = { filter: {}, events: true, rejected: false }
  expect((await store.read('countPrunable', wish)).bytes).toBe(bytes)
  expect(await store.write('pruneSlice', { ...wish, limit: 100 })).toMatchObject({ bytes, isDone: true })
  expect([world.count('records'), world.count('event_records')]).toEqual([0, 0])
})

test('what was fetched is found, travels in an export, and stands in a backup', async () => {
  const world = await openRecordWorld()
  world.calls.answer = () => ({
    status: 200,
    body: '{"Invoice":{"Id":"130","PrivateNote":"Zitronenfalter"},"time":"unfindable"}',
  })
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await world.changed(0, 'vendor.created')
  await expect.poll(() => listener.fetched().length).toBe(2)
  await listener.stop()
  const found = await world.whs('events --search zitronenFALTER --output json')
  expect(found.records.map(({ event }) => event)).toEqual(['vendor.created', 'invoice.updated'])
  expect((await world.whs('events --search unfindable --output json')).records).toEqual([])

  const out = tempHome()
  const { records } = await world.whs(`events export last --as json --out ${out} --output json`)
  const [exported] = records as unknown as [{ files: string[] }]
  const [facts = '', , thing = ''] = exported.files
  expect(readFileSync(thing, 'utf8')).toContain('Zitronenfalter')
  const { events } = JSON.parse(readFileSync(facts, 'utf8')) as { events: object[] }
  expect(events[0]).toMatchObject({ record: { status: 200, deleted: false, file: basename(thing) } })
  expect(await world.whs(`events import ${facts}`)).toMatchObject({ code: 0 })

  const stdin = 'four words of a passphrase\n'
  const file = join(out, 'all.whs')
  expect(await world.whs(`backup ${file} --secret -`, { stdin })).toMatchObject({ code: 0 })
  const restored = join(tempHome(), 'new')
  expect(await world.whs(`restore ${file} --secret -`, { stdin, env: { WHS_HOME: restored } })).toMatchObject({
    code: 0,
  })
  expect(queryFile(restored, 'SELECT count(*) AS count FROM event_records')).toEqual([{ count: 2 }])
})
