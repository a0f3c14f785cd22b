import { expect, test } from 'vitest'
import { makeHooks } from '../../src/app/hooks-by-api.ts'
import { tendHooks } from '../../src/app/tend-hooks.ts'
import { factRecords } from '../../src/cli/render/fact-records.ts'
import type { ActivationOutcome } from '../../src/connect/activation/activation-outcome.ts'
import { asana } from '../../src/providers/asana.ts'
import { zendesk } from '../../src/providers/zendesk.ts'
import { companiesOf, consent } from '../helpers/cli-world.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { openHookCli } from '../helpers/hook-cli.ts'
import { appHere } from '../helpers/listener-here.ts'
import { testIo } from '../helpers/test-io.ts'

test.each([zendesk, asana])('a listener at another URL moves the hooks there: $id', async definition => {
  const world = await openHookCli(definition)
  const first = await world.listen()
  await world.connectAcme()
  await first.stop()
  const second = await world.listen()
  const moved = await second.told('moved')
  const url = second.session.ready.callbacks[definition.id] as string
  expect(moved).toMatchObject({ tenant: 'acme', why: null, todo: null, activation: { url, state: 'active' } })
  const hooks = await world.hooks()
  expect(hooks).toHaveLength(1)
  expect(hooks[0]?.url.startsWith(url)).toBe(true)
  const [line] = factRecords(testIo({}), { kind: 'activation', outcome: moved })
  expect(JSON.parse(line as string)).toMatchObject({ type: 'activation', state: 'moved', url, todo: null })
  await second.stop()
  const third = await world.listen({ port: Number(new URL(url).port) })
  await third.stop()
  expect(third.outcomes()).toEqual([])
})

test('a hook that somebody removed is named, stays gone, and is made again on demand', async () => {
  const world = await openHookCli(zendesk)
  const first = await world.listen()
  await world.connectAcme()
  await first.stop()
  await world.control({ remove: (await world.hooks())[0]?.id })
  const second = await world.listen({ port: Number(new URL(first.session.ready.url).port) })
  expect(await second.told('gone')).toMatchObject({ todo: 'whs activate zendesk --tenant acme', means: 'gone' })
  expect((await world.whs('activations')).records).toMatchObject([{ state: 'gone' }])
  expect((await world.whs('activate zendesk')).records).toMatchObject([{ state: 'made' }])
  expect((await world.whs('activations')).records).toMatchObject([{ state: 'made' }])
  expect(await world.hooks()).toHaveLength(1)
})

test('--temporary makes what is lacking and takes it away at the end', async () => {
  const world = await openHookCli(zendesk)
  await world.connectAcme()
  const listener = await world.listen({ temporary: true })
  expect(await listener.told('made')).toMatchObject({ tenant: 'acme', activation: { temporary: true } })
  expect((await world.whs('activations', { tty: true })).out).toContain('temporary')
  await listener.stop()
  expect(listener.outcomes().map(({ kind }) => kind)).toEqual(['made', 'gone'])
  expect(await world.hooks()).toEqual([])
  const plain = await world.listen()
  await plain.stop()
  expect(plain.outcomes()).toEqual([])
})

test('what a crash left of temporary hooks is swept at the next start', async () => {
  const world = await openHookCli(zendesk)
  const first = await world.listen()
  await world.connectAcme('--no-activate')
  const app = appHere(world.home)
  await makeHooks(app, {
    app: await app.findApp('zendesk'),
    tenants: null,
    resources: 'usual',
    temporary: true,
    onOutcome: () => undefined,
  })
  await first.stop()
  expect(await world.hooks()).toHaveLength(1)
  const next = await world.listen()
  expect(await next.told('gone')).toMatchObject({ tenant: 'acme' })
  expect(await world.hooks()).toEqual([])
})

test('a provider that is down keeps no listener from being ready, and what failed is told', async () => {
  const world = await openHookCli(zendesk)
  const first = await world.listen()
  await world.connectAcme()
  await first.stop()
  await world.simulator.close()
  const second = await world.listen()
  expect(await second.told('failed')).toMatchObject({ tenant: 'acme', means: 'busy' })
  const doctor = await world.whs('doctor')
  expect(doctor.records).toContainEqual(
    expect.objectContaining({ name: 'hooks at zendesk', detail: expect.stringContaining('not looked at: ') }),
  )
  expect((await world.whs('activations')).records).toMatchObject([{ state: 'elsewhere' }])
})

test('what could not be moved is tried again, later each time, until the end', async () => {
  const world = await openHookCli(zendesk)
  const first = await world.listen()
  await world.connectAcme()
  await first.stop()
  await world.control({ fail: { status: 503, call: 'move', times: 2 } })
  const clock = handClock()
  const told: ActivationOutcome[] = []
  const waits: number[] = []
  const watched = {
    setTimer(run: () => void, ms: number) {
      waits.push(ms)
      return clock.setTimer(run, ms)
    },
  }
  let onMoved = (): void => undefined
  const moved = new Promise<void>(resolve => {
    onMoved = resolve
  })
  const tending = tendHooks(appHere(world.home), {
    publicUrl: () => 'http://localhost:4',
    isTemporary: false,
    clock: watched,
    tell(fact) {
      if (fact.kind !== 'activation') throw new Error(JSON.stringify(fact))
      told.push(fact.outcome)
      if (fact.outcome.kind === 'moved') onMoved()
    },
  })
  const looking = setInterval(() => clock.advance(60_000), 20)
  await moved
  clearInterval(looking)
  await tending.stop(5_000)
  expect(told.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'moved'])
  expect(waits.filter(ms => ms < 15 * 60_000)).toEqual([30_000, 60_000])
  expect((await world.hooks())[0]?.url).toBe('http://localhost:4/hooks/zendesk')
})

test('a consent by a link makes the hooks in the listener, unless the link says otherwise', async () => {
  const world = await openHookCli(zendesk)
  const [company] = companiesOf(zendesk)
  const { slots = {}, name = '' } = company ?? {}
  const asked = (zendesk.ask ?? []).map(ask => `--set ${ask.name}=${slots[ask.name]}`).join(' ')
  const open = async (more: string): Promise<void> => {
    const [link] = (await world.whs(`connect zendesk --link --tenant acme ${asked} ${more}`)).records
    await consent(link?.url as string, [name])
  }
  const first = await world.listen()
  await open('--no-activate')
  await first.stop()
  expect(await world.hooks()).toEqual([])
  const listener = await world.listen()
  await open('')
  expect(await listener.told('made')).toMatchObject({ tenant: 'acme', activation: { temporary: false } })
  expect(await world.hooks()).toHaveLength(1)
})
