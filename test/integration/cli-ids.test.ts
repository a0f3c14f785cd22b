import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { queryFile } from '../helpers/temp-home.ts'
import { type Ran, runCommand } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome()
})
const whs = (args: string): Promise<Ran> => runCommand(args.split(' '), { env: { WHS_HOME: home } })
const why = ({ err }: Ran): string => (JSON.parse(err) as { why: string }).why

test('last, last-failed and last-rejected say so where there is none, and name what there is', async () => {
  for (const [id, text] of [
    ['last', 'no event has come yet'],
    ['last-failed', 'no event has failed'],
    ['last-rejected', 'nothing was rejected'],
  ] as const) {
    const ran = await whs(`events show ${id}`)
    expect([ran.code, why(ran)]).toEqual([5, text])
  }
  let status = 400
  const handler = await startHandler(() => status)
  onTestFinished(() => handler.close())
  const { ready } = await listenHere(home, { rules: [parseRule(handler.url)] })
  await deliver(ready.url, cloudEvents(['1']))
  await expect.poll(async () => (await whs('events show last-failed')).code).toBe(0)
  status = 200
  await deliver(ready.url, cloudEvents(['2']))
  await deliver(ready.url, cloudEvents(['1']), 'wrong')
  expect((await whs('events show last-failed')).records[0]).toMatchObject({ tenant: 'acme' })
  const [last] = (await whs('events show last')).records
  expect(last).toMatchObject({ tenant: 'globex' })
  expect((await whs('events show last-rejected')).records[0]).toMatchObject({ type: 'rejected' })
  for (const end of [6, 8, 12]) {
    const [shown] = (await whs(`events show ${String(last?.id).slice(-end).toLowerCase()}`)).records
    expect(shown?.id).toBe(last?.id)
  }
})

test('an end of an id that several have is refused with the candidates', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1', '2']))
  queryFile(home, "UPDATE events SET id = 'evt_01JQ0000000000000000' || seq || 'ZM083'")
  const ran = await whs('events show zm083')
  expect(ran).toMatchObject({ code: 2, out: '' })
  expect(JSON.parse(ran.err)).toMatchObject({
    why: 'evt_01JQ00000000000000002ZM083 (globex, invoice.updated), evt_01JQ00000000000000001ZM083 (acme, invoice.updated)',
    next: 'give more of its letters, such as 2ZM083',
  })
  expect((await whs('events show 2zm083')).records[0]).toMatchObject({ tenant: 'globex' })
  expect((await whs('events show ab')).code).toBe(5)
})

test('events --follow: what is stored since, then live, oldest first, by the filter, as long as somebody reads', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1']))
  await deliver(ready.url, cloudEvents(['2']))
  let seen = ''
  const following = runCommand('events --follow --since 1h --tenant acme'.split(' '), {
    env: { WHS_HOME: home },
    readsLines: 2,
    watch(written) {
      seen = written
    },
  })
  await expect.poll(() => seen, { timeout: 20_000 }).toContain('"tenant":"acme"')
  await deliver(ready.url, cloudEvents(['2', '1']))
  await deliver(ready.url, cloudEvents(['1']))
  const { code, records } = await following
  expect([code, records.map(({ tenant }) => tenant)]).toEqual([0, ['acme', 'acme']])
  expect(new Set(records.map(({ id }) => id)).size).toBe(2)
})

test('events --follow --limit ends by itself', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1', '2', '1']))
  const { code, records } = await whs('events --follow --since 1h --limit 2')
  expect([code, records.map(({ tenant }) => tenant)]).toEqual([0, ['acme', 'globex']])
})
