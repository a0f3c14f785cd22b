import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Handler, openHandler } from '../helpers/deliver-home.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome, signature } from '../helpers/listening.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'
import { createTlsCertificate } from '../helpers/tls-certificate.ts'

let home: string
let handler: Handler
let status = 200
let said: string

beforeEach(async () => {
  home = await prepareHome()
  status = 200
  said = 'said so'
  handler = await openHandler((_, response) => response.writeHead(status).end(said))
  onTestFinished(() => handler.stop())
})

const whs = (args: string[], options: TestIoOptions = {}): Promise<Ran> =>
  runCommand(args, { ...options, env: { WHS_HOME: home, ...options.env } })
const replay = (args: string, options: TestIoOptions = {}): Promise<Ran> =>
  whs(['replay', ...args.split(' '), '--to', `${handler.port}`], options)

/** Deliveries that a listener took and forwarded nowhere. */
async function receive(...bodies: string[]): Promise<void> {
  const session = await listenHere(home)
  for (const body of bodies) await deliver(session.ready.url, body)
}

/** An editor that puts one text in another's place; it keeps what it got, and its environment. */
function editor(from: string, to: string): { EDITOR: string; got(): string; env(): string } {
  const file = join(home, 'editor.sh')
  const script = `#!/bin/sh\ncp "$1" "${home}/got"\nenv > "${home}/env"\nsed 's/${from}/${to}/' "${home}/got" > "$1"\n`
  writeFileSync(file, script)
  chmodSync(file, 0o700)
  const read = (name: string) => (): string => readFileSync(join(home, name), 'utf8')
  return { EDITOR: file, got: read('got'), env: read('env') }
}

test('by filters, by ids, and by both; a record of each event and of its answer', async () => {
  await receive(cloudEvents(['1']), cloudEvents(['2']), cloudEvents(['1']))
  const byFilter = await replay('--tenant acme --event invoice.* --since 1h')
  expect(byFilter.code).toBe(0)
  expect(byFilter.records).toMatchObject([
    { type: 'event', tenant: 'acme', data: { intuitaccountid: '1' } },
    { type: 'forward', tenant: 'acme', status: 200, replay: true },
    { type: 'event', tenant: 'acme' },
    { type: 'forward', tenant: 'acme', status: 200 },
  ])
  expect(handler.seen).toHaveLength(2)
  const ids = (await whs(['events', '--output', 'json'])).records.map(({ id }) => String(id))
  const both = await replay(`${ids.join(' ')} --tenant globex`)
  expect(both.records.map(({ type, tenant }) => [type, tenant])).toEqual([
    ['event', 'globex'],
    ['forward', 'globex'],
  ])
})

test('nothing named, nothing that fits, and what may not be sent', async () => {
  await receive(cloudEvents(['1']))
  const refused = [
    [['replay'], 'nothing says which events'],
    [['replay', '--parked'], 'what is parked is not sent'],
    [['replay', '--rejected'], 'what was rejected is not sent again'],
    [['replay', 'last', '--to', 'example.com'], 'the same with --allow-remote'],
    [['replay', 'last', '--edit', '--keep-signature'], '--keep-signature and --edit exclude each other'],
  ] as const
  for (const [args, what] of refused)
    expect(await whs([...args])).toMatchObject({ code: 2, err: expect.stringContaining(what) })
  expect(await replay('--tenant globex')).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('nothing fits'),
  })
  expect((await replay('--provider quickboks')).err).toContain(
    'There is no provider quickboks: did you mean quickbooks?',
  )
  expect(await replay('last --as-tenant nobody')).toMatchObject({
    code: 5,
    err: expect.stringContaining('there is no tenant nobody'),
  })
  expect(handler.seen).toEqual([])
})

test('more than twenty are asked for: yes, no, --yes, and nobody there to be asked', async () => {
  await receive(...Array.from({ length: 21 }, () => cloudEvents(['1'])))
  expect(await replay('--since 1h')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  const no = await replay('--since 1h', { tty: true, answers: [[/Send 21 events again/, 'n']] })
  expect(no).toMatchObject({ code: 0, err: expect.stringContaining('nothing was sent') })
  expect(handler.seen).toEqual([])
  const yes = await replay('--since 1h', { tty: true, answers: [[/Send 21 events again/, 'y']] })
  expect(yes).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/21 sent again in .*, all answered 2xx/) })
  status = 500
  const bad = await replay('--since 1h --yes --output text')
  expect(bad).toMatchObject({ code: 8, err: expect.stringContaining('21 of them not answered 2xx') })
  expect(bad.out.match(/→ 500/g)).toHaveLength(21)
  expect(handler.seen).toHaveLength(42)
})

