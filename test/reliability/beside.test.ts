import { expect, test } from 'vitest'
import { jsonLines, prepareHome, signature, startListening } from '../helpers/listening.ts'
import { deliveryOf, inParallel, openLoad } from '../helpers/load.ts'
import { openOrderBook } from '../helpers/order-book.ts'
import { runWhs, startWhs } from '../helpers/program.ts'
import { globex as account } from '../helpers/simulated.ts'
import { mustRun, openSimulatedApp } from '../helpers/simulated-app.ts'
import { sized } from '../helpers/sized.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const rounds = sized(1, 25)

test('beside a listener under load every command works, none hears of a busy file, and a second listener is told who holds the store', async () => {
  const { home, webhookSecret, connect } = await openSimulatedApp()
  await mustRun(['tenants', 'map', 'acme', '--app', 'quickbooks', '--account', '1'], home)
  const book = await openOrderBook()
  const listening = await startListening(['--forward', String(book.port)], { home })
  const { send } = openLoad(listening.url)
  const answers: number[] = []
  const sent: string[] = []
  let isOver = false
  const sending = inParallel(2, async () => {
    const id = `n${sent.length}`
    sent.push(id)
    const body = deliveryOf([{ account: '1', id }])
    answers.push(await send(body, signature(body, webhookSecret)))
    await new Promise(resolve => setTimeout(resolve, 4))
    return !isOver
  })
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThan(50)

  const reads = async (): Promise<void> => {
    expect(jsonLines(await mustRun(['events', '--limit', '500'], home)).length).toBeGreaterThan(50)
    await mustRun(['events', '--tenant', 'acme', '--since', '1m', '--failed'], home)
    const [status] = jsonLines(await mustRun(['status'], home))
    expect(status).toMatchObject({ listener: { pid: listening.pid } })
  }
  const writes = async (): Promise<void> => {
    const [event] = jsonLines(await mustRun(['events', '--limit', '1'], home))
    const replayed = jsonLines(await mustRun(['replay', String(event?.id)], home))
    expect(replayed).toMatchObject([{ type: 'event' }, { type: 'forward', status: 200 }])
    const triggered = jsonLines(await mustRun(['trigger', 'quickbooks', '--tenant', 'acme'], home))
    expect(triggered.at(-1)).toMatchObject({ type: 'forward', status: 200 })
    await connect('globex', account)
  }
  const second = async (): Promise<void> => {
    const { code, stderr } = await runWhs(['listen', '--tunnel', 'none', '--port', '0'], { home })
    expect([code, stderr]).toEqual([7, expect.stringContaining(`process ${listening.pid} listens at ${listening.url}`)])
  }
  for (let round = 0; round < rounds; round++) await Promise.all([reads(), writes(), second()])
  isOver = true
  await sending
  expect(answers.filter(status => status !== 200)).toEqual([])
  expect(listening.stderr() + listening.stdout()).not.toMatch(/busy|locked/i)
  await expect.poll(() => book.has(sent), { timeout: 30_000 }).toBe(true)
  expect(storedEvents(home).filter(({ providerId }) => sent.includes(providerId))).toHaveLength(sent.length)
  expect(faultsIn(home)).toEqual([])
})

test('of several listeners that start at once one listens, and the others are told so', async () => {
  const home = await prepareHome()
  const starting = Array.from({ length: 4 }, () => startWhs(['listen', '--tunnel', 'none', '--port', '0'], { home }))
  const ended = starting.map(({ ended: end }) => end.then(({ code }) => code))
  const codes: (number | null)[] = []
  for (const end of ended) void end.then(code => codes.push(code))
  await expect.poll(() => codes, { timeout: 40_000 }).toEqual([7, 7, 7])
  const ready = (): typeof starting => starting.filter(({ stdout }) => stdout().includes('"type":"ready"'))
  await expect.poll(() => ready().length, { timeout: 40_000 }).toBe(1)
  ready()[0]?.kill('SIGINT')
  await Promise.all(ended)
  expect(codes.at(-1)).toBe(130)
})
