import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
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
  type Seen,
  verifierToken,
} from '../helpers/deliver-home.ts'

let at: DeliverHome
let facts: LaneFact[]
let closing: (() => Promise<unknown>)[]

beforeEach(async () => {
  at = await openDeliverHome(fastClock(100))
  facts = []
  const opened = at
  closing = [() => opened.close()]
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

function run(options: Partial<SendDeps> = {}): Lanes {
  const lanes = startLanes({ ...at.deps, ...options, onFact: fact => facts.push(fact) })
  closing.push(() => lanes.stop(0))
  return lanes
}

async function handler(answer: (seen: Seen, response: ServerResponse) => void): Promise<Handler> {
  const opened = await openHandler(answer)
  closing.push(() => opened.stop())
  return opened
}

const answerOk = (_: Seen, response: ServerResponse): void => void response.end('ok')

/** Every forward that is not open any more, with its state. */
async function states(deliveries: number[]): Promise<string[]> {
  const rows = await Promise.all(deliveries.map(deliverySeq => at.store.read('forwardsOfDelivery', { deliverySeq })))
  return rows.flat().map(({ state }) => state)
}

async function attempts(deliverySeq: number) {
  return at.store.read('attemptsOfDelivery', { deliverySeq })
}

test('each tenant gets its events in order, one at a time, and a tenant that hangs holds nobody else', async () => {
  const inFlight = new Map<string, number>()
  let most = 0
  const { port, seen } = await handler(({ tenant }, response) => {
    if (tenant === 't1') return
    inFlight.set(tenant, (inFlight.get(tenant) ?? 0) + 1)
    most = Math.max(most, ...inFlight.values())
    setTimeout(() => {
      inFlight.set(tenant, (inFlight.get(tenant) ?? 0) - 1)
      response.end()
    }, Math.random() * 5)
  })
  await at.route(`${port}`)
  const lanes = run()
  const deliveries: number[] = []
  for (let round = 0; round < 10; round++) {
    for (const tenant of ['1', '2', '3']) deliveries.push(await at.deliver(tenant))
    lanes.poke()
  }
  await expect.poll(() => seen.filter(({ tenant }) => tenant !== 't1').length).toBe(20)
  expect(seen.filter(({ tenant }) => tenant === 't1')).toHaveLength(1)
  for (const name of ['t2', 't3']) {
    const order = seen.filter(({ tenant }) => tenant === name).flatMap(({ invoices }) => invoices)
    expect(order).toEqual([...order].sort((left, right) => left - right))
  }
  expect(most).toBe(1)
  await expect.poll(() => states(deliveries).then(all => all.filter(state => state === 'done').length)).toBe(20)
  const waiting = facts.find(fact => fact.kind === 'waiting')
  expect(waiting).toMatchObject({ tenant: 't1', withinMs: 3000, company: 'Intuit', sinceMs: 1000 })
})

test('nobody there: everything is held without counting an attempt, and goes out in order when it is back', async () => {
  // Faster, what is refused after ten milliseconds would count as held by somebody who is there.
  at = await openDeliverHome(fastClock(10))
  closing.unshift(() => at.close())
  const target = await handler(answerOk)
  await target.stop()
  await at.route(`localhost:${target.port}/in/{tenant}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1'), await at.deliver('2'), await at.deliver('1')]
  const lanes = run()
  const told = (): LaneFact[] => facts.filter(({ kind }) => kind === 'held' || kind === 'resumed')
  await expect.poll(told).toHaveLength(1)
  expect(told()[0]).toMatchObject({
    target: `http://localhost:${target.port}`,
    why: `127.0.0.1:${target.port} and ::1 refuse: nothing listens`,
    count: 4,
  })
  await target.start()
  await expect.poll(() => lanes.open()).toBe(0)
  expect(told().map(({ kind }) => kind)).toEqual(['held', 'resumed'])
  expect(target.seen.filter(({ tenant }) => tenant === 't1').map(({ invoices }) => invoices[0])).toEqual([1, 2, 4])
  expect(target.seen.every(({ headers }) => headers['whs-attempt'] === '1')).toBe(true)
  await expect.poll(() => states(deliveries)).toEqual(['done', 'done', 'done', 'done'])
  target.seen.length = 0
  await target.stop()
  await at.deliver('3')
  await expect.poll(() => told().map(({ kind }) => kind)).toEqual(['held', 'resumed', 'held'])
})

test('one event that fails is tried again by its own schedule and blocks no other', async () => {
  let failures = 1
  const { port, seen } = await handler(({ invoices }, response) => {
    response.statusCode = invoices[0] === 1 && failures-- > 0 ? 500 : 200
    response.end('duplicate key value')
  })
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1'), await at.deliver('1')]
  run()
  await expect.poll(() => states(deliveries)).toEqual(['done', 'done', 'done'])
  expect(seen.map(({ invoices, headers }) => [invoices[0], headers['whs-attempt']])).toEqual([
    [1, '1'],
    [2, '1'],
    [3, '1'],
    [1, '2'],
  ])
  const [first, second] = await attempts(deliveries[0] as number)
  expect(first).toMatchObject({ number: 1, status: 500, body: Buffer.from('duplicate key value') })
  const pause = (first?.nextAt as number) - (first?.at as number)
  expect(pause).toBeGreaterThanOrEqual(4_500)
  expect(second).toMatchObject({ number: 2, status: 200, nextAt: null })
})

test('a busy target makes the lane wait for as long as it asks, and the order holds', async () => {
  let busy = 1
  const { port, seen } = await handler((_, response) => {
    if (busy-- > 0) response.writeHead(429, { 'retry-after': '7' })
    response.end()
  })
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1')]
  run()
  await expect.poll(() => states(deliveries)).toEqual(['done', 'done'])
  expect(seen.map(({ invoices }) => invoices[0])).toEqual([1, 1, 2])
  const [first] = await attempts(deliveries[0] as number)
  expect((first?.nextAt as number) - (first?.at as number)).toBeGreaterThanOrEqual(7_000)
})

test('a connection that breaks is tried again at once in order; the fourth time the lane goes on without it', async () => {
  const { port, seen } = await handler(({ invoices }, response) => {
    if (invoices[0] === 1 && seen.length <= 5) response.destroy()
    else response.end()
  })
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1')]
  run()
  await expect.poll(() => states(deliveries)).toEqual(['done', 'done'])
  expect(seen.map(({ invoices }) => invoices[0])).toEqual([1, 1, 1, 1, 2, 1])
  expect((await attempts(deliveries[0] as number)).map(({ error }) => error?.split(':')[0])).toEqual([
    'cut',
    'cut',
    'cut',
    'cut',
    undefined,
  ])
})

test('a redirect is final and never followed', async () => {
  const { port, seen } = await handler((_, response) => {
    response.writeHead(302, { location: '/login' }).end()
  })
  await at.route(`${port}`)
  const delivery = await at.deliver('1')
  run()
  await expect.poll(() => states([delivery])).toEqual(['final'])
  expect(seen.map(({ url }) => url)).toEqual(['/'])
  expect((await attempts(delivery))[0]?.hint).toContain('/login')
})

test('an answer without end and one of 50 MB are cut short and count by their status', async () => {
  const { port } = await handler(({ tenant }, response) => {
    response.writeHead(tenant === 't1' ? 200 : 400)
    if (tenant === 't1') return void response.write('first words')
    response.end(Buffer.alloc(50_000_000, 'x'))
  })
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('2')]
  run()
  await expect.poll(() => states(deliveries), { timeout: 10_000 }).toEqual(['done', 'final'])
  expect((await attempts(deliveries[0] as number))[0]?.body?.toString()).toBe('first words')
  expect((await attempts(deliveries[1] as number))[0]?.body).toHaveLength(65_536)
})

