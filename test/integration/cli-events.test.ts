import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/app/listen.ts'
import { parseRule } from '../../src/core/rule.ts'
import { appHere, listenHere, listenOptions } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome({ tenants: {} })
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { tty: true, ...options, env: { WHS_HOME: home, ...options.env } })

test('a repeat says what became of the first, a filter for nobody who was meant', async () => {
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await whs('tenants map acme --app quickbooks --account 1')
  const { ready } = await listenHere(home, { rules: [parseRule(handler.url)] })
  const body = cloudEvents(['1'])
  await deliver(ready.url, body)
  await handler.count(1)
  await expect.poll(async () => (await whs('events')).out).toContain('→ 200')
  await deliver(ready.url, body)
  expect((await whs('events show last')).out).toMatch(/forwarded +not sent again: the first was answered 200\n/)
  expect((await whs('events --tenant acmee')).out).toMatch(
    /^Nothing fits these filters; 2 events are stored\. There is no tenant acmee: did you mean acme\?\n$/,
  )
  const said = async (filters: string): Promise<string> => (await whs(`events ${filters}`)).out
  expect(await said('--tenant acme --event nothing.*')).toContain('No event nothing.* is known of quickbooks.')
  expect(await said('--event invoce.updated')).toContain('is known of quickbooks: did you mean invoice.updated?')
  expect(await said('--event invoce.*')).toContain('is known of quickbooks: did you mean invoice.*?')
  expect(await said('--event qbo.invoice.deleted.v1')).not.toMatch(/is known|There is no/)
  expect(await said('--event customer.created')).not.toMatch(/is known|There is no/)
  expect(await said('--provider shopify')).toContain('No app of shopify is set up.')
  expect(await said('--provider shopfy')).toContain('There is no provider shopfy: did you mean shopify?')
  expect(await said('--scope parkd --env sandbx')).toMatch(/no environment sandbx: did you mean sandbox\? .*parked\?/)
  expect(await said('--tenant b*')).toContain('There is no tenant b*.')
})

test('columns are straight from the first row on, and the app stands there where it fits', async () => {
  await whs('tenants map a-tenant-of-length --app quickbooks --account 1')
  await whs('tenants map x --app quickbooks --account 2')
  const { ready } = await listenHere(home)
  for (const account of ['1', '2']) await deliver(ready.url, cloudEvents([account]))
  const rows = (await whs('events', { columns: 100 })).out.trimEnd().split('\n')
  expect(rows).toHaveLength(2)
  expect(new Set(rows.map(row => row.indexOf('invoice.updated'))).size).toBe(1)
  expect(rows[0]).toContain('  quickbooks  ')
  expect((await whs('events', { columns: 60 })).out).not.toContain('  quickbooks  ')
})

test('a port that a listener of another data directory has, and a store that is listened to already', async () => {
  const { ready } = await listenHere(home)
  const options = { ...listenOptions(), port: Number(new URL(ready.url).port) }
  await expect(listen(appHere(tempHome()), options, () => undefined)).rejects.toMatchObject({
    code: 'port-taken',
    why: expect.stringContaining('a listener of another data directory (WHS_HOME) has it'),
  })
  await expect(listen(appHere(home), options, () => undefined)).rejects.toMatchObject({
    code: 'listening',
    next: expect.stringMatching(/^whs events --follow /),
  })
})
