import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { openRecordWorld } from '../helpers/record-world.ts'
import { queryFile } from '../helpers/temp-home.ts'
import { gate } from '../helpers/watch-calls.ts'

checkLeaks()

const invoice = { resourceId: '130' }

test('a forward never waits for what is fetched: the handler has its event while the API hangs', async () => {
  const world = await openRecordWorld()
  const held = gate()
  world.calls.answer = async () => {
    await held.opened
    return undefined
  }
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await world.handler.count(1)
  await expect.poll(() => world.calls.open).toBe(1)
  await world.changed(0, 'customer.updated')
  await world.handler.count(2)
  expect(listener.fetched()).toEqual([])
  held.open()
  await expect.poll(() => listener.fetched().length).toBe(2)
  expect(listener.fetched().map(({ record }) => [record.status, record.deleted, record.failure])).toEqual([
    [200, false, null],
    [200, false, null],
  ])
  await listener.stop()
})

test('numbers of what was fetched stay as they were written, in the stream and in what is shown', async () => {
  const world = await openRecordWorld()
  world.calls.answer = () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"Invoice":{"Id":"130","Balance":12345678901234567890.10},"time":"x"}',
  })
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await expect.poll(() => listener.fetched().length).toBe(1)
  await listener.stop()
  const thing = '"data":{"Id":"130","Balance":12345678901234567890.10}'
  const { out } = await world.whs('events show last --output json')
  expect(out).toContain(thing)
  expect(out).not.toContain('"time":"x"')
  expect((await world.whs('events --output json')).out).toContain(thing)
  const text = await world.whs('events show last --output text')
  expect(text.out).toMatch(
    /record {6}fetched at \d\d:\d\d:\d\d in [\d.]+ m?s, .*GET \/v3\/company\/\{account\}.* answered 200/,
  )
  expect(text.out).toContain('12345678901234567890.10')
})

test('a burst of events of one thing asks for it once, and once more for what comes meanwhile', async () => {
  const world = await openRecordWorld()
  const held = gate()
  world.calls.answer = async (_, number) => {
    if (number === 1) await held.opened
    return undefined
  }
  const listener = await world.listen()
  await world.changed(
    0,
    Array.from({ length: 10 }, () => 'invoice.updated'),
    invoice,
  )
  await expect.poll(() => world.calls.open).toBe(1)
  await world.changed(0, ['invoice.updated', 'invoice.emailed'], invoice)
  await expect.poll(() => world.count('wanted_records')).toBe(12)
  held.open()
  await expect.poll(() => listener.fetched().length).toBe(12)
  expect(world.calls.seen).toHaveLength(2)
  expect([world.count('records'), world.count('event_records'), world.count('wanted_records')]).toEqual([2, 12, 0])
  await listener.stop()
})

test('a repeat is not fetched, nor what nobody owns, what no rule of the filter takes, or what no API reads', async () => {
  const world = await openRecordWorld()
  const listener = await world.listen({ filter: { tenant: ['acme'] } })
  await world.changed(0, 'invoice.updated', { ...invoice, duplicate: true })
  await world.changed(1, 'invoice.updated')
  await world.change('quickbooks', { event: 'invoice.updated', unknownAccount: true })
  await expect.poll(() => listener.fetched().length).toBe(1)
  await world.changed(0, 'customer.updated')
  await expect.poll(() => listener.fetched().length).toBe(2)
  await listener.stop()
  expect(world.calls.seen.map(({ slots }) => slots.resource)).toEqual(['invoice', 'customer'])
})

test('one connection is asked one thing at a time, and another one is not kept waiting', async () => {
  const world = await openRecordWorld()
  const held = gate()
  const [acme] = world.companies
  world.calls.answer = async ({ slots }) => {
    if (slots.account === acme?.values.realm) await held.opened
    return undefined
  }
  const listener = await world.listen()
  await world.changed(0, ['invoice.updated', 'customer.updated', 'payment.updated'])
  await world.changed(1, ['invoice.updated', 'customer.updated'])
  await expect.poll(() => listener.fetched().filter(({ event }) => event.tenant === 'globex').length).toBe(2)
  expect(world.calls.open).toBe(1)
  held.open()
  await expect.poll(() => listener.fetched().length).toBe(5)
  expect(world.calls.most).toBeLessThanOrEqual(2)
  await listener.stop()
})

