import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Database from 'better-sqlite3'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LaneFact } from '../../src/deliver/lane-fact.ts'
import { type Lanes, startLanes } from '../../src/deliver/lanes.ts'
import type { SendDeps } from '../../src/deliver/send-part.ts'
import {
  type DeliverHome,
  fastClock,
  type Handler,
  openDeliverHome,
  openHandler,
  ownSecret,
  type Seen,
} from '../helpers/deliver-home.ts'
import { handClock } from '../helpers/hand-clock.ts'

let at: DeliverHome
let facts: LaneFact[]
let closing: (() => Promise<unknown>)[]

beforeEach(async () => {
  at = await openDeliverHome(fastClock(100))
  facts = []
  closing = [() => at.close()]
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

function run(options: Partial<SendDeps> = {}): Lanes {
  const lanes = startLanes({ ...at.deps, ...options, onFact: fact => facts.push(fact) })
  closing.push(() => lanes.stop(0))
  return lanes
}

async function handler(answer: Parameters<typeof openHandler>[0]): Promise<Handler> {
  const opened = await openHandler(answer)
  closing.push(() => opened.stop())
  return opened
}

async function states(deliverySeq: number): Promise<string[]> {
  return (await at.store.read('forwardsOfDelivery', { deliverySeq })).map(({ state }) => state)
}

function sql(text: string): void {
  const database = new Database(join(at.home, 'whs.db'), { timeout: 5_000 })
  database.exec(text)
  database.close()
}

test('an answer that cannot be written down is kept and written later, and nothing is sent twice', async () => {
  const { port, seen } = await handler((_, response) => response.end())
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1')]
  sql("CREATE TRIGGER full BEFORE INSERT ON attempts BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END")
  const lanes = run()
  const warnings = (): LaneFact[] => facts.filter(({ kind }) => kind === 'warning')
  await expect.poll(warnings).toMatchObject([{ code: 'not-recorded' }])
  await expect.poll(() => lanes.open()).toBe(0)
  expect(await Promise.all(deliveries.map(states))).toEqual([['open'], ['open']])
  sql('DROP TRIGGER full')
  await expect.poll(() => Promise.all(deliveries.map(states))).toEqual([['done'], ['done']])
  expect(seen).toHaveLength(2)
  expect(warnings()).toHaveLength(1)
})

test('a forward that a replay has closed meanwhile is not sent again', async () => {
  const { port, seen } = await handler((_, response) => {
    response.statusCode = 500
    response.end()
  })
  await at.route(`${port}`)
  const deliverySeq = await at.deliver('1')
  const clock = handClock()
  const lanes = run({ clock })
  await expect.poll(() => at.store.read('attemptsOfDelivery', { deliverySeq })).toHaveLength(1)
  const [first] = await at.store.read('attemptsOfDelivery', { deliverySeq })
  const [forward] = await at.store.read('openForwards', { after: 0, limit: 1 })
  await at.store.write('recordAttempt', {
    forwardSeq: null,
    deliverySeq,
    tenantId: forward?.tenantId ?? null,
    target: forward?.target ?? '',
    eventSeqs: first?.eventSeqs ?? [],
    number: 2,
    at: 1,
    ms: 1,
    status: 200,
    error: null,
    hint: null,
    answerHeaders: null,
    answerBody: null,
    state: 'done',
    busy: 0,
    nextAt: null,
  })
  clock.advance(6_000)
  await expect.poll(() => lanes.open()).toBe(0)
  expect(seen).toHaveLength(1)
  expect(await states(deliverySeq)).toEqual(['done'])
})

test('a retry that was due when whs was not running goes out at the start, one that is absurdly far is pulled in', async () => {
  const { port, seen } = await handler((_, response) => response.end())
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1')]
  const far = Date.now() + 400 * 86_400_000
  sql(`UPDATE forwards SET tries = 1, next_at = CASE delivery_seq WHEN ${deliveries[0]} THEN 5 ELSE ${far} END`)
  const lanes = run()
  await expect.poll(() => lanes.open()).toBe(0)
  expect(seen.map(({ invoices, headers }) => [invoices[0], headers['whs-attempt']])).toEqual([
    [1, '2'],
    [2, '2'],
  ])
})

test('with --deliver event each event goes alone, signed, and only the one that failed goes again', async () => {
  let failures = 1
  const { port, seen } = await handler(({ invoices }, response) => {
    response.statusCode = invoices[0] === 2 && failures-- > 0 ? 500 : 200
    response.end()
  })
  await at.route(`${port}`)
  const delivery = await at.deliver('1', '1', '1', '2')
  run({ deliver: 'event', clock: fastClock(100) })
  await expect.poll(() => states(delivery)).toEqual(['done', 'done'])
  expect(seen.filter(({ tenant }) => tenant === 't1').map(({ invoices }) => invoices[0])).toEqual([1, 2, 3, 2])
  expect(seen.filter(({ tenant }) => tenant === 't2').map(({ invoices }) => invoices[0])).toEqual([4])
  for (const one of seen) {
    const event = new Webhook(ownSecret).verify(one.body, one.headers as Record<string, string>)
    expect(event).toMatchObject({ specversion: '1.0', type: 'invoice.created', whstenant: one.tenant })
    expect(one.headers['whs-event-ids']).toBe((event as { id: string }).id)
  }
})

test('a hundred thousand open forwards are a few megabytes', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const gone = await handler(() => undefined)
  await gone.stop()
  await at.route(`${gone.port}`)
  const seq = await at.deliver('1')
  sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
    INSERT INTO forwards (delivery_seq, tenant_id, target, events, created_at, state, tries, next_at)
    SELECT ${seq}, 1 + i % 9, 'http://127.0.0.1:${gone.port}/', '[1]', 1, 'open', i % 2, iif(i % 2, 1, NULL) FROM n`)
  collect()
  const before = process.memoryUsage().heapUsed
  const lanes = run({ clock: fastClock(1) })
  await expect.poll(() => lanes.open(), { timeout: 20_000 }).toBe(100_000)
  await expect.poll(() => facts.map(({ kind }) => kind)).toContain('held')
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000)
})

test('events that another process releases are found without being told', async () => {
  const { port, seen } = await handler((_: Seen, response) => response.end())
  await at.route(`${port}`)
  const delivery = await at.deliver('77')
  const lanes = run()
  expect(lanes.open()).toBe(0)
  await at.store.write('mapAccount', { app: 'qbo', kind: 'realm', value: '77', tenant: 'late', release: true })
  await expect.poll(() => states(delivery)).toEqual(['done'])
  expect(seen[0]?.tenant).toBe('late')
})
