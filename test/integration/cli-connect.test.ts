import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { shopify } from '../../src/providers/shopify.ts'
import { square } from '../../src/providers/square.ts'
import { twilio } from '../../src/providers/twilio.ts'
import { xero } from '../../src/providers/xero.ts'
import { type Company, companiesOf, openCliWorld } from '../helpers/cli-world.ts'
import { listenHere } from '../helpers/listener-here.ts'

const two = (definition: ProviderDefinition): [Company, Company] =>
  companiesOf(definition).slice(0, 2) as [Company, Company]
const idOf = ({ values }: Company): string => values[xero.accounts[0]?.kind ?? ''] as string

test('what a consent needs before comes by --set, or is asked for; without either the flag is named', async () => {
  const world = await openCliWorld([shopify])
  await world.add('shopify')
  const [acme] = two(shopify)
  const shop = acme.slots?.shop as string
  const missing = await world.whs('connect shopify --tenant acme --no-open')
  expect(missing.code).toBe(2)
  expect(JSON.parse(missing.err)).toMatchObject({
    code: 'missing-slot',
    next: expect.stringContaining('--tenant acme --set shop='),
  })
  const wrong = await world.whs('connect shopify --tenant acme --no-open --set shop=_a_')
  expect(JSON.parse(wrong.err)).toMatchObject({ code: 'bad-slot', exit: 2 })
  const odd = await world.whs('connect shopify --set shop')
  expect(JSON.parse(odd.err)).toMatchObject({ code: 'bad-set', exit: 2 })
  const flagged = await world.connect('shopify', [acme.name], `--tenant acme --set shop=${shop}.myshopify.com`)
  expect(flagged.records).toMatchObject([{ type: 'connection', tenants: ['acme'], state: 'active' }])
  const asked = await world.connect('shopify', [acme.name], '--tenant acme', { tty: true })
  expect(asked.out).toContain('acme is connected again')
  const [, globex] = two(shopify)
  const answers: [RegExp, string][] = [[/such as/, globex.slots?.shop as string]]
  const typed = await world.connect('shopify', [globex.name], '--tenant globex', { tty: true, answers })
  expect(typed.out).toContain(`globex is connected: ${globex.name}`)
})

test('several accounts: pairs and --each give each a tenant; in a pipe without them they are listed', async () => {
  const world = await openCliWorld([xero])
  await world.add('xero')
  const [acme, globex] = two(xero)
  const names = [acme.name, globex.name]
  const listed = await world.connect('xero', names)
  expect(listed.code).toBe(2)
  expect(listed.err).toContain(idOf(acme))
  expect(listed.err).toContain(idOf(globex))
  const unsaid = await world.connect('xero', names, '--tenant acme')
  expect(JSON.parse(unsaid.err.slice(unsaid.err.indexOf('{"type":"error"')))).toMatchObject({
    code: 'which-account',
    next: expect.stringContaining(`whs connect xero --tenant acme=${idOf(acme)} --tenant <id>=${idOf(globex)}`),
  })
  expect((await world.whs('tenants')).records).toEqual([])
  expect(unsaid.err).toContain('the browser is at Xero now; if that shows an error')
  const pairs = await world.connect('xero', names, `--tenant acme=${idOf(acme)} --tenant globex=${idOf(globex)}`)
  expect(pairs.records.map(({ tenants }) => tenants)).toEqual([['acme'], ['globex']])
  const shown = await world.connect('xero', names, '--each', { tty: true })
  expect(shown.out).toContain(`acme is connected again: ${acme.name}`)
  expect(shown.out).toContain(`globex is connected again: ${globex.name}`)
  const only = await world.connect('xero', names, `--tenant acme --account ${idOf(acme)}`)
  expect(only.records).toMatchObject([{ tenants: ['acme'], accounts: [{ id: idOf(acme) }] }])
})

test('an account without a name is told by its id alone', async () => {
  const world = await openCliWorld([square])
  await world.add('square')
  const [acme] = two(square)
  const { out } = await world.connect('square', [acme.name], '--tenant acme', { tty: true })
  expect(out).toBe(`✓ acme is connected: merchant_id ${acme.values.merchant}\n`)
})

test.each([
  ['--expires 2h --tenant acme', 'expires-without-link'],
  ['--set shop=a --set shop=b', 'set-twice'],
  ['--each --tenant acme', 'each-and-tenant'],
  ['--tenant acme --tenant globex', 'which-tenant'],
  ['--tenant acme --set shop=acme', 'unknown-slot'],
  ['--share --move', 'share-and-move'],
  ['--tenant -x', 'bad-tenant'],
])('connect %s: exit 2', async (flags, code) => {
  const world = await openCliWorld([xero])
  await world.add('xero')
  const ran = await world.whs(`connect xero --no-open ${flags}`)
  expect(ran.code).toBe(2)
  expect(JSON.parse(ran.err)).toMatchObject({ code })
})

test('at a terminal an app that is not there yet is made first, and a hook of its own is named', async () => {
  const world = await openCliWorld([xero])
  await listenHere(world.home)
  const answers: [RegExp, string][] = [
    [/Client ID/i, 'c1'],
    [/Client secret/i, '\u0003'],
  ]
  const ran = await world.whs('connect xero --tenant acme --no-open', { tty: true, answers })
  expect(ran.err).toContain('xero is not set up yet, so first its keys:')
  expect(ran.code).toBe(130)
})

test('what only a person can vouch for: the line to type next says all that was typed', async () => {
  const world = await openCliWorld([twilio])
  await world.add('twilio')
  const ran = await world.whs('connect twilio --tenant acme --no-open')
  expect(JSON.parse(ran.err)).toMatchObject({
    code: 'name-the-account',
    next: 'whs connect twilio --tenant acme --account <Account SID>',
  })
  const any = await world.whs('connect twilio --tenant acme=* --no-open')
  expect(JSON.parse(any.err)).toMatchObject({ code: 'name-the-account' })
  expect((await world.whs('setup twilio')).out).toContain("whs connect twilio --tenant acme --account '<Account SID>'")
})