test('what a provider that is down does not answer is told once, and asked again', async () => {
  const world = await openRecordWorld()
  let isDown = true
  world.calls.answer = () => (isDown ? { status: 503, body: 'no' } : undefined)
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await expect.poll(() => listener.fetched().length).toBe(1)
  const [first] = listener.fetched()
  expect(first?.record).toMatchObject({ status: null, failure: { code: 'record-busy' }, nextAt: expect.any(Number) })
  world.clock.ahead += 11_000
  const tries = (): unknown => queryFile(world.home, 'SELECT tries FROM wanted_records')
  await expect.poll(tries).toEqual([{ tries: 2 }])
  isDown = false
  world.clock.ahead += 21_000
  await expect.poll(() => listener.fetched().length).toBe(2)
  expect(listener.fetched()[1]?.record).toMatchObject({ status: 200, failure: null })
  expect([world.count('records'), world.count('wanted_records')]).toEqual([1, 0])
  await listener.stop()
})

test('a refusal is told, and not asked for again', async () => {
  const world = await openRecordWorld()
  world.calls.answer = () => ({
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: '{"message":"no scope"}',
  })
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await expect.poll(() => listener.fetched().length).toBe(1)
  expect(listener.fetched()[0]?.record).toMatchObject({
    failure: { code: 'record-refused', why: 'no scope' },
    nextAt: null,
  })
  expect(world.count('wanted_records')).toBe(0)
  await listener.stop()
  const { records } = await world.whs('events show last --output json')
  expect(records[0]).toMatchObject({ record: { error: { code: 'record-refused' }, next: null } })
})

test('a provider that says "later" is waited for as long as it says', async () => {
  const world = await openRecordWorld()
  world.calls.answer = (_, number) => (number === 1 ? { status: 429, headers: { 'retry-after': '1' } } : undefined)
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await expect.poll(() => listener.fetched().length, { timeout: 5_000 }).toBe(1)
  expect(listener.fetched()[0]?.record.failure).toBe(null)
  const [first, second] = world.calls.seen
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(950)
  await listener.stop()
})

test('a broken connection is told with what mends it; when it is mended the thing comes', async () => {
  const world = await openRecordWorld()
  queryFile(world.home, "UPDATE connections SET state = 'broken', why = 'the person left'")
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await expect.poll(() => listener.fetched().length).toBe(1)
  expect(listener.fetched()[0]?.record.failure).toMatchObject({
    code: 'connection-broken',
    next: 'whs connect quickbooks --tenant acme',
  })
  const [acme] = world.companies
  const again = await world.connect('quickbooks', [acme?.name ?? ''], '--tenant acme --no-activate')
  expect(again.code).toBe(0)
  await expect.poll(() => listener.fetched().length, { timeout: 5_000 }).toBe(2)
  expect(listener.fetched()[1]?.record).toMatchObject({ status: 200, failure: null })
  await listener.stop()
})

test('what a listener leaves undone is fetched by the next one that fetches, and by no other', async () => {
  const world = await openRecordWorld()
  const held = gate()
  world.calls.answer = async (_, number) => {
    if (number === 1) await held.opened
    return undefined
  }
  const listener = await world.listen()
  await world.changed(0, 'invoice.updated', invoice)
  await expect.poll(() => world.calls.open).toBe(1)
  await listener.stop()
  held.open()
  expect([world.count('records'), world.count('wanted_records')]).toEqual([0, 1])
  const plain = await world.listen({ fetch: false })
  await world.changed(0, 'customer.updated')
  await world.handler.count(2)
  await plain.stop()
  expect(world.calls.seen).toHaveLength(1)
  const third = await world.listen()
  await expect.poll(() => third.fetched().length).toBe(1)
  await third.stop()
  expect(world.calls.seen.map(({ slots }) => slots.resource)).toEqual(['invoice', 'invoice'])
})
