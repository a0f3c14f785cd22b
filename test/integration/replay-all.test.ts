import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/deliver/clock.ts'
import { replayAll } from '../../src/deliver/replay-all.ts'
import { planReplay } from '../../src/deliver/replay-plan.ts'
import type { ForwardWork } from '../../src/store/forward-ops.ts'
import { type DeliverHome, type Handler, openDeliverHome, openHandler } from '../helpers/deliver-home.ts'

let at: DeliverHome
let closing: (() => Promise<unknown>)[]

beforeEach(async () => {
  at = await openDeliverHome(systemClock)
  closing = [() => at.close()]
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

async function handler(): Promise<Handler> {
  const opened = await openHandler((_, response) => response.end())
  closing.push(() => opened.stop())
  return opened
}

test('many go out together, each tenant’s in order, and every one is written down once', async () => {
  const atOnce: number[] = []
  let open = 0
  const slow = await openHandler((_, response) => {
    atOnce.push(++open)
    setTimeout(() => {
      open--
      response.end()
    }, 2)
  })
  closing.push(() => slow.stop())
  for (let round = 0; round < 60; round++) await at.deliver(...(round % 3 === 0 ? ['1', '2'] : [`${(round % 7) + 1}`]))
  const planned = await planReplay(at.store, { filter: { since: 0 }, to: `http://127.0.0.1:${slow.port}/` })
  const told: number[] = []
  const { nobody } = await replayAll(at.deps, planned.pages(), {}, async sent => {
    for (const { part, attempts } of sent) {
      told.push(...attempts.flatMap(one => one.eventSeqs))
      expect(attempts).toMatchObject([{ status: 200, replay: true, eventIds: part.events.map(({ id }) => id) }])
    }
  })
  expect(nobody).toBeNull()
  expect(Math.max(...atOnce)).toBeGreaterThan(1)
  expect(told.sort((left, right) => left - right)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
  for (let tenant = 1; tenant <= 7; tenant++) {
    const got = slow.seen.filter(one => one.tenant === `t${tenant}`).flatMap(({ invoices }) => invoices)
    expect(got).toEqual([...got].sort((left, right) => left - right))
  }
})

test('large bodies are not read far ahead of what was answered', async () => {
  const held: (() => void)[] = []
  const slow = await openHandler((_, response) => void held.push(() => response.end()))
  closing.push(() => slow.stop())
  const pad = 'x'.repeat(6 * 1_048_576)
  for (let count = 0; count < 24; count++) await at.deliver({ account: '1', pad })
  const planned = await planReplay(at.store, { filter: { since: 0 }, to: `http://127.0.0.1:${slow.port}/` })
  let bytes = 0
  const read: typeof at.store.read = async (name, ...args) => {
    const found = await at.store.read(name, ...args)
    if (name === 'readParts') bytes += (found as ForwardWork[]).reduce((sum, { body }) => sum + body.length, 0)
    return found
  }
  let told = 0
  const deps = { ...at.deps, store: { ...at.store, read } }
  const ended = replayAll(deps, planned.pages(), {}, async sent => void (told += sent.length))
  await expect.poll(() => held.length).toBe(1)
  expect(bytes).toBeLessThan(64 * 1_048_576 + 2 * pad.length)
  while (told < 24) {
    held.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  await ended
  expect(bytes).toBeGreaterThan(24 * pad.length)
})

test('where nobody is there nothing more is sent, and the reason is given', async () => {
  const gone = await handler()
  await gone.stop()
  for (let count = 0; count < 5; count++) await at.deliver('1')
  const planned = await planReplay(at.store, { filter: { since: 0 }, to: `http://127.0.0.1:${gone.port}/` })
  let sent = 0
  const end = await replayAll(at.deps, planned.pages(), {}, async all => void (sent += all.length))
  expect(end.nobody).toBe(`127.0.0.1:${gone.port} refuses: nothing listens`)
  expect(sent).toBe(1)
})

test('a fault while telling ends it, and is the one that is thrown', async () => {
  const { port } = await handler()
  for (let count = 0; count < 5; count++) await at.deliver('1')
  const planned = await planReplay(at.store, { filter: { since: 0 }, to: `http://127.0.0.1:${port}/` })
  const told = replayAll(at.deps, planned.pages(), {}, async () => {
    throw new Error('the reader has gone')
  })
  await expect(told).rejects.toThrow('the reader has gone')
})
