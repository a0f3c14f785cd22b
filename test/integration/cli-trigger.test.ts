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
