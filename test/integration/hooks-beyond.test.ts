import { expect, test } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { listen } from '../../src/app/listen.ts'
import { pipedrive } from '../../src/providers/pipedrive.ts'
import { openHookCli } from '../helpers/hook-cli.ts'
import { appHere, listenOptions } from '../helpers/listener-here.ts'

test('more than fifty hooks that no delivery tells apart: doctor, activate, activations add and listen name those beyond', async () => {
  const world = await openHookCli(pipedrive)
  const store = appHere(world.home).store()
  const addHook = (number: number): Promise<unknown> =>
    store.write('addActivation', {
      app: 'pipedrive',
      tenant: `t${number}`,
      state: 'active',
      secret: { name: 'webhook', value: `whs:s${number}` },
      release: true,
    })
  for (let number = 1; number <= 50; number++) await addHook(number)
  const lines = async () =>
    (await world.whs('doctor')).records.filter(
      ({ name, level }) => name === 'hooks at pipedrive' && level === 'warning',
    )
  expect(await lines()).toEqual([])

  const told: Fact[] = []
  const session = await listen(appHere(world.home), listenOptions(), fact => void told.push(fact))
  await world.connectAcme('--no-activate')
  const made = await world.whs('activate pipedrive')
  expect(made.records).toMatchObject([{ state: 'made', tenant: 'acme' }])
  const why =
    'a delivery of Pipedrive does not say which hook it is of, and the secrets of the newest 50 alone are tried'
  const detail = `1 hook can never verify (t1): ${why}`
  const fix = 'whs app add pipedrive --app pipedrive-2, then whs connect pipedrive-2 --tenant t1'
  expect(made.err).toBe(`warning  ${detail}\nnext     ${fix}\n`)
  expect(await lines()).toMatchObject([{ detail, fix }])
  const doctor = (await world.whs('doctor')).records
  expect(doctor).toContainEqual(expect.objectContaining({ name: 'activations', detail: '50 well' }))
  await session.stop('the test is over')
  expect(told.filter(({ kind }) => kind === 'warning')).toEqual([])

  const next = await listen(appHere(world.home), listenOptions(), fact => void told.push(fact))
  await expect
    .poll(() => told.filter(({ kind }) => kind === 'warning'))
    .toEqual([{ kind: 'warning', code: 'hooks-beyond', detail: `pipedrive: ${detail}`, fix }])
  const added = await world.whs('activations add pipedrive --tenant acme')
  expect(added.err).toContain('warning  2 hooks can never verify (t1, t2): ')
  await next.stop('the test is over')
})
