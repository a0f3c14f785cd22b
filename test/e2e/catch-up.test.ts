import { expect, onTestFinished, test } from 'vitest'
import type { Feed } from '../../src/core/feed-definition.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { companiesOf, consent } from '../helpers/cli-world.ts'
import { type CallHolder, holdCalls } from '../helpers/hold-calls.ts'
import { jsonLines, type Listening, startListening } from '../helpers/listening.ts'
import { makeFolder, runWhs, startWhs } from '../helpers/program.ts'
import { type Handler, startHandler } from '../helpers/simulated.ts'

const [acme] = companiesOf(quickbooks)
const feed = quickbooks.feeds?.[0] as Feed

interface Missed {
  home: string
  holder: CallHolder
  handler: Handler
  post(path: string, wish: object): Promise<void>
  listen(more?: string[]): Promise<Listening>
  records(args: string): Promise<Record<string, unknown>[]>
  /** What the provider told, oldest first. */
  stored(): Promise<Record<string, unknown>[]>
}

/** A tenant at a simulator that runs, whose listener is down while three changes are made. */
async function missedChanges(): Promise<Missed> {
  const home = makeFolder()
  const simulator = startWhs(['simulate', '--port', '0', '--output', 'json'], { home })
  const base = String((await simulator.waitFor(/"url":"([^"]+)"/))[1])
  const holder = await holdCalls(quickbooks, base)
  const add = ['app', 'add', 'quickbooks', '--env', 'simulator', '--host', `simulator=${holder.base}`, '--yes']
  expect(await runWhs(add, { home })).toMatchObject({ code: 0 })
  const connect = ['connect', 'quickbooks', '--tenant', 'acme', '--no-open', '--no-activate', '--port', '0']
  const connecting = startWhs([...connect, '--output', 'json'], { home })
  await consent(String((await connecting.waitFor(/(http:\/\/localhost:\d+\/connect\/\S+)/))[1]), [acme?.name ?? ''])
  expect(await connecting.ended).toMatchObject({ code: 0 })

  const handler = await startHandler()
  onTestFinished(() => handler.close())
  const post = async (path: string, wish: object): Promise<void> => {
    const url = `${base}/quickbooks/control${path}`
    expect(await fetch(url, { method: 'POST', body: JSON.stringify(wish) })).toMatchObject({ status: 200 })
  }
  const first = await startListening(['--forward', handler.url], { home })
  const port = new URL(first.url).port
  first.kill('SIGINT')
  expect(await first.ended).toMatchObject({ code: 130 })
  // Three things: of one thing CDC tells how it is now, not each change.
  for (const [index, event] of events.entries()) {
    await post('/change', { account: acme?.name, event, resourceId: String(700 + index) })
  }
  const records = async (args: string): Promise<Record<string, unknown>[]> => {
    const { code, stdout, stderr } = await runWhs([...args.split(' '), '--output', 'json'], { home })
    expect([code, stderr]).toEqual([0, ''])
    return jsonLines(stdout)
  }
  return {
    home,
    holder,
    handler,
    post,
    listen: (more = []) => startListening(['--port', port, '--forward', handler.url, ...more], { home }),
    records,
    stored: async () => (await records('events')).filter(({ source }) => source !== 'lifecycle').reverse(),
  }
}

const events = ['customer.created', 'invoice.created', 'invoice.updated']

test('what was changed while the listener was down comes in order, once; what is delivered later is a repeat', async () => {
  const { handler, post, listen, records, stored } = await missedChanges()
  const listener = await listen(['--catch-up'])
  await listener.waitFor(/"app":null,.*"catchup":\{"places":1/)
  const gaps = listener.records().filter(({ type }) => type === 'gap')
  expect(gaps).toMatchObject([
    { app: 'quickbooks', tenant: 'acme', feed: 'cdc', why: 'stopped', catchup: { events: 3 } },
    { app: null, why: 'stopped', catchup: { places: 1, failed: 0, events: 3 } },
  ])
  await handler.count(3)
  expect(handler.arrived.map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type)).toEqual(events)
  expect(handler.arrived.map(({ headers }) => [headers['whs-source'], headers['whs-tenant']])).toEqual(
    Array.from({ length: 3 }, () => ['catch-up', 'acme']),
  )
  await post('/feeds', { retry: true })
  await listener.waitFor(/("type":"repeat"[^]*){3}/)
  listener.kill('SIGINT')
  expect(await listener.ended).toMatchObject({ code: 130 })
  expect((await stored()).map(({ source, event, repeatOf }) => [source, event, repeatOf !== undefined])).toEqual([
    ...events.map(event => ['catch-up', event, false]),
    ...events.map(event => ['delivery', event, true]),
  ])
  expect(handler.arrived).toHaveLength(3)
  expect((await records('catchup --since 1h')).at(-1)).toMatchObject({ catchup: { events: 0 } })
})

test('Ctrl-C while the API is asked ends with 130 and enters nothing; the next run enters all', async () => {
  const { home, holder, records, stored } = await missedChanges()
  const isHeld = holder.hold(feed.call, 'after')
  const program = startWhs(['catchup', '--output', 'json'], { home })
  await isHeld
  program.kill('SIGINT')
  expect(await program.ended).toMatchObject({ code: 130, stdout: '' })
  holder.letGo()
  expect(await stored()).toEqual([])
  expect((await records('catchup')).at(-1)).toMatchObject({ why: 'stopped', catchup: { events: 3, failed: 0 } })
  expect((await stored()).map(({ event }) => event)).toEqual(events)
})

test('without --catch-up the listener is silent about a gap of seconds, and asks the API for nothing', async () => {
  const { holder, listen, records, stored } = await missedChanges()
  const listener = await listen()
  let isAsked = false
  const noteAsked = async (): Promise<void> => {
    await holder.hold(feed.call, 'before')
    isAsked = true
  }
  void noteAsked()
  expect(await records('status')).toMatchObject([{ listener: { pid: listener.pid } }])
  listener.kill('SIGINT')
  expect(await listener.ended).toMatchObject({ code: 130 })
  expect(listener.records().filter(({ type }) => type === 'gap')).toEqual([])
  expect(isAsked).toBe(false)
  expect(await stored()).toEqual([])
})
