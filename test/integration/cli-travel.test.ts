import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { openStore } from '../../src/store/store.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome, signature } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'

interface Place {
  home: string
  dir: string
  whs(args: string, options?: TestIoOptions): Promise<Ran>
}

/** A data directory with an app and its tenants, and a directory to write to. */
async function place(options: Parameters<typeof prepareHome>[0] = {}): Promise<Place> {
  const home = await prepareHome({ home: tempHome(), ...options })
  const dir = tempHome()
  const whs: Place['whs'] = (args, more = {}) =>
    runCommand(args.split(' '), { cwd: dir, ...more, env: { WHS_HOME: home, ...more.env } })
  return { home, dir, whs }
}

/** What was delivered there and written into files; their names without an end. */
async function exported(from: Place, body: string | Uint8Array, sign?: string): Promise<string> {
  const { ready } = await listenHere(from.home)
  const isGood = (await deliver(ready.url, body, sign)).status === 200
  const ran = await from.whs(`events export ${isGood ? 'last' : 'last-rejected'} --as json`)
  expect(ran.code).toBe(0)
  return filesOf(ran)[0].replace(/\.json$/, '')
}

function filesOf({ records }: Ran): [main: string, body: string] {
  const [first = { files: ['', ''] }] = records
  return first.files as [string, string]
}

test('a delivery travels byte for byte, verifies where the secret is the same, and says where it came from', async () => {
  const from = await place()
  const body = Buffer.from(
    cloudEvents(['1'], { 'odd bytes': '\u00fc\u2028 \\u0041', big: 12345678901234567890n.toString() }),
  )
  const saved = await exported(from, body)
  expect(readFileSync(`${saved}.body`)).toEqual(body)
  for (const end of ['json', 'body']) expect(statSync(`${saved}.${end}`).mode & 0o777).toBe(0o600)
  const to = await place({ tenants: { theirs: '1' } })
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await listenHere(to.home, { rules: [parseRule(handler.url)] })
  const { code, records, err } = await to.whs(`events import ${saved}.json`)
  expect(code).toBe(0)
  expect(err).toContain('Nothing was forwarded')
  expect(records).toMatchObject([
    { type: 'event', tenant: 'theirs', verified: 'signature', source: 'import', forwards: [] },
  ])
  const [there] = (await from.whs('events list')).records
  expect(records[0]?.origin).toMatchObject({
    deliveryId: there?.deliveryId,
    receivedAt: there?.receivedAt,
    verified: 'signature',
    events: [{ id: there?.id, tenant: 'acme' }],
  })
  expect(handler.arrived).toEqual([])
  expect((await to.whs('replay last')).code).toBe(0)
  expect(handler.arrived[0]?.body).toEqual(body)
})

test('what another secret signed is not taken as verified; a replay signs it with the secret of this store', async () => {
  const saved = await exported(await place(), cloudEvents(['1']))
  const to = await place({ secret: 'ours' })
  const ran = await to.whs(`events import ${saved}.json`)
  expect(ran.records).toMatchObject([{ tenant: 'acme', verified: 'none', origin: { verified: 'signature' } }])
  expect(ran.err).toContain('not verified here')
  expect((await to.whs('explain last', { tty: true })).out).toMatch(/imported +from dlv_\w+ of quickbooks \(sandbox\)/)
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  expect((await to.whs(`replay last --to ${handler.url}`)).code).toBe(0)
  const [got] = handler.arrived
  expect(got?.headers['intuit-signature']).toBe(signature(got?.body as Buffer, 'ours'))
  expect(got?.headers).toMatchObject({ 'whs-source': 'import', 'whs-unverified': 'true', 'whs-replay': 'true' })
})

test('a claim of what was imported sends nothing by itself', async () => {
  const saved = await exported(await place(), cloudEvents(['1']))
  const to = await place({ tenants: {} })
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await listenHere(to.home, { rules: [parseRule(handler.url)] })
  expect((await to.whs(`events import ${saved}.json`)).records).toMatchObject([{ tenant: null, scope: 'parked' }])
  expect((await to.whs('tenants map late --app quickbooks --account 1')).code).toBe(0)
  expect((await to.whs('events list')).records).toMatchObject([{ tenant: 'late', forwards: [] }])
  expect(handler.arrived).toEqual([])
})

