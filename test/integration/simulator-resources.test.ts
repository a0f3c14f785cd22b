import { expect, onTestFinished, test } from 'vitest'
import { airtable } from '../../src/providers/airtable.ts'
import { asana } from '../../src/providers/asana.ts'
import { googleCalendar } from '../../src/providers/google-calendar.ts'
import { microsoftGraph } from '../../src/providers/microsoft-graph.ts'
import { shopify } from '../../src/providers/shopify.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { startHandler, startSimulated } from '../helpers/simulated.ts'

test.each([airtable, googleCalendar])(
  'of two things of a company the one that changed is told: $id',
  async definition => {
    const { simulated, hook, events } = await open(definition)
    const [company] = companiesOf(definition)
    const [own, other] = company?.resources ?? []
    const wanted = await hook(own?.id as string)
    await hook(other?.id as string)
    const sent = await simulated.change({ account: company?.name, event: events[0] })
    expect(sent.map(one => one.hook)).toEqual([wanted])
  },
)

test('a hook for one topic hears of no other; one that a person made for none hears of all', async () => {
  const { simulated, hook } = await open(shopify)
  const [company] = companiesOf(shopify)
  const ids = [await hook('ORDERS_CREATE'), await hook('ORDERS_UPDATED'), await hook(null)]
  const heard = async (event: string) =>
    (await simulated.change({ account: company?.name, event })).map(one => ids.indexOf(one.hook as string))
  expect(await heard('orders.created')).toEqual([0, 2])
  expect(await heard('orders.updated')).toEqual([1, 2])
})

test('a record of one project is told to the hook for that project, as is what happens to the project itself', async () => {
  const { simulated, hook } = await open(asana)
  const [first, second] = companiesOf(asana)
  const ids = [await hook('1300', second), await hook('1310', second), await hook('77', first), await hook('78', first)]
  const heard = async (account: string | undefined, wish: object) =>
    (await simulated.change({ account, ...wish })).map(one => ids.indexOf(one.hook as string))
  expect(await heard(second?.name, { event: 'task.updated', resourceId: '1301' })).toEqual([0])
  expect(await heard(second?.name, { event: 'task.updated', resourceId: '1302' })).toEqual([1])
  expect(await heard(second?.name, { event: 'project.updated', resourceId: '1310' })).toEqual([1])
  // A new task belongs to the first project.
  expect(await heard(second?.name, { event: 'task.created' })).toEqual([0])
  expect(await heard(first?.name, { event: 'task.updated' })).toEqual([2])
})

test('mail is told to the hook for mail, an appointment to that for the calendar, and what ends a hook to each', async () => {
  const { simulated, hook } = await open(microsoftGraph)
  const [company] = companiesOf(microsoftGraph)
  const ids = [await hook('me/messages'), await hook('me/events')]
  const heard = async (event: string) =>
    (await simulated.change({ account: company?.name, event })).map(one => ids.indexOf(one.hook as string))
  expect(await heard('message.updated')).toEqual([0])
  expect(await heard('event.created')).toEqual([1])
  expect(await heard('subscription.missed')).toEqual([0, 1])
})

test('an event of a topic for which there is no hook comes to the URL of the app alone', async () => {
  const { simulated, hook } = await open(shopify)
  const [company] = companiesOf(shopify)
  await hook('ORDERS_CREATE')
  const sent = await simulated.change({ account: company?.name, event: 'orders.paid' })
  expect(sent.map(one => one.hook)).toEqual([null])
})

async function open(definition: Parameters<typeof companiesOf>[0]) {
  const handler = await startHandler()
  const simulated = await startSimulated({ definition })
  onTestFinished(async () => {
    await simulated.close()
    await handler.close()
  })
  const [company] = companiesOf(definition)
  await simulated.app({ callbackUrl: handler.url })
  const events = await simulated.events()
  return {
    simulated,
    events: events.filter(({ isApp }) => !isApp).map(({ event }) => event),
    async hook(resource: string | null, of = company): Promise<string> {
      const wish = {
        account: of?.name,
        url: handler.url,
        ...(resource === null ? {} : { resource }),
        id: crypto.randomUUID(),
      }
      return ((await simulated.json('POST', '/portal/hooks', wish)).body as { id: string }).id
    },
  }
}
