import { expect, test } from 'vitest'
import { type Listening, startListening } from '../helpers/listening.ts'
import { runWhs, startWhs } from '../helpers/program.ts'
import { openRecordWorld } from '../helpers/record-world.ts'
import { gate } from '../helpers/watch-calls.ts'

const invoice = { resourceId: '130' }

function fetched(listening: Listening): Record<string, unknown>[] {
  return listening.records().filter(({ type }) => type === 'record')
}

test('listen --fetch tells the changed thing after its event; events show --fetch gets it anew', async () => {
  const world = await openRecordWorld()
  const home = world.home
  const listening = await startListening(['--fetch', '--forward', new URL(world.handler.url).port], { home })
  await world.changed(0, 'invoice.updated', invoice)
  await listening.waitFor(/"type":"record"/)
  const records = listening.records()
  const event = records.findIndex(({ type }) => type === 'event')
  const record = records.findIndex(({ type }) => type === 'record')
  expect(event).toBeGreaterThanOrEqual(0)
  expect(record).toBeGreaterThan(event)
  expect(records[record]).toMatchObject({
    eventId: records[event]?.id,
    status: 200,
    deleted: false,
    data: { Id: '130' },
    at: expect.stringMatching(/^20/),
  })
  listening.kill('SIGINT')
  expect(await listening.ended).toMatchObject({ code: 130, stderr: '' })
  const shown = await runWhs(['events', 'show', 'last', '--fetch', '--output', 'text'], { home })
  expect([shown.code, shown.stderr]).toEqual([0, ''])
  expect(shown.stdout).toMatch(/record +fetched at \d\d:\d\d:\d\d in .*answered 200/)
  expect(world.calls.seen).toHaveLength(2)
})

test('killed between the event and its thing: the next listener that fetches brings it, once', async () => {
  const world = await openRecordWorld()
  const home = world.home
  const held = gate()
  world.calls.answer = async (_, number) => {
    if (number === 1) await held.opened
    return undefined
  }
  const first = await startListening(['--fetch'], { home })
  await world.changed(0, ['invoice.updated', 'customer.updated'], {})
  await expect.poll(() => world.calls.open, { timeout: 5_000 }).toBe(1)
  first.kill('SIGKILL')
  await first.ended
  held.open()
  expect(world.count('records')).toBe(0)
  const second = await startListening(['--fetch'], { home })
  await expect.poll(() => fetched(second).length, { timeout: 10_000 }).toBe(2)
  second.kill('SIGINT')
  await second.ended
  expect(fetched(second).map(({ status }) => status)).toEqual([200, 200])
  expect(new Set(fetched(second).map(({ eventId }) => eventId)).size).toBe(2)
  expect([world.count('event_records'), world.count('wanted_records')]).toEqual([2, 0])
})

test('in text it is one short line, and only where it was asked for', async () => {
  const world = await openRecordWorld()
  const home = world.home
  const port = ['--tunnel', 'none', '--port', '0', '--output', 'text']
  const listening = startWhs(['listen', '--fetch', ...port], { home })
  await listening.waitFor(/callback URLs/)
  await world.changed(0, 'invoice.updated', invoice)
  const [line] = await listening.waitFor(/.* record .*\n/)
  expect(line.trimEnd()).toMatch(
    /^\d\d:\d\d:\d\d {2}record +quickbooks {2}Invoice 130 {2}[0-9A-Z]{6} {2}fetched in [\d.]+ m?s, \d+ bytes$/,
  )
  listening.kill('SIGINT')
  expect((await listening.ended).code).toBe(130)
})