test('another tenant gets it under its own account', async () => {
  const saved = await exported(await place(), cloudEvents(['1']))
  const to = await place({ secret: 'ours', tenants: { initech: '77' } })
  const { records } = await to.whs(`events import ${saved}.json --as-tenant initech`)
  expect(records).toMatchObject([{ tenant: 'initech', account: '77', verified: 'none', source: 'import' }])
  expect(records[0]?.origin).toMatchObject({ asTenant: 'initech', events: [{ account: '1', tenant: 'acme' }] })
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  expect((await to.whs(`replay last --to ${handler.url}`)).code).toBe(0)
  const [got] = handler.arrived
  expect(got?.headers['intuit-signature']).toBe(signature(got?.body as Buffer, 'ours'))
  expect(got?.headers).toMatchObject({ 'whs-source': 'import', 'whs-unverified': 'true', 'whs-tenant': 'initech' })
})

test('a saved delivery is verified offline, and what is wrong with it is named', async () => {
  const saved = await exported(await place(), cloudEvents(['1']))
  const same = await place()
  expect(await same.whs(`verify --file ${saved}.json`)).toMatchObject({
    code: 0,
    records: [{ type: 'verification', verified: 'signature', items: [{ event: 'invoice.updated' }] }],
  })
  expect((await same.whs(`verify --file ${saved}.json`, { tty: true })).out).toMatch(/^verifies {2}dlv_/)
  const other = await place({ secret: 'another' })
  const ran = await other.whs(`verify --file ${saved}.json`)
  expect(ran).toMatchObject({ code: 8, records: [{ verified: 'none', reason: 'wrong-secret' }] })
  expect((await other.whs(`verify --file ${saved}.json`, { tty: true })).out).toMatch(/reason +wrong-secret/)
  expect((await (await place({ secret: null })).whs(`verify --file ${saved}.json`)).code).toBe(3)
  expect((await runCommand(['verify', '--file', `${saved}.json`], { env: { WHS_HOME: tempHome() } })).code).toBe(3)
})

test('what was rejected travels to be explained, and is not taken in', async () => {
  const body = cloudEvents(['1'])
  const pretty = JSON.stringify(JSON.parse(body), null, 2)
  const saved = await exported(await place(), pretty, signature(body))
  const to = await place()
  const ran = await to.whs(`verify --file ${saved}.json`)
  expect(ran).toMatchObject({ code: 8, records: [{ diagnosis: { findings: [{ cause: 'json-layout' }] } }] })
  const refused = await to.whs(`events import ${saved}.json`)
  expect(refused.code).toBe(2)
  expect(refused.err).toContain('it was rejected where it came')
  expect((await to.whs('events list')).out).toBe('')
})

test('curl sends the same bytes and headers, from any directory', async () => {
  const from = await place()
  const { ready } = await listenHere(from.home)
  const body = cloudEvents(['1'], { note: "it's $HOME `x` @y" })
  const headers = {
    'content-type': 'application/json',
    'intuit-signature': signature(body),
    'x-odd': `it's "$HOME" \`x\``,
    authorization: 'Bearer not-to-be-seen-anywhere',
  }
  await fetch(`${ready.url}/hooks/quickbooks/more?a=[1]&b={2}`, { method: 'POST', headers, body })
  const ran = await from.whs('events export last --as curl --out out')
  expect(ran.code).toBe(0)
  const [script] = filesOf(ran)
  expect(statSync(script).mode & 0o777).toBe(0o700)
  expect(readFileSync(script, 'latin1')).not.toContain('not-to-be-seen')
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await promisify(execFile)('sh', [script], { cwd: '/', env: { PATH: process.env.PATH, TARGET: `${handler.url}/in` } })
  const [got] = handler.arrived
  expect(got?.body.toString()).toBe(body)
  expect(got?.url).toBe('/hooks/quickbooks/in/more?a=[1]&b={2}')
  expect(got?.headers).toMatchObject({ 'x-odd': headers['x-odd'], 'intuit-signature': headers['intuit-signature'] })
  expect(got?.headers).not.toHaveProperty('authorization')
  await expect(promisify(execFile)('sh', [script], { env: { PATH: process.env.PATH } })).rejects.toMatchObject({
    stderr: expect.stringContaining('TARGET=http://'),
  })
})

