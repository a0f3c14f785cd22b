import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { jsonLines, prepareHome, startListening } from '../helpers/listening.ts'
import { deliveryOf, type Load, openLoad } from '../helpers/load.ts'
import { openOrderBook } from '../helpers/order-book.ts'
import { runWhs } from '../helpers/program.ts'
import { sized } from '../helpers/sized.ts'
import { smallDisks } from '../helpers/small-disk.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const tenants = { acme: '1', globex: '2' }
const letters = 20_000

test('this machine can make a disk small', () => {
  expect(smallDisks.length).toBeGreaterThan(0)
})

test.each(smallDisks)(
  'a full disk (%s): 503, never 2xx; serving again as soon as there is room',
  async (_, makeDisk) => {
    const disk = makeDisk()
    await prepareHome({ tenants, home: disk.home })
    const book = await openOrderBook()
    const listening = await startListening(['--forward', String(book.port)], { home: disk.home }, disk.start)
    const load = openLoad(listening.url)
    const taken: string[] = []
    const refused: string[] = []
    const more = async (many: number): Promise<Set<number>> => {
      const sent = Array.from({ length: many }, (_, index) =>
        sendNext(load, `n${taken.length + refused.length + index}`),
      )
      const answers = await Promise.all(sent)
      for (const { id, status } of answers) (status === 200 ? taken : refused).push(id)
      return new Set(answers.map(({ status }) => status))
    }

    // Less and less fits, until hardly anything does.
    await until(async () => (await more(4)).has(503), 100)
    await until(async () => !(await more(4)).has(200), 100)
    for (let round = 0; round < sized(5, 100); round++) {
      const answers = await more(8)
      expect([...answers].filter(status => status !== 200 && status !== 503)).toEqual([])
      expect(answers).toContain(503)
    }
    expect(listening.stderr() + listening.stdout()).toContain('not-stored')

    disk.makeRoom(listening)
    await until(async () => (await more(1)).has(200), 100)
    expect(await more(40)).toEqual(new Set([200]))
    await expect.poll(() => book.has(taken), { timeout: 40_000 }).toBe(true)
    listening.kill('SIGINT')
    expect(await listening.ended).toMatchObject({ code: 130 })

    expect(faultsIn(disk.home)).toEqual([])
    const stored = storedEvents(disk.home).map(({ providerId }) => providerId)
    expect(new Set(stored)).toEqual(new Set(taken))
    for (const tenant of Object.keys(tenants)) {
      const own = storedEvents(disk.home).filter(one => one.tenant === tenant)
      expect(book.firstTimes(tenant)).toEqual(own.map(({ providerId }) => providerId))
    }
    expect(taken.filter(id => book.times(id) !== 1)).toEqual([])
    const { stdout } = await runWhs(['status'], { home: disk.home })
    expect(jsonLines(stdout)).toMatchObject([{ open: 0 }])
  },
)

async function sendNext(load: Load, id: string): Promise<{ id: string; status: number }> {
  const account = id.endsWith('1') ? tenants.globex : tenants.acme
  const status = await load.send(deliveryOf([{ account, id }], { data: randomBytes(letters / 2).toString('hex') }))
  return { id, status }
}

async function until(isSo: () => Promise<boolean>, times: number): Promise<void> {
  for (let count = 0; count < times; count++) if (await isSo()) return
  throw new Error(`not so after ${times} times`)
}
