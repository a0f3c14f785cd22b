import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { nodeCheck } from '../../src/app/doctor-machine.ts'
import { openDoor } from '../../src/net/door.ts'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, signature, token } from '../helpers/listening.ts'
import { startSimulated } from '../helpers/simulated.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) => {
  const env = { WHS_HOME: home, WHS_PORT: '0', NGROK_AUTHTOKEN: 'not-a-real-one', ...options.env }
  return runCommand(args.split(' '), { ...options, env })
}
const doctor = async (options: TestIoOptions = {}) => {
  const { code, records } = await whs('doctor', options)
  return { code, checks: records, named: (name: string) => records.filter(record => record.name === name) }
}
const addApp = (secrets: Record<string, string>, changes: object = {}) => {
  const app = { name: 'quickbooks', provider: 'quickbooks', env: 'sandbox' as const, clientId: 'id', hosts: {} }
  return appHere(home)
    .store()
    .write('addApp', { ...app, settings: {}, secrets, ...changes })
}

test('a fresh machine: no fault, and what to do first', async () => {
  const { code, checks, named } = await doctor()
  expect(code).toBe(0)
  const passed = ['version', 'node', 'clock', 'disk', 'data directory', 'key', 'database', 'port', 'tunnel', 'open']
  for (const name of passed) expect(named(name)).toMatchObject([{ type: 'check', level: 'ok', fix: null }])
  expect(named('apps')).toMatchObject([{ level: 'warning', fix: 'whs providers, then whs setup <provider>' }])
  expect(checks).toHaveLength(passed.length + 1)
  const text = await whs('doctor', { tty: true })
  expect(text.out).toMatch(/^ok {7}version {11}whs 0\.0\.0\n/)
  expect(text.out).toMatch(/warning {2}apps .*\n {27}whs providers, then whs setup <provider>\n/)
  expect(text.out).toMatch(/10 ok, 1 warning, 0 faults\n$/)
})

test.each([
  ['20.19.0', 'ok'],
  ['20.18.3', 'fault'],
  ['18.20.0', 'fault'],
  ['22.1.0', 'ok'],
])('Node %s is %s', (version, level) => {
  expect(nodeCheck(version).level).toBe(level)
})

test('a secret that cannot be read is named, with what to type, by doctor and by status', async () => {
  await addApp({ client: 'c', webhook: token })
  queryFile(home, "UPDATE secrets SET value_sealed = x'00' WHERE name = 'webhook'")
  const { code, named } = await doctor()
  expect(code).toBe(2)
  const what = 'the webhook secret of quickbooks'
  const fix = 'whs app set quickbooks --secret webhook=-'
  const detail = `${what} cannot be read: it was sealed with another key or was changed`
  expect(named('secret')).toMatchObject([{ level: 'fault', detail, fix }])
  expect((await whs('status')).records[0]).toMatchObject({ unreadable: [{ what, fix }] })
  expect((await whs('status', { tty: true })).out).toContain(`broken   ${what} cannot be read: ${fix}\n`)
  const set = await whs('app set quickbooks --secret webhook=- --output json', { stdin: `${token}\n` })
  expect(set.code).toBe(0)
  expect((await doctor()).named('secret')).toEqual([])
})

test('a clock that cannot be right, and a store from the future', async () => {
  await addApp({ client: 'c', webhook: token })
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1']))
  const early = await doctor({ now: () => Date.UTC(1970, 0, 2) })
  expect(early.code).toBe(2)
  expect(early.named('clock')).toMatchObject([{ level: 'fault' }, { level: 'warning' }])
  expect(early.named('clock')[1]?.detail).toContain('in the future')
})

test('a store that cannot be opened is the fault, and the rest is still looked at', async () => {
  await addApp({})
  chmodSync(join(home, 'key'), 0o644)
  const open = await doctor()
  expect(open.code).toBe(2)
  expect(open.named('key')).toMatchObject([{ level: 'fault', fix: `chmod 600 ${join(home, 'key')}` }])
  expect(open.named('tunnel')).toHaveLength(1)
  rmSync(join(home, 'key'))
  expect((await doctor()).named('key')).toMatchObject([{ level: 'fault', detail: expect.stringContaining('missing') }])
  home = join(tempHome(), 'db')
  mkdirSync(home)
  writeFileSync(join(home, 'whs.db'), 'this is no database, and longer than a header of SQLite would be: '.repeat(20))
  expect((await doctor()).named('database')).toMatchObject([{ level: 'fault' }])
  home = join(home, 'whs.db', 'below-a-file')
  expect((await doctor()).named('data directory')).toMatchObject([{ level: 'fault' }])
})

test('a newer database is named as that', async () => {
  await addApp({})
  queryFile(home, 'PRAGMA user_version = 999')
  expect((await doctor()).named('database')).toMatchObject([
    { level: 'fault', detail: expect.stringContaining('schema 999') },
  ])
})

test('a port that is taken, and a listener that holds it', async () => {
  const door = await openDoor({ port: 0, routes: [] })
  onTestFinished(() => door.close())
  const taken = await doctor({ env: { WHS_PORT: String(door.port) } })
  expect(taken.code).toBe(0)
  expect(taken.named('port')).toMatchObject([{ level: 'warning', detail: expect.stringContaining(String(door.port)) }])
  const { ready } = await listenHere(home)
  const held = await doctor()
  expect(held.named('port')).toEqual([])
  expect(held.named('listener')).toMatchObject([
    { level: 'ok', detail: `process ${process.pid} listens at ${ready.url}` },
  ])
})