test('no secret that whs holds is in an export, wherever it stood', async () => {
  const secret = 'a-webhook-secret-0123456789'
  const from = await place({ secret })
  const { ready } = await listenHere(from.home)
  const body = cloudEvents(['1'], { echoed: secret })
  const sign = createHmac('sha256', secret).update(body).digest('base64')
  const headers = { 'content-type': 'application/json', 'intuit-signature': sign, 'x-echo': `a ${secret} b` }
  await fetch(`${ready.url}/hooks/quickbooks?s=${secret}`, { method: 'POST', headers, body })
  for (const form of ['json', 'curl']) {
    const ran = await from.whs(`events export last --as ${form} --out ${form}`)
    expect(ran.records[0]?.masked).toEqual(['x-echo', 'query', 'body'])
    expect(ran.err).toContain('is covered')
    const dir = join(from.dir, form)
    const files = readdirSync(dir)
    expect(files).toHaveLength(2)
    for (const file of files) expect(readFileSync(join(dir, file), 'utf8')).not.toContain(secret)
  }
})

test('a file of a stranger names no other file, and nothing that was changed is taken', async () => {
  const saved = await exported(await place(), cloudEvents(['1']))
  const to = await place()
  const facts = JSON.parse(readFileSync(`${saved}.json`, 'utf8')) as Record<string, unknown>
  const tried = async (change: object): Promise<string> => {
    writeFileSync(`${saved}.json`, JSON.stringify({ ...facts, ...change }))
    const ran = await to.whs(`events import ${saved}.json`)
    expect(ran.code).toBe(2)
    return ran.err
  }
  for (const bodyFile of ['/etc/hostname', '../x', 'a/b', '..', '', 7]) {
    expect(await tried({ bodyFile })).toContain('its bodyFile is missing or is not what it should be')
  }
  expect(await tried({ headers: [['a\nb', 'x']] })).toContain('its headers')
  expect(await tried({ headers: [['a', 'x\r\ny: z']] })).toContain('its headers')
  expect(await tried({ suffix: '?a b' })).toContain('its suffix')
  expect(await tried({ version: 2 })).toContain('its version is 2')
  expect(await tried({ sha256: '0'.repeat(64) })).toContain('does not hold the bytes that were exported')
  expect(await tried({ whs: 'x' })).toContain('does not say that it is a delivery')
  writeFileSync(`${saved}.body`, readFileSync(`${saved}.body`, 'utf8').replace('"130"', '"131"'))
  expect(await tried({})).toContain('to change an event: whs replay <id> --edit')
  unlinkSync(`${saved}.body`)
  symlinkSync('/etc/hostname', `${saved}.body`)
  expect(await tried({})).toContain('it is a link to elsewhere')
  unlinkSync(`${saved}.body`)
  mkdirSync(`${saved}.body`)
  expect(await tried({})).toContain('it is no plain file')
  expect((await to.whs('events list')).out).toBe('')
})

test('filters choose, each delivery is written once, and one that mixes tenants says so', async () => {
  const from = await place()
  const { ready } = await listenHere(from.home)
  for (const accounts of [['1', '2'], ['1', '1'], ['2']]) await deliver(ready.url, cloudEvents(accounts))
  const ran = await from.whs('events export --tenant acme --as json --out kept')
  expect(ran.records).toHaveLength(2)
  expect(ran.err).toContain('holds events of acme and globex')
  expect(readdirSync(join(from.dir, 'kept'))).toHaveLength(4)
  expect((await from.whs('events export --as json')).code).toBe(2)
  expect((await from.whs('events export last --tenant acme --as json')).code).toBe(2)
  expect((await from.whs('events export last')).err).toContain('--as')
  expect((await from.whs('events export --tenant nobody --as json')).err).toContain('nothing fits')
})

test('which app it is for: by name, else the only one of the provider, else a person says', async () => {
  const saved = await exported(await place(), cloudEvents(['1']))
  const to = await place()
  const store = openStore({ home: to.home })
  const app = { provider: 'quickbooks', env: 'production' as const, clientId: 'id', hosts: {}, settings: {} }
  await store.write('addApp', { ...app, name: 'qbo-live', secrets: { webhook: 'live' } })
  await store.close()
  expect((await to.whs(`events import ${saved}.json`)).records).toMatchObject([{ app: 'quickbooks' }])
  const live = await to.whs(`events import ${saved}.json --app qbo-live`)
  expect(live.err).toContain('it is nobody’s here')
  expect(live.records).toMatchObject([{ app: 'qbo-live', verified: 'none' }])
  expect((await to.whs(`verify --file ${saved}.json --app qbo-live`)).records).toMatchObject([
    { diagnosis: { findings: [{ cause: 'other-app' }] } },
  ])
})
