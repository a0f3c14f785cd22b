import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startLanes } from '../../src/deliver/lanes.ts'
import { fastClock, openDeliverHome, openHandler } from '../helpers/deliver-home.ts'
import { callbackPath, prepareHome, signature, startListening } from '../helpers/listening.ts'
import { deliveryOf, openLoad } from '../helpers/load.ts'
import { startNgrokEdge } from '../helpers/ngrok-edge.ts'
import { openOrderBook } from '../helpers/order-book.ts'
import { makeFolder, startWhs } from '../helpers/program.ts'
import { sized } from '../helpers/sized.ts'
import { faultsIn } from '../helpers/soundness.ts'

const atOnce = 64
const tenants = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`tenant-${index}`, String(index + 1)]))
const accounts = Object.values(tenants)

test('a machine that slept (SIGSTOP, SIGCONT): what was sent meanwhile and what is due goes out without a stampede', async () => {
  const home = await prepareHome({ tenants })
  const book = await openOrderBook(({ attempt, ids }, response) => {
    const fails = attempt === 1 && ids.some(id => id.startsWith('fails'))
    setTimeout(() => response.writeHead(fails ? 500 : 200).end(), 10)
  })
  const listening = await startListening(['--forward', String(book.port)], { home })
  const { send } = openLoad(listening.url, 200)
  const ids = (prefix: string): string[] => accounts.map(account => `${prefix}-${account}`)
  const sendAll = (prefix: string): Promise<number[]> =>
    Promise.all(accounts.map(account => send(deliveryOf([{ account, id: `${prefix}-${account}` }]))))
  expect(new Set(await sendAll('fails'))).toEqual(new Set([200]))
  await expect.poll(() => book.has(ids('fails')), { timeout: 20_000 }).toBe(true)

  listening.kill('SIGSTOP')
  const meanwhile = sendAll('asleep')
  // Longer than the first pause of a retry, so that all of them are due at once.
  await new Promise(resolve => setTimeout(resolve, sized(6_500, 45_000)))
  listening.kill('SIGCONT')
  expect(new Set(await meanwhile)).toEqual(new Set([200]))
  await expect.poll(() => book.has(ids('asleep')), { timeout: 30_000 }).toBe(true)
  await expect.poll(() => ids('fails').filter(id => book.times(id) !== 2), { timeout: 30_000 }).toEqual([])
  expect(ids('asleep').filter(id => book.times(id) !== 1)).toEqual([])
  expect(book.most().ofOneTenant).toBe(1)
  expect(book.most().together).toBeLessThanOrEqual(atOnce)
  const failed = listening.records().filter(({ type, status }) => type === 'forward' && status === 500)
  expect(failed).toHaveLength(accounts.length)
  for (const { next } of failed) expect(next).toEqual(expect.any(String))
})

test('a clock that jumps hours ahead makes everything due: one request goes first, then more with each answer', async () => {
  const clock = fastClock(1)
  let ahead = 0
  const jumping = { ...clock, now: () => clock.now() + ahead }
  const at = await openDeliverHome(jumping)
  onTestFinished(() => at.close())
  let isBad = true
  let flying = 0
  const mostBeforeAnswers: [answered: number, most: number][] = []
  let answered = 0
  const handler = await openHandler((_, response) => {
    flying++
    if (!isBad) mostBeforeAnswers.push([answered, flying])
    setTimeout(() => {
      flying--
      answered++
      response.writeHead(isBad ? 500 : 200).end()
    }, 5)
  })
  onTestFinished(() => handler.stop())
  // A target URL of each tenant's own: many lanes at one target.
  await at.route(`http://127.0.0.1:${handler.port}/{tenant}`)
  const lanes = startLanes({ ...at.deps, onFact: () => undefined })
  onTestFinished(() => lanes.stop(0))
  const many = 9
  for (let account = 1; account <= many; account++)
    for (let count = 0; count < 5; count++) await at.deliver(`${account}`)
  await expect.poll(() => handler.seen.length, { timeout: 20_000 }).toBe(many * 5)
  await expect.poll(() => flying).toBe(0)
  isBad = false
  answered = 0
  ahead = 2 * 3_600_000
  // The next look at the clocks comes with the next retry that is planned or due.
  await expect.poll(() => lanes.open(), { timeout: 40_000 }).toBe(0)
  expect(handler.seen).toHaveLength(many * 5 * 2)
  for (const [before, most] of mostBeforeAnswers) expect(most).toBeLessThanOrEqual(before + 1)
})

const domain = 'acme-hooks.ngrok.app'
const authtoken = '2abcDEFghiJKLmnoPQRstuVWXyz_1234567890abcdefgh'

test('the tunnel is away for a while: it is said when, and what providers send again afterwards goes out without a stampede', async () => {
  const home = await prepareHome({ tenants })
  const edge = await startNgrokEdge({ authtoken, domains: [domain] })
  onTestFinished(() => edge.close())
  const ca = join(makeFolder(), 'ca.pem')
  writeFileSync(ca, edge.caPem)
  const env = { NGROK_AUTHTOKEN: authtoken, WHS_NGROK_SERVER_ADDR: edge.serverAddr, WHS_NGROK_CA: ca }
  const book = await openOrderBook((_, response) => void setTimeout(() => response.end(), 10))
  const args = ['listen', '--port', '0', '--domain', domain, '--forward', String(book.port), '--output', 'json']
  const listening = startWhs(args, { home, env })
  await listening.waitFor(/"type":"ready"/)
  const bodies = accounts.map(account => deliveryOf([{ account, id: `away-${account}` }]))
  const sendAll = (): Promise<number[]> =>
    Promise.all(
      bodies.map(async body => {
        const headers = { 'intuit-signature': signature(body), 'content-type': 'application/json' }
        const request = { method: 'POST', path: callbackPath, headers, body: Buffer.from(body) }
        return edge.request(domain, request).then(
          ({ status }) => status,
          () => 0,
        )
      }),
    )
  await edge.goDark()
  await listening.waitFor(/"type":"tunnel".*"state":"lost"/)
  expect(new Set(await sendAll())).toEqual(new Set([404]))
  await new Promise(resolve => setTimeout(resolve, sized(0, 60_000)))
  await edge.comeBack()
  await listening.waitFor(/"type":"tunnel".*"state":"up".*"ms":\d+/)
  expect(new Set(await sendAll())).toEqual(new Set([200]))
  await expect.poll(() => book.has(accounts.map(account => `away-${account}`)), { timeout: 30_000 }).toBe(true)
  expect(book.most().ofOneTenant).toBe(1)
  expect(book.most().together).toBeLessThanOrEqual(atOnce)
  expect(faultsIn(home)).toEqual([])
})
