import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { prepareHome, startListening } from '../helpers/listening.ts'
import { deliveryOf, openLoad } from '../helpers/load.ts'
import { memoryOf } from '../helpers/memory.ts'
import { type Arrival, openOrderBook } from '../helpers/order-book.ts'
import { sized } from '../helpers/sized.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const perTenant = sized(24, 400)
const mebibyte = 1_048_576
const large = Buffer.alloc(50 * mebibyte, 'a')

/** What the handler does to the events of a tenant, by the tenant's name, until it is well again. */
const manners: Record<string, (response: ServerResponse, arrival: Arrival) => void> = {
  good: response => void response.end(),
  better: response => void response.end(),
  hangs: response => void response.end(),
  slow: response => void setTimeout(() => response.end(), 40),
  resets: (response, { attempt, ids }) =>
    isOdd(ids, 3) && attempt <= 1 ? void response.destroy() : void response.end(),
  fails: (response, { attempt, ids }) => void response.writeHead(isOdd(ids, 5) && attempt <= 1 ? 500 : 200).end(),
  busy: (response, { attempt, ids }) =>
    isOdd(ids, 5) && attempt <= 1 ? void response.writeHead(429, { 'retry-after': '1' }).end() : void response.end(),
  moved: response => void response.writeHead(302, { location: '/elsewhere' }).end(),
  large: response => void response.end(large),
  endless: response => {
    response.flushHeaders()
    const timer = setInterval(() => response.write('more'), 20)
    response.on('close', () => clearInterval(timer))
  },
}
const tenants = [...Object.keys(manners), 'refused']
const accounts = Object.fromEntries(tenants.map((tenant, index) => [tenant, String(index + 1)]))

function isOdd(ids: string[], number: number): boolean {
  return ids.some(id => id.endsWith(`-${number}`))
}

test('handlers of every kind at once: deliveries are answered, nobody waits for another, each tenant keeps its order, all arrives', async () => {
  const home = await prepareHome({ tenants: accounts })
  let isWell = false
  const hanging: ServerResponse[] = []
  const book = await openOrderBook((arrival, response) => {
    if (arrival.tenant === 'hangs' && !isWell) return void hanging.push(response)
    manners[arrival.tenant]?.(response, arrival)
  })
  const absent = await openOrderBook()
  await absent.handler.stop()
  const rules = ['--forward', `tenant=refused,to=${absent.port}`, '--forward', String(book.port)]
  const listening = await startListening(rules, { home })
  const { send } = openLoad(listening.url)
  const memoryBefore = memoryOf(listening.pid)

  const all = (tenant: string): string[] => Array.from({ length: perTenant }, (_, index) => `${tenant}-${index}`)
  const answers: Promise<number>[] = []
  for (let index = 0; index < perTenant; index++) {
    for (const tenant of tenants) {
      answers.push(send(deliveryOf([{ account: String(accounts[tenant]), id: `${tenant}-${index}` }])))
    }
    await Promise.all(answers)
  }
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
  // All were answered, and all others arrive, while the first request of one tenant is still held and another has nobody.
  const others = ['good', 'better', 'slow', 'moved', 'large'].flatMap(all)
  await expect.poll(() => book.has(others), { timeout: 60_000 }).toBe(true)
  expect(hanging).toHaveLength(1)
  expect(absent.arrivals).toEqual([])
  expect(listening.stdout()).toMatch(/"type":"held"/)
  expect(memoryOf(listening.pid) - memoryBefore).toBeLessThan(96 * mebibyte)

  isWell = true
  manners.endless = response => void response.end()
  for (const response of hanging) response.end()
  await absent.handler.start()
  const missing = (): string[] => {
    const came = new Set([...book.arrivals, ...absent.arrivals].flatMap(({ ids }) => ids))
    return tenants.flatMap(all).filter(id => !came.has(id))
  }
  await expect.poll(missing, { timeout: 60_000 }).toEqual([])
  expect(listening.stdout()).toMatch(/"type":"resumed"/)
  for (const tenant of tenants) {
    const { firstTimes } = tenant === 'refused' ? absent : book
    expect(firstTimes(tenant)).toEqual(all(tenant))
  }
  // A redirect is final, one that failed or was asked to wait came again, and nobody else's did.
  await expect.poll(() => book.times('fails-5'), { timeout: 30_000 }).toBe(2)
  const again = tenants.flatMap(all).filter(id => book.times(id) > 1)
  expect(again.filter(id => !/^(busy|fails)-5$|^resets-3$/.test(id))).toEqual([])
  expect(book.times('busy-5')).toBe(2)
  expect(book.times('resets-3')).toBe(2)
  expect(book.most().ofOneTenant).toBe(1)

  listening.kill('SIGINT')
  expect(await listening.ended).toMatchObject({ code: 130 })
  expect(faultsIn(home)).toEqual([])
  expect(storedEvents(home)).toHaveLength(tenants.length * perTenant)
})