test('the authority for a tunnel must be a certificate that can be read', async () => {
  const file = join(home, 'ca.pem')
  const gone = await doctor({ env: { WHS_NGROK_CA: file } })
  expect(gone.code).toBe(2)
  expect(gone.named('tunnel authority')).toMatchObject([{ level: 'fault' }])
  writeFileSync(file, 'nothing')
  expect((await doctor({ env: { WHS_NGROK_CA: file } })).named('tunnel authority')).toMatchObject([{ level: 'fault' }])
})

test('an app is looked at from its keys to its callback URL', async () => {
  await addApp({}, { clientId: null })
  const step = async () => (await doctor()).named('app quickbooks')[0]
  expect(await step()).toMatchObject({ level: 'fault', fix: 'whs app set quickbooks --client-id <id>' })
  await whs('app set quickbooks --client-id id')
  expect(await step()).toMatchObject({ level: 'fault', fix: 'whs app set quickbooks --client-secret -' })
  await whs('app set quickbooks --client-secret -', { stdin: 'c\n' })
  expect(await step()).toMatchObject({ level: 'warning', fix: 'whs app set quickbooks --webhook-secret -' })
  await whs('app set quickbooks --webhook-secret -', { stdin: 'w\n' })
  expect(await step()).toMatchObject({ level: 'warning', fix: 'whs setup quickbooks' })
  await appHere(home)
    .store()
    .write('announceUrl', { app: 'quickbooks', url: 'https://a.example.test/hooks/quickbooks' })
  expect(await step()).toMatchObject({ level: 'ok', detail: expect.stringContaining('https://a.example.test') })
  await listenHere(home)
  expect(await step()).toMatchObject({ level: 'warning', fix: expect.stringContaining('Webhooks') })
})

test('a host where tokens must not go is a fault', async () => {
  await addApp({ client: 'c', webhook: 'w' }, { hosts: { token: 'http://elsewhere.example.test' } })
  const { code, named } = await doctor()
  expect(code).toBe(2)
  expect(named('app quickbooks')).toMatchObject([{ level: 'fault', detail: expect.stringContaining('https') }])
})

test('parked, waiting and ignored events, and a simulator that is gone, are warnings that say what helps', async () => {
  const simulator = await startSimulated()
  await whs(`app add quickbooks --env simulator --host simulator=${simulator.base}`)
  await whs('app set quickbooks --webhook-secret - --keep-old 0', { stdin: `${token}\n` })
  await whs('tenants map acme --app quickbooks --account 1')
  await whs('tenants ignore --app quickbooks --account 7')
  const session = await listenHere(home)
  await deliver(session.ready.url, cloudEvents(['9999', '7']))
  expect((await doctor()).named('simulator')).toMatchObject([{ level: 'ok' }])
  await simulator.close()
  const { code, named } = await doctor()
  expect(code).toBe(0)
  expect(named('parked')).toMatchObject([
    { level: 'warning', fix: 'whs tenants map <tenant> --app quickbooks --account 9999' },
  ])
  expect(named('ignored')).toMatchObject([{ level: 'ok', detail: 'account 7 of quickbooks: 1 event so far' }])
  expect(named('simulator')).toMatchObject([{ level: 'warning', fix: 'whs simulate' }])
})

test('apps with which nothing is wrong share a line, and a long name leaves the others straight', async () => {
  const simulator = await startSimulated()
  for (const name of ['one', 'two']) {
    await whs(`app add quickbooks --app ${name} --env simulator --host simulator=${simulator.base}`)
  }
  await addApp({ client: 'c' }, { name: 'an-app-with-a-long-name' })
  const { out } = await whs('doctor', { tty: true, columns: 100 })
  expect(out).toMatch(/\nok {7}apps {14}2 well: one, two\n/)
  expect(out).toMatch(
    /\nwarning {2}app an-app-with-a-long-name\n {27}it has no Verifier token; [^]+?\n {27}whs app set/,
  )
  expect((await doctor()).named('app one')).toMatchObject([{ level: 'ok' }])
})

test('what came last through another address than the listener’s is a warning, with what to change where', async () => {
  await addApp({ client: 'c', webhook: token })
  const url = 'https://127.0.0.1:1'
  await appHere(home)
    .store()
    .write('announceUrl', { app: 'quickbooks', url: `${url}/hooks/quickbooks` })
  await listenHere(home, { tunnel: { how: url } })
  const app = async () => (await doctor()).named('app quickbooks')
  expect(await app()).toMatchObject([{ level: 'ok' }])
  const port = (await appHere(home).store().read('readListener'))?.port
  const send = async (host: string): Promise<number> => {
    const body = cloudEvents(['1'])
    const headers = { 'intuit-signature': signature(body), 'x-forwarded-host': host }
    return (await fetch(`http://127.0.0.1:${port}/hooks/quickbooks`, { method: 'POST', headers, body })).status
  }
  expect(await send('Old.example.test')).toBe(200)
  expect(await app()).toMatchObject([
    {
      level: 'warning',
      detail: expect.stringContaining(`came through old.example.test, the listener is at ${url}`),
      fix: expect.stringContaining(`set Endpoint URL to ${url}/hooks/quickbooks`),
    },
  ])
  expect(await send('127.0.0.1:1')).toBe(200)
  expect(await app()).toMatchObject([{ level: 'ok' }])
})