test('what was under way when it stopped goes out again with the same ids', async () => {
  let hang = true
  const { port, seen } = await handler((_, response) => {
    if (!hang) response.end()
  })
  await at.route(`${port}`)
  const deliveries = [await at.deliver('1'), await at.deliver('1')]
  const first = run()
  await expect.poll(() => seen.length).toBe(1)
  await first.stop(0)
  expect(await attempts(deliveries[0] as number)).toEqual([])
  hang = false
  const second = run()
  await expect.poll(() => second.open()).toBe(0)
  expect(seen.map(({ invoices }) => invoices[0])).toEqual([1, 1, 2])
  expect(seen[0]?.headers['whs-event-ids']).toBe(seen[1]?.headers['whs-event-ids'])
  expect(seen[0]?.headers['whs-delivery-id']).toBe(seen[1]?.headers['whs-delivery-id'])
  await expect.poll(() => states(deliveries)).toEqual(['done', 'done'])
})

test('every part of a mixed delivery holds only its own tenant, and the handler’s own check of the signature passes', async () => {
  const one = await handler(answerOk)
  const two = await handler(answerOk)
  await at.route(`tenant=t1,to=${one.port}`, `tenant=t2,to=${two.port}`)
  const delivery = await at.deliver('1', '2', '1', '3')
  run()
  await expect.poll(() => states([delivery])).toEqual(['done', 'done'])
  for (const [handler, account, invoices] of [
    [one, '1', [1, 3]],
    [two, '2', [2]],
  ] as const) {
    const [seen] = handler.seen
    expect(seen?.invoices).toEqual(invoices)
    expect((JSON.parse(String(seen?.body)) as { intuitaccountid: string }[]).map(item => item.intuitaccountid)).toEqual(
      invoices.map(() => account),
    )
    const wanted = createHmac('sha256', verifierToken)
      .update(seen?.body as Buffer)
      .digest('base64')
    expect(seen?.headers['intuit-signature']).toBe(wanted)
    expect(seen?.headers['content-length']).toBe(String(seen?.body.length))
  }
  expect(one.seen[0]?.headers['whs-part']).toBe('1/3')
})
