import { beforeEach, expect, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, stdin = '') =>
  runCommand(args.split(' '), { stdin, env: { WHS_HOME: home, WHS_PORT: '0', WHS_OUTPUT: 'json' } })

test.each([
  ['quickbooks --mix acme,globex --tenant acme', 2, 'mix-and-tenant', 'whs trigger quickbooks --mix acme,globex'],
  ['quickbooks:a:b', 5, 'no-sample', 'whs trigger quickbooks:account.created'],
  ['quickbooks --count none', 2, 'bad-count', 'whs trigger … --count 10'],
  ['quickbooks --set name', 2, 'bad-set', "whs trigger … --set '$[0].time=2026-01-01T00:00:00Z'"],
  ['quickbook', 5, 'unknown-provider', 'whs app list'],
  ['xero', 3, 'no-app', 'whs setup xero'],
] as const)('trigger %s: exit %i', async (line, exit, code, next) => {
  await whs('app add quickbooks --client-id c1 --client-secret - --yes', 's3cret\n')
  await listenHere(home)
  const ran = await whs(`trigger ${line}`)
  expect(ran).toMatchObject({ code: exit, out: '' })
  expect(JSON.parse(ran.err)).toMatchObject({ code, next })
})

test('a sample that there is none of is named whole, colons included', async () => {
  await whs('app add quickbooks --client-id c1 --client-secret - --yes', 's3cret\n')
  await listenHere(home)
  expect((await whs('trigger quickbooks:a:b')).err).toContain('there is no sample of a:b')
})

test('a handler that is down: said at once, exit 8', async () => {
  await whs('app add quickbooks --app qbo --client-id c1 --client-secret - --webhook-secret - --yes', 's3cret\nv\n')
  await whs('tenants map acme --app qbo --account 1')
  await listenHere(home, { rules: [parseRule('127.0.0.1:9')] })
  const ran = await whs('trigger qbo')
  expect(ran.code).toBe(8)
  expect(ran.records).toMatchObject([
    { type: 'event', app: 'qbo' },
    { type: 'held', to: 'http://127.0.0.1:9', why: 'nothing listens at 127.0.0.1:9', count: 1 },
  ])
  expect(JSON.parse((await whs('trigger qbo:nothing')).err)).toMatchObject({
    next: expect.stringMatching(/^whs trigger qbo:/),
  })
})

async function connected() {
  await whs('app add quickbooks --app qbo --client-id c1 --client-secret - --webhook-secret - --yes', 's3cret\nv\n')
  await whs('tenants map acme --app qbo --account 1')
}

test('a repeat is said to be one, and not to be waited for', async () => {
  await connected()
  await listenHere(home)
  const ran = await whs('trigger qbo --repeat --output text')
  expect(ran.code).toBe(0)
  expect(ran.out.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/acme .* no --forward rule takes it {2}trigger$/),
    expect.stringMatching(/acme .* repeat of \w{6} {2}trigger$/),
  ])
})

test('an account that is ignored: nothing is kept, and that is said', async () => {
  await connected()
  await whs('tenants map globex --app qbo --account 2')
  await whs('tenants unmap globex --app qbo --account 2')
  await whs('tenants ignore --app qbo --account 2')
  await listenHere(home)
  const ran = await whs('trigger qbo --tenant acme --set intuitaccountid=2')
  expect(ran).toMatchObject({ code: 0, records: [{ type: 'warning', code: 'ignored' }] })
})

test('a listener that knows another secret: the rejection is told, exit 2', async () => {
  await connected()
  await listenHere(home)
  const env = { WHS_HOME: home, WHS_OUTPUT: 'json', WHS_QBO_WEBHOOK_SECRET: 'another' }
  const ran = await runCommand(['trigger', 'qbo'], { env })
  expect(ran).toMatchObject({ code: 2, records: [{ type: 'rejected', reason: 'wrong-secret' }] })
  expect(ran.err).toContain('another secret')
  expect(await whs('trigger qbo --wrong-signature')).toMatchObject({ code: 0, records: [{ type: 'rejected' }] })
})

test('a delivery for two tenants, several of them, is told event by event', async () => {
  await connected()
  await whs('tenants map globex --app qbo --account 2')
  await listenHere(home)
  const { code, records } = await whs('trigger qbo --mix acme,globex --count 2')
  expect([code, records.map(({ tenant }) => tenant)]).toEqual([0, ['acme', 'globex', 'acme', 'globex']])
  expect(new Set(records.map(({ deliveryId }) => deliveryId)).size).toBe(2)
})