test('a target that is down ends it at once with the reason', async () => {
  await receive(...Array.from({ length: 5 }, () => cloudEvents(['1'])))
  await handler.stop()
  const down = await replay('--since 1h')
  expect(down.code).toBe(8)
  expect(down.err).toContain(`127.0.0.1:${handler.port} and ::1 refuse: nothing listens; 4 of 5 not even tried`)
  expect(down.records.filter(({ type }) => type === 'forward')).toHaveLength(1)
  await handler.start()
})

test('as another tenant’s: the account in it, the signature and the headers are that tenant’s', async () => {
  await receive(cloudEvents(['1']))
  const ran = await replay('last --as-tenant globex')
  expect(ran.records[1]).toMatchObject({ type: 'forward', tenant: 'globex', status: 200, changed: 'as globex' })
  const [got] = handler.seen
  expect(got?.headers).toMatchObject({ 'whs-tenant': 'globex', 'whs-account': '2', 'whs-replay': 'true' })
  expect(got?.headers['intuit-signature']).toBe(signature(got?.body ?? ''))
  expect(got?.body.toString()).toContain('"intuitaccountid":"2"')
})

test('edited in $EDITOR: the item alone, indented; it gets no secret, and what it did to type and account is said', async () => {
  await receive(cloudEvents(['1']))
  const typed = editor('invoice.updated', 'invoice.deleted')
  const env = {
    EDITOR: typed.EDITOR,
    PATH: process.env.PATH,
    WHS_QUICKBOOKS_CLIENT_SECRET: 'hush',
    NGROK_AUTHTOKEN: 'hush',
  }
  const ran = await replay('last --edit', { env })
  expect(ran).toMatchObject({
    code: 0,
    err: expect.stringContaining('edited: its type is invoice.deleted now, not invoice.updated'),
  })
  expect(typed.got()).toMatch(/^\{\n {2}"specversion": "1\.0",\n/)
  expect(typed.env()).not.toContain('hush')
  const [got] = handler.seen
  expect(got?.body.toString()).toContain('"type":"qbo.invoice.deleted.v1","datacontenttype"')
  expect(got?.body.toString()).toMatch(/^\[\{.*\}\]$/)
  expect(got?.headers['intuit-signature']).toBe(signature(got?.body ?? ''))
  expect(ran.records[1]).toMatchObject({ replay: true, changed: 'edited' })
  const account = await replay('last --edit', { env: { ...env, EDITOR: editor('"1"', '"2"').EDITOR } })
  expect(account.err).toContain('edited: its account is realm 2 now, not realm 1')
})

test('an edit that is no JSON, that changes nothing, of many at once, without or by a failing editor', async () => {
  await receive(cloudEvents(['1']), cloudEvents(['1']))
  const path = { PATH: process.env.PATH }
  const broken = await replay('last --edit', { env: { ...path, EDITOR: editor('{', '').EDITOR } })
  expect(broken).toMatchObject({ code: 2, err: expect.stringContaining('no JSON') })
  expect(await replay('last --edit')).toMatchObject({ code: 2, err: expect.stringContaining('there is no editor') })
  expect(await replay('last --edit', { env: { ...path, EDITOR: 'false' } })).toMatchObject({ code: 2 })
  expect(await replay('--since 1h --edit', { env: { ...path, EDITOR: 'true' } })).toMatchObject({ code: 2 })
  expect(handler.seen).toEqual([])
  const same = await replay('last --edit', { env: { ...path, VISUAL: 'true', EDITOR: 'false' } })
  expect(same).toMatchObject({ code: 0, err: expect.stringContaining('nothing was edited; it goes as it is') })
  expect(same.records[1]).not.toHaveProperty('changed')
})

test('--handler-timeout bounds a handler that hangs; --cacert trusts the authority of an https target', async () => {
  await receive(cloudEvents(['1']))
  const hanging = await openHandler(() => undefined)
  onTestFinished(() => hanging.stop())
  const late = await whs(['replay', 'last', '--to', `${hanging.port}`, '--handler-timeout', '150ms'])
  expect(late).toMatchObject({ code: 8, records: [{}, { error: expect.stringMatching(/^timeout: /) }] })
  expect(late.records[1]).toMatchObject({ hint: expect.stringMatching(/^no answer within \d+ ms: /) })
  const { caPem, certPem, keyPem } = createTlsCertificate()
  const server = createServer({ cert: certPem, key: keyPem }, (_, response) => response.end())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const to = `https://localhost:${(server.address() as AddressInfo).port}/`
  expect((await whs(['replay', 'last', '--to', to])).records[1]).toMatchObject({
    hint: expect.stringMatching(/--cacert <the authority's PEM>$/),
  })
  const file = join(home, 'ca.pem')
  writeFileSync(file, caPem)
  const trusted = await whs(['replay', 'last', '--to', to, '--cacert', file])
  expect(trusted).toMatchObject({ code: 0, records: [{}, { status: 200 }] })
  writeFileSync(file, keyPem)
  for (const bad of [file, join(home, 'nowhere.pem')]) {
    const ran = await whs(['replay', 'last', '--to', to, '--cacert', bad])
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('no authority that can be trusted') })
  }
  expect((await whs(['replay', 'last', '--handler-timeout', 'soon'])).code).toBe(2)
})

