import type { ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { type Handler, openHandler, type Seen } from './deliver-home.ts'

/** One request as a handler got it. */
export interface Arrival {
  tenant: string
  deliveryId: string
  eventIds: string[]
  /** The provider's own ids. */
  ids: string[]
  attempt: number
}

/** A handler that keeps book of what came, in order. */
export interface OrderBook {
  handler: Handler
  port: number
  arrivals: Arrival[]
  /** The most that were unanswered at once: in all, and of one tenant. */
  most(): { together: number; ofOneTenant: number }
  /** The provider's ids in the order in which each came first. */
  firstTimes(tenant: string): string[]
  /** How often a delivery's part came. */
  times(id: string): number
  /** Whether all of these came. */
  has(ids: Iterable<string>): boolean
}

/** Opens one that is closed after the test. Without `answer` it says 200 at once. */
export async function openOrderBook(
  answer: (arrival: Arrival, response: ServerResponse) => void = (_, response) => void response.end(),
): Promise<OrderBook> {
  const arrivals: Arrival[] = []
  const count = new Map<string, number>()
  const flights = new Map<string, number>()
  const most = { together: 0, ofOneTenant: 0 }
  const handler = await openHandler((seen, response) => {
    const arrival = arrivalOf(seen)
    arrivals.push(arrival)
    for (const id of arrival.ids) count.set(id, (count.get(id) ?? 0) + 1)
    const own = (flights.get(arrival.tenant) ?? 0) + 1
    flights.set(arrival.tenant, own)
    const together = [...flights.values()].reduce((sum, one) => sum + one, 0)
    most.ofOneTenant = Math.max(most.ofOneTenant, own)
    most.together = Math.max(most.together, together)
    const leave = once(() => flights.set(arrival.tenant, (flights.get(arrival.tenant) ?? 1) - 1))
    const writeHead = response.writeHead.bind(response)
    response.writeHead = (...args: [number]) => {
      leave()
      return writeHead(...args)
    }
    response.on('close', leave)
    answer(arrival, response)
  })
  onTestFinished(() => handler.stop())
  return {
    handler,
    port: handler.port,
    arrivals,
    most: () => most,
    firstTimes: tenant => [...new Set(arrivals.filter(one => one.tenant === tenant).flatMap(({ ids }) => ids))],
    times: id => count.get(id) ?? 0,
    has: ids => [...ids].every(id => count.has(id)),
  }
}

function once(run: () => void): () => void {
  let done = false
  return () => {
    if (!done) run()
    done = true
  }
}

function arrivalOf({ tenant, headers, body }: Seen): Arrival {
  const items = JSON.parse(body.toString()) as { id: string }[]
  return {
    tenant,
    deliveryId: String(headers['whs-delivery-id']),
    eventIds: String(headers['whs-event-ids']).split(/,\s*/),
    ids: items.map(({ id }) => id),
    attempt: Number(headers['whs-attempt']),
  }
}
