import { expect, test } from 'vitest'
import { zendesk } from '../../src/providers/zendesk.ts'
import { type Company, companiesOf, flagsFor } from '../helpers/cli-world.ts'
import { openHookCli } from '../helpers/hook-cli.ts'

const last = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) as string)

async function connected() {
  const world = await openHookCli(zendesk)
  await world.listen()
  await world.connectAcme()
  expect(await world.hooks()).toHaveLength(1)
  return world
}

test('removing an app removes its hooks at the provider first, and names what stays', async () => {
  const world = await connected()
  const removed = await world.whs('app remove zendesk --confirm zendesk')
  expect(removed.records).toMatchObject([{ type: 'removed', hooks: { removed: 1, left: [] } }])
  expect(await world.hooks()).toEqual([])
  await world.add('zendesk')
  await world.connectAcme()
  await world.control({ fail: { status: 403, call: 'remove' } })
  const left = await world.whs('app remove zendesk --confirm zendesk', { env: { WHS_OUTPUT: 'text' } })
  expect(left.code).toBe(0)
  expect(left.err).toMatch(/^warning {2}a hook of zendesk stays at zendesk \(\S+\): Zendesk answered 403/m)
})

test('forgetting a tenant removes its hooks; one made by hand is named', async () => {
  const world = await connected()
  await world.whs('activations add zendesk --tenant acme')
  expect(await world.hooks()).toHaveLength(2)
  const forgotten = await world.whs('tenants forget acme --confirm acme', { env: { WHS_OUTPUT: 'text' } })
  expect(forgotten.out).toContain('1 hook is removed there')
  expect(forgotten.err).toMatch(
    /^note {3}1 hook made by hand stays at the provider until you remove it there: zendesk \S+$/m,
  )
  expect(await world.hooks()).toHaveLength(1)
})

test('an account that is moved takes no hook along: the earlier one is removed, or named', async () => {
  const world = await connected()
  const [company] = companiesOf(zendesk)
  const move = (tenant: string) => {
    const flags = `--tenant ${tenant} ${flagsFor(zendesk, company as Company)} --move`
    return world.connect('zendesk', [company?.name ?? ''], flags, { env: { WHS_OUTPUT: 'text' } })
  }
  const moved = await move('globex')
  expect(moved.code, moved.err).toBe(0)
  expect((await world.whs('activations')).records).toMatchObject([{ tenant: 'globex', state: 'made' }])
  expect(await world.hooks()).toHaveLength(1)
  await world.control({ fail: { status: 403, call: 'remove' } })
  const back = await move('acme')
  expect(back.err).toMatch(/warning {2}a hook stays at zendesk, of globex \(\S+\): Zendesk answered 403/)
})

test('a hook that a call made is only forgotten by activations remove, and that is said', async () => {
  const world = await connected()
  const [hook] = (await world.whs('activations')).records
  const refused = await world.whs(`activations remove ${hook?.id}`, { tty: true, answers: [[/Type act_/, 'no']] })
  expect(refused.err).toContain('it stays at Zendesk: whs deactivate zendesk --tenant acme removes it there too')
  const gone = await world.whs(`activations remove ${hook?.id} --confirm ${hook?.id}`)
  expect(last(gone.out)).toMatchObject({ state: 'gone' })
  expect(await world.hooks()).toHaveLength(1)
  expect((await world.whs('activate zendesk')).records).toMatchObject([{ state: 'found' }])
  expect(await world.hooks()).toHaveLength(1)
})
