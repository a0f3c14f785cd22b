import { expect, onTestFinished, test } from 'vitest'
import type { CaughtUp } from '../../src/app/catch-up.ts'
import { followUps } from '../../src/app/follow-ups.ts'
import type { Feed } from '../../src/core/feed-definition.ts'
import { gmail } from '../../src/providers/gmail.ts'
import { type FeedWorld, openFeedWorld, type ToldListener } from '../helpers/feed-world.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { type CallHolder, holdCalls } from '../helpers/hold-calls.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { appHere } from '../helpers/listener-here.ts'
import { queryFile } from '../helpers/temp-home.ts'

checkLeaks()

const feed = gmail.feeds?.[0] as Feed

interface Tenant {
  world: FeedWorld
  listener: ToldListener
  holder: CallHolder
  ping(): Promise<void>
  pings(): number
  followed(): Promise<unknown[]>
}

/** One tenant whose pings come to a listener in this process, and are read from now on. */
async function oneTenant(): Promise<Tenant> {
  let holder: CallHolder | undefined
  const world = await openFeedWorld(gmail, async base => {
    holder = await holdCalls(gmail, base)
    return holder.base
  })
  const acme = world.companies[0] as FeedWorld['companies'][number]
  const listener = await world.listen()
  await world.tenant('acme', acme)
  await world.whs('activate gmail')
  await expect.poll(() => queryFile(world.home, 'SELECT 1 FROM feed_cursors').length).toBe(1)
  const event = (await world.kinds())[0] as string
  return {
    world,
    listener,
    holder: holder as CallHolder,
    ping: () => world.changes(acme, [event]),
    pings: () => queryFile(world.home, 'SELECT 1 FROM pings').length,
    followed: async () => (await world.events()).filter(({ source }) => source === 'follow-up'),
  }
}

test('one reading at a time: what is pinged while it runs is read after it', async () => {
  const { holder, ping, pings, followed } = await oneTenant()
  const isHeld = holder.hold(feed.call, 'after')
  await ping()
  await isHeld
  // Its answer is made already: what comes now is not in it.
  await ping()
  await ping()
  await expect.poll(pings).toBe(3)
  expect(await followed()).toEqual([])
  holder.letGo()
  await expect.poll(pings).toBe(0)
  expect(await followed()).toHaveLength(3)
})

test('a listener that ends while it reads leaves that to the next one', async () => {
  const { world, listener, holder, ping, pings, followed } = await oneTenant()
  const isHeld = holder.hold(feed.call, 'after')
  await ping()
  await isHeld
  await listener.stop()
  holder.letGo()
  expect(pings()).toBe(1)
  expect(await followed()).toEqual([])
  await world.listen({ port: Number(new URL(listener.session.ready.url).port) })
  await expect.poll(pings).toBe(0)
  expect(await followed()).toHaveLength(1)
})

test('what fails is told once and tried again at pauses that grow, and at once where a connection changes', async () => {
  const { world, listener, ping, pings, followed } = await oneTenant()
  const setState = (state: string): unknown => queryFile(world.home, 'UPDATE connections SET state = ?', state)
  setState('broken')
  await ping()
  await listener.told('gap')
  await listener.stop()
  setState('active')
  const failures = async (): Promise<number> => (await world.control({})).failures.length
  await world.control({ fail: { call: 'api', status: 500, body: {}, times: 3 } })

  const clock = handClock()
  const told: CaughtUp[] = []
  const faults: unknown[] = []
  const app = appHere(world.home, {}, clock.now)
  const following = followUps(app, { clock, onGap: gap => told.push(gap), onFault: error => faults.push(error) })
  onTestFinished(() => following.stop(1_000))
  await expect.poll(failures).toBe(2)
  await expect.poll(() => told.length).toBe(1)
  expect(told).toMatchObject([{ tenant: 'acme', why: 'failed', failure: { code: 'feed-refused' } }])
  clock.advance(9_000)
  expect(await followed()).toEqual([])
  expect(await failures()).toBe(2)
  clock.advance(1_100)
  await expect.poll(failures).toBe(1)
  clock.advance(19_000)
  expect(await followed()).toEqual([])
  expect(await failures()).toBe(1)
  clock.advance(1_100)
  await expect.poll(failures).toBe(0)
  expect(pings()).toBe(1)
  expect(told).toHaveLength(1)
  await world.tenant('globex', world.companies[1] as FeedWorld['companies'][number])
  clock.advance(100)
  await expect.poll(pings).toBe(0)
  expect(await followed()).toHaveLength(1)
  expect([told.length, faults]).toEqual([1, []])
})
