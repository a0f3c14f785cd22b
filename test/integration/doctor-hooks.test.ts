import { expect, test } from 'vitest'
import { zendesk } from '../../src/providers/zendesk.ts'
import { type Company, companiesOf, flagsFor } from '../helpers/cli-world.ts'
import { openHookCli } from '../helpers/hook-cli.ts'

test('doctor counts as well what nothing is said of, and goes on to name a hook that is gone', async () => {
  const world = await openHookCli(zendesk)
  const { session, stop } = await world.listen()
  await world.connectAcme()
  const [acme, globex] = companiesOf(zendesk) as [Company, Company]
  await world.connect('zendesk', [globex.name], `--tenant globex ${flagsFor(zendesk, globex)}`)
  const doctor = async () => {
    const { records } = await world.whs('doctor')
    const told = records.filter(({ name }) => /^(activation|hooks)/.test(String(name)))
    return told.map(({ name, level, detail, fix }) => [level, name, detail, fix])
  }
  const both = "Zendesk has 2 of them, with today's URL"
  expect(await doctor()).toEqual([
    ['ok', 'activations', '2 well', null],
    ['ok', 'hooks at zendesk', both, null],
  ])
  const [gone] = (await world.whs('activations --tenant acme')).records
  const [there] = await world.hooks()
  expect(acme.name).toBe(there?.company)
  await world.control({ remove: there?.id })
  const warned = [
    'warning',
    'activation acme',
    `at zendesk: Zendesk does not have ${gone?.id} any more`,
    'whs activate zendesk --tenant acme',
  ]
  const well = [
    ['ok', 'activations', '1 well', null],
    ['ok', 'hooks at zendesk', "Zendesk has the one, with today's URL", null],
  ]
  expect(await doctor()).toEqual([warned, ...well])
  await stop()
  const next = await world.listen({ port: Number(new URL(session.ready.url).port) })
  await next.told('gone')
  const kept = [
    'warning',
    'activation acme',
    'at zendesk: Zendesk does not have it any more',
    'whs activate zendesk --tenant acme',
  ]
  expect(await doctor()).toEqual([kept, ...well])
  await world.whs('activate zendesk --tenant acme')
  expect(await doctor()).toEqual([
    ['ok', 'activations', '2 well', null],
    ['ok', 'hooks at zendesk', both, null],
  ])
})