test('the hint of a failed signature check names a command as it works here, wherever it is shown', async () => {
  await receive(cloudEvents(['1']))
  ;[status, said] = [400, 'Invalid signature']
  expect((await replay('last')).records[1]).toMatchObject({
    hint: expect.stringContaining('secret that whs env shows'),
  })
  for (const line of [
    'events show last',
    'explain last',
    'events show last --output text',
    'explain last --output text',
  ])
    expect((await whs(line.split(' '))).out.replace(/\n */g, ' ')).toContain('secret that whs env shows')
  expect((await replay('last --output text')).out.replace(/\n */g, ' ')).toContain('secret that whs env shows')
})

test('two attempts stand side by side in events show', async () => {
  await receive(cloudEvents(['1']))
  status = 500
  await replay('last')
  status = 200
  await replay('last')
  const shown = await whs(['events', 'show', 'last', '--output', 'text'])
  expect(shown.out).toMatch(/compared +fixed since attempt 2\n +attempt 1 +attempt 2\nstatus +500 +200\n/)
  const { records } = await whs(['events', 'show', 'last'])
  expect(records.at(-1)).toMatchObject({ type: 'comparison', verdict: 'fixed since attempt 2', attempts: [1, 2] })
  const delivery = String(records[0]?.deliveryId)
  const whole = await whs(['events', 'show', delivery, '--output', 'text'])
  expect(whole.out).toMatch(/attempt 2 .*→ 200 .*replay\ncompared +fixed since attempt 2\n/)
  expect((await whs(['events', 'show', delivery])).records.at(-1)).toMatchObject({
    type: 'comparison',
    tenant: 'acme',
    verdict: 'fixed since attempt 2',
  })
})

test('a replay of what was changed, and one with the signature as it came, are marked as such wherever they stand', async () => {
  await receive(cloudEvents(['1']))
  status = 500
  await replay('last')
  const typed = editor('invoice.updated', 'invoice.deleted')
  status = 200
  const edited = await replay('last --edit --output text', { env: { EDITOR: typed.EDITOR, PATH: process.env.PATH } })
  expect(edited.out).toMatch(/→ 200 .*replay,\s+edited/)
  const kept = await replay('last --keep-signature')
  expect(kept.records[1]).toMatchObject({ replay: true, signature: 'kept' })
  expect((await replay('last --keep-signature --output text')).out).toMatch(/→ 200 .*replay,\s+signature kept/)
  await replay('last --as-tenant globex')
  const shown = (await whs(['events', 'show', 'last', '--output', 'text'])).out
  expect(shown).toMatch(/attempt 2 .*→ 200 .*replay, edited\nattempt 3 .*replay, signature kept\n/)
  expect(shown).toMatch(/attempt 5 .*→ 200 .*replay, as globex\n/)
  expect(shown).toMatch(
    /compared +the same as it came and as changed \(attempt 5: as globex\)\n +attempt 4 \(signature kept\) +attempt 5 \(as globex\)/,
  )
})
