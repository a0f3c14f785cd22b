import { beforeEach, expect, test } from 'vitest'
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
