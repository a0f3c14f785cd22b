import { makeRequests } from './deliveries.ts'
import { obeyOrders } from './feeder.ts'
import { openLine } from './http-line.ts'

/**
 * Feeds `whs` as providers do, by HTTP. Every tenant has a connection of its own with one delivery in flight, so that the
 * order of sending is the order of arrival.
 */
const [port = '', path = '', tenants = '1'] = process.argv.slice(2)
const lanes = await Promise.all(
  Array.from({ length: Number(tenants) }, async () => ({
    line: await openLine(Number(port)),
    queue: [] as Buffer[],
    next: 0,
    isBusy: false,
  })),
)

const pump = obeyOrders({
  prepare(batch) {
    for (const lane of lanes) Object.assign(lane, { queue: [], next: 0 })
    const { first = 0 } = batch
    for (const [at, request] of makeRequests(batch, path).entries()) {
      lanes[(first + at) % lanes.length]?.queue.push(request)
    }
  },
  pump(mayGo) {
    for (const lane of lanes) {
      const request = lane.queue[lane.next]
      if (lane.isBusy || !request) continue
      if (!mayGo()) return
      lane.isBusy = true
      lane.next++
      lane.line.send(request, status => {
        if (status < 200 || status > 299) throw new Error(`answered ${status}`)
        lane.isBusy = false
        pump()
      })
    }
  },
})
process.send?.({ connected: true })
