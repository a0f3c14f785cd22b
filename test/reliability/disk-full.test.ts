import { randomBytes } from 'node:crypto'
import { readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cloudEvents, deliver, jsonLines, prepareHome, startListening } from '../helpers/listening.ts'
import { deliveryOf, type Load, openLoad } from '../helpers/load.ts'
import { openOrderBook } from '../helpers/order-book.ts'
import { runWhs } from '../helpers/program.ts'
import { sized } from '../helpers/sized.ts'
import { smallDisks } from '../helpers/small-disk.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const tenants = { acme: '1', globex: '2' }
const letters = 20_000
const mebibyte = 1_048_576

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

test.each(smallDisks)('a log on a full disk (%s): one warning, and the session goes on', async (_, makeDisk) => {
  const disk = makeDisk()
  const log = join(disk.home, 'log')
  const room = 400
  writeFileSync(log, `${'{"type":"older"}\n'.repeat(70_000).slice(0, mebibyte - room - 1)}\n`)
  fill(disk.home)
  const home = await prepareHome({ tenants })
  const listening = await startListening(['--log', log], { home }, disk.start)
  for (const id of ['1', '2', '3']) await deliver(listening.url, cloudEvents([tenants.acme], { id }))
  await listening.waitFor(/"type":"warning".*the log lacks/)
  await expect.poll(() => listening.records().filter(({ type }) => type === 'event').length).toBe(3)
  disk.makeRoom(listening)
  await deliver(listening.url, cloudEvents([tenants.globex]))
  await listening.waitFor(/"tenant":"globex"/)
  listening.kill('SIGINT')
  expect(await listening.ended).toMatchObject({ code: 130 })
  const records = listening.records()
  expect(records.filter(({ type }) => type === 'warning')).toHaveLength(1)
  expect(records.filter(({ type }) => type === 'event')).toHaveLength(4)
  const kept = jsonLines(readFileSync(log, 'utf8').slice(mebibyte - room))
  expect(kept.filter(({ type }) => type === 'event').map(({ tenant }) => tenant)).toEqual(['globex'])
  expect(kept.at(-1)).toMatchObject({ type: 'end' })
})

/** Takes what room is left on a small file system; of a large one, nothing. */
function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < 8 * mebibyte) writeFileSync(join(folder, 'rest'), Buffer.alloc(bavail * bsize))
}

async function sendNext(load: Load, id: string): Promise<{ id: string; status: number }> {
  const account = id.endsWith('1') ? tenants.globex : tenants.acme
  const status = await load.send(deliveryOf([{ account, id }], { data: randomBytes(letters / 2).toString('hex') }))
  return { id, status }
}

async function until(isSo: () => Promise<boolean>, times: number): Promise<void> {
  for (let count = 0; count < times; count++) if (await isSo()) return
  throw new Error(`not so after ${times} times`)
}
