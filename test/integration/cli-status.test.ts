import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { startHandler, startSimulated } from '../helpers/simulated.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome({ tenants: {} })
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, ...options.env } })

test('without a listener: one object, and how to begin', async () => {
  const { code, records } = await whs('status')
  expect(code).toBe(0)
  expect(records).toHaveLength(1)
  expect(records[0]).toMatchObject({
    type: 'status',
    listener: null,
    url: null,
    callbacks: {},
    open: 0,
    untaken: 0,
    failed: 0,
    parked: [],
    ignored: [],
    simulators: [],
    apps: [{ name: 'quickbooks' }],
  })
  const text = await whs('status', { tty: true })
  expect(text.out).toMatch(/^nobody listens {3}whs listen\n\nquickbooks {2}QuickBooks Online sandbox, 0 tenants\n/)
  expect(text.out).toContain('open     nothing waits')
})

test('with a listener: who, where, by which rules, and what to paste where', async () => {
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  const { ready } = await listenHere(home, { rules: [parseRule(handler.url)] })
  const { records } = await whs('status')
  const callback = `${ready.url}/hooks/quickbooks`
  expect(records[0]).toMatchObject({
    listener: {
      pid: process.pid,
      port: Number(new URL(ready.url).port),
      tunnel: 'none',
      rules: [handler.url],
      inLanes: 0,
    },
    url: ready.url,
    callbacks: { quickbooks: callback },
  })
  const text = await whs('status', { tty: true })
  expect(text.out).toMatch(new RegExp(`^listening {2}${ready.url} {2}process ${process.pid}, since `))
  expect(text.out).toContain(
    `  Endpoint URL: ${callback}\n  paste it at My Hub > App dashboard > your app > Webhooks\n`,
  )
})

test('what waits, what failed and what is parked is counted, with the command that helps', async () => {
  const handler = await startHandler(() => 400)
  onTestFinished(() => handler.close())
  await whs('tenants map acme --app quickbooks --account 1')
  await whs('tenants map globex --app quickbooks --account 2')
  const rules = [parseRule(`tenant=acme,to=${handler.url}`), parseRule('tenant=globex,to=127.0.0.1:9')]
  const session = await listenHere(home, { rules })
  for (const account of ['1', '2', '9999']) await deliver(session.ready.url, cloudEvents([account]))
  await handler.count(1)
  await session.stop('enough')
  const { records } = await whs('status')
  expect(records[0]).toMatchObject({
    listener: null,
    open: 1,
    failed: 1,
    parked: [{ app: 'quickbooks', account: '9999', events: 1, reason: 'unknown-account' }],
  })
  const text = await whs('status', { tty: true })
  expect(text.out).toMatch(/open {5}1 forward waits, the oldest .* old; they go out with whs listen --forward <target>/)
  expect(text.out).toContain('failed   1 forward, not tried any more: whs events --failed')
  expect(text.out).toContain('quickbooks: 1 event since')
  expect(text.out).toContain(
    'realmId 9999 is nobody’s\n  claim it: whs tenants map <tenant> --app quickbooks --account 9999',
  )
})

test('a simulator that runs, that has forgotten, and that is gone', async () => {
  const simulator = await startSimulated()
  await whs(`app add quickbooks --app sim --env simulator --host simulator=${simulator.base}`)
  expect((await whs('status')).records[0]).toMatchObject({
    simulators: [{ base: simulator.base, apps: ['sim'], state: 'runs' }],
  })
  await whs('app set sim --client-id other')
  expect((await whs('status')).records[0]).toMatchObject({ simulators: [{ state: 'unknown-app' }] })
  await simulator.close()
  const text = await whs('status', { tty: true })
  expect(text.out).toContain(`simulator  does not run at ${simulator.base} (sim): whs simulate`)
})

test('colours only where they are wanted', async () => {
  expect((await whs('status', { tty: true, color: true })).out).toContain('\u001b[')
  expect((await whs('status', { tty: true })).out).not.toContain('\u001b')
})
