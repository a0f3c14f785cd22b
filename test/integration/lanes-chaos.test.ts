import { afterEach, expect, test } from 'vitest'
import { startLanes } from '../../src/deliver/lanes.ts'
import { fastClock, openDeliverHome, openHandler } from '../helpers/deliver-home.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The same every time: a linear congruential generator. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return sides => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * sides)
  }
}

test.each([1, 2, 3])(
  'whatever a handler does, first attempts keep their order and everything arrives (seed %i)',
  async seed => {
    const roll = dice(seed)
    const at = await openDeliverHome(fastClock(1_000))
    closing.push(() => at.close())
    const inFlight = new Set<string>()
    const doubled: string[] = []
    let peace = false
    const handler = await openHandler(({ tenant }, response) => {
      if (inFlight.has(tenant)) doubled.push(tenant)
      inFlight.add(tenant)
      response.on('close', () => inFlight.delete(tenant))
      const end = (): void => {
        inFlight.delete(tenant)
        response.end()
      }
      const act = peace ? 0 : roll(8)
      if (act === 1) return void response.destroy()
      if (act === 2) response.writeHead(429, { 'retry-after': '1' })
      if (act === 3) response.statusCode = 503
      if (act === 4) response.statusCode = 500
      if (act === 5) return void setTimeout(end, 3)
      end()
    })
    closing.push(() => handler.stop())
    await at.route(`${handler.port}`)
    let lanes = startLanes({ ...at.deps, onFact: () => undefined })
    closing.push(() => lanes.stop(0))
    const deliveries: number[] = []
    for (let round = 0; round < 60; round++) {
      deliveries.push(await at.deliver(...Array.from({ length: 1 + roll(3) }, () => String(1 + roll(3)))))
      if (round % 20 === 10) await handler.stop()
      if (round % 20 === 15) await handler.start()
      if (round === 30) {
        await lanes.stop(0)
        inFlight.clear()
        lanes = startLanes({ ...at.deps, onFact: () => undefined })
      }
    }
    peace = true
    await expect.poll(() => lanes.open(), { timeout: 30_000 }).toBe(0)
    const forwards = await Promise.all(
      deliveries.map(deliverySeq => at.store.read('forwardsOfDelivery', { deliverySeq })),
    )
    await expect.poll(async () => (await at.store.read('countOpen')).open, { timeout: 10_000 }).toBe(0)
    expect(doubled).toEqual([])
    for (const tenant of ['t1', 't2', 't3']) {
      const seen = handler.seen.filter(one => one.tenant === tenant).map(({ invoices }) => invoices[0] as number)
      const firstTimes = [...new Set(seen)]
      expect(firstTimes).toEqual([...firstTimes].sort((left, right) => left - right))
      expect(firstTimes).toHaveLength(forwards.flat().filter(forward => forward.tenant === tenant).length)
    }
  },
)
