import { expect, onTestFinished, test } from 'vitest'
import { airtable } from '../../src/providers/airtable.ts'
import { googleCalendar } from '../../src/providers/google-calendar.ts'
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
    async hook(resource: string | null): Promise<string> {
      const wish = {
        account: company?.name,
        url: handler.url,
        ...(resource === null ? {} : { resource }),
        id: crypto.randomUUID(),
      }
      return ((await simulated.json('POST', '/portal/hooks', wish)).body as { id: string }).id
    },
  }
}
