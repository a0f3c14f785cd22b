import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSimulator } from '../../src/app/demo.ts'
import { openCliWorld } from '../helpers/cli-world.ts'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { myCrm } from '../helpers/my-crm.ts'

test('a definition of one’s own is played by the simulator, which makes up what it needs from it', async () => {
  const world = await openCliWorld([])
  const { home, whs } = world
  writeFileSync(join(home, 'my-crm.json'), JSON.stringify(myCrm))
  expect((await whs(`providers add ${join(home, 'my-crm.json')}`)).code).toBe(0)
  const early = await whs(`app add my-crm --env simulator --host simulator=${world.simulator.base}`)
  expect(JSON.parse(early.err)).toMatchObject({
    code: 'no-simulator',
    exit: 3,
    why: expect.stringContaining('started'),
  })

  const simulator = await openSimulator(appHere(home), 0)
  onTestFinished(() => simulator.close())
  expect((await whs(`app add my-crm --env simulator --host simulator=${simulator.base}`)).code).toBe(0)
  await listenHere(home)
  const connected = await world.connect('my-crm', ['Globex Corp'], '--tenant globex')
  expect(connected.records).toMatchObject([{ type: 'connection', tenants: ['globex'], accounts: [{ id: 'globex' }] }])

  const change = { account: 'globex', event: 'record.created' }
  const body = JSON.stringify(change)
  const sent = await fetch(`${simulator.base}/my-crm/control/change`, { method: 'POST', body })
  expect(await sent.json()).toMatchObject({ deliveries: [{ events: [{ company: 'Globex Corp' }] }] })
  const triggered = await whs('trigger my-crm:record.updated')
  expect(triggered.records[0]).toMatchObject({ event: 'record.updated', tenant: 'globex', verified: 'signature' })
  expect((await whs('events list --event record.*')).records).toMatchObject([
    { event: 'record.updated', tenant: 'globex' },
    { event: 'record.created', tenant: 'globex', verified: 'signature' },
  ])
})
