import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/app/listen.ts'
import { tendHooks } from '../../src/app/tend-hooks.ts'
import type { ActivationOutcome } from '../../src/connect/activation/activation-outcome.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { testedProviders } from '../helpers/fixtures.ts'
import { openHookCli } from '../helpers/hook-cli.ts'
import { appHere, listenOptions } from '../helpers/listener-here.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const dayMs = 86_400_000
const ending = testedProviders.filter(({ activation: { api, days } }) => api && days !== undefined && days <= 14)

test.each(ending.map(definition => [definition.id, definition] as const))(
  '%s: a fortnight passes, longer than a hook lives; it is renewed each time, with tokens that end each hour, and brings its events',
  async (id, definition) => {
    const clock = { now: Date.now() }
    const world = await openHookCli(definition, undefined, () => clock.now)
    const app = appHere(world.home, {}, () => clock.now)
    const session = await listen(app, listenOptions(), () => undefined)
    onTestFinished(async () => void (await session.stop('the test is over')))
    await world.connectAcme()
    await world.whs(`activate ${id} --tenant acme`)
    const told: ActivationOutcome[] = []
    const { renewals, pass } = virtualClock(clock)
    const tending = tendHooks(app, {
      publicUrl: () => session.ready.url,
      isTemporary: false,
      clock: renewals,
      tell(fact) {
        if (fact.kind !== 'activation') throw new Error(JSON.stringify(fact))
        told.push(fact.outcome)
      },
    })
    const [company] = companiesOf(definition)
    const events = (await (await fetch(`${world.simulator.base}/${id}/control/events`)).json()) as {
      events: { event: string; type: string | null; isApp: boolean }[]
    }
    const own = events.events.filter(({ isApp }) => !isApp)
    const event = (own.find(({ type }) => type !== null) ?? own[0])?.event
    const stood = (await world.hooks()).length
    for (let day = 1; day <= 14; day++) {
      await pass(dayMs)
      expect(await world.hooks(), `day ${day}`).toHaveLength(stood)
      const { text } = await world.change(id, { account: company?.name, event })
      const { deliveries } = JSON.parse(text) as { deliveries: { tries: { status: number }[] }[] }
      expect(deliveries.map(({ tries }) => tries[0]?.status)).toEqual([definition.webhook.reply.ok])
    }
    await tending.stop(5_000)
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['renewed']))
    expect(told.length).toBeGreaterThanOrEqual(stood)
    const came = (await world.whs('events --tenant acme')).records.filter(({ source }) => source === 'delivery')
    expect(came).toHaveLength(14)
  },
)
