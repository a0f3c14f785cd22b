import { expect, test } from 'vitest'
import type { ActivationOutcome } from '../../src/connect/activation/activation-outcome.ts'
import { nextDueAt, renewDue } from '../../src/connect/activation/renew-due.ts'
import { startRenewals } from '../../src/connect/activation/renewals.ts'
import { openHookMaker } from '../helpers/hook-maker.ts'
import { type HookWorldOptions, hookApi, hookDefinition } from '../helpers/hook-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

checkLeaks()

const hour = 3_600_000
const day = 24 * hour

async function begin(options: Partial<HookWorldOptions> = {}) {
  const maker = await openHookMaker(options)
  const wish = { callbackOf: (): string => maker.callback }
  const renew = (): Promise<ActivationOutcome[]> => renewDue(maker.deps, wish)
  return { ...maker, renew, wish }
}

test('a month passes: each hook is renewed before it ends, none is ever dead, and it wakes every quarter of an hour', async () => {
  const { made, deps, provider, wish, clock, rows } = await begin()
  for (const board of ['b-1', 'b-2', 'b-3']) await made(board)
  const outcomes: ActivationOutcome[] = []
  const faults: unknown[] = []
  const { renewals, pass } = virtualClock(clock)
  const running = startRenewals(
    { ...deps, ...wish, onOutcome: one => outcomes.push(one), onFault: error => faults.push(error) },
    renewals,
  )
  for (let days = 0; days < 30; days++) {
    await pass(day)
    expect(provider.hooks.every(({ ends }) => Date.parse(ends ?? '') > clock.now)).toBe(true)
  }
  await running.stop()
  expect(faults).toEqual([])
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 15 }, () => 'renewed'))
  expect(provider.hooks.map(({ id }) => id)).toEqual(['h-1', 'h-2', 'h-3'])
  expect((await rows()).every(({ state, why, tries }) => state === 'active' && why === null && tries === 0)).toBe(true)
})

test('what died while the machine was off is made anew at the start; its old row and key are gone', async () => {
  const { made, provider, renew, clock, rows, callback } = await begin()
  const old = await made('b-1')
  const url = provider.hooks[0]?.url
  clock.now += 8 * day
  expect(await renew()).toMatchObject([
    { kind: 'renewed', why: 'it had ended, and was made anew', activation: { providerId: 'h-2', state: 'active' } },
  ])
  const [row, ...others] = await rows()
  expect(others).toEqual([])
  expect(row?.id).not.toBe(old.id)
  expect(provider.hooks).toHaveLength(1)
  expect(provider.hooks[0]?.url.startsWith(`${callback}/`)).toBe(true)
  expect(provider.hooks[0]?.url).not.toBe(url)
})

test('a renewal that fails is tried again with growing pauses, said each time, and never past a false active', async () => {
  const { made, provider, renew, clock, rows } = await begin()
  const hook = await made('b-1')
  clock.now = hook.nextAt as number
  const pauses: number[] = []
  for (let tries = 1; tries <= 5; tries++) {
    provider.mood.failures.push({ method: 'POST', answer: { status: 500, body: { message: 'oh no' } } })
    const [failed] = await renew()
    expect(failed).toMatchObject({ kind: 'failed', means: 'busy', why: 'Example Inc. answered 500: oh no' })
    expect(failed?.activation).toMatchObject({ state: 'active', tries, why: failed?.why })
    pauses.push(((failed?.nextAt as number) - clock.now) / 60_000)
    clock.now = failed?.nextAt as number
  }
  expect(pauses).toEqual([1, 5, 15, 60, 60])
  expect(await renew()).toMatchObject([{ kind: 'renewed', activation: { tries: 0, why: null } }])

  clock.now += 8 * day
  provider.mood.failures.push({ method: 'POST', answer: { status: 503 } })
  expect(await renew()).toMatchObject([{ kind: 'failed', activation: { state: 'pending' } }])
  clock.now += 60_000
  expect(await renew()).toMatchObject([{ kind: 'made', activation: { state: 'active' } }])
  expect(await rows()).toHaveLength(1)
})

test('a renewal that was done and never heard of: the hook that lives is renewed, and none is made beside it', async () => {
  const { made, provider, renew, clock, rows } = await begin()
  const hook = await made('b-1')
  const [there] = provider.hooks
  if (there) there.ends = new Date(clock.now + 14 * day).toISOString()
  clock.now = (hook.expiresAt as number) + hour
  expect(await renew()).toMatchObject([{ kind: 'renewed', why: null, activation: { id: hook.id, providerId: 'h-1' } }])
  expect(provider.hooks.map(({ id }) => id)).toEqual(['h-1'])
  expect(await rows()).toHaveLength(1)
})

test('one that somebody else removed is named, not made again behind his back', async () => {
  const { made, deps, provider, renew, clock, rows } = await begin()
  const hook = await made('b-1')
  provider.hooks = []
  clock.now = hook.nextAt as number
  expect(await renew()).toMatchObject([
    {
      kind: 'gone',
      why: 'Example Inc. answered 404: no such hook',
      todo: 'whs activate small --tenant acme --resource b-1',
      activation: { state: 'gone', nextAt: null },
    },
  ])
  expect(await nextDueAt(deps)).toBeNull()
  expect((await made('b-1')).state).toBe('active')
  expect(await rows()).toHaveLength(1)
})

test('anew: the new one is there before the old one goes; one that could not be removed is removed later', async () => {
  const { renew: _none, ...rest } = hookApi
  const { made, provider, renew, clock, rows } = await begin({ definition: hookDefinition({ ...rest, renew: 'anew' }) })
  const old = await made('b-1')
  clock.now = old.nextAt as number
  provider.requests.length = 0
  provider.mood.failures.push({ method: 'DELETE', answer: { status: 500 } })
  expect(await renew()).toMatchObject([{ kind: 'renewed', activation: { providerId: 'h-2' } }])
  expect(provider.requests).toEqual(['POST /api/hooks', 'DELETE /api/hooks/h-1'])
  expect((await rows()).map(({ providerId, why }) => [providerId, why])).toEqual([
    ['h-1', 'Example Inc. answered 500'],
    ['h-2', null],
  ])
  clock.now += 600_000
  expect(await renew()).toEqual([])
  expect((await rows()).map(({ providerId }) => providerId)).toEqual(['h-2'])
  expect(provider.hooks.map(({ id }) => id)).toEqual(['h-2'])
})

test('again: the same call with the same key and secret', async () => {
  const upsert = { ...hookApi.create, url: '{api}/hooks' }
  const definition = hookDefinition({
    create: upsert,
    renew: 'again',
    made: { ...hookApi.made, id: { chosen: '{resource}' } },
  })
  const { made, provider, renew, clock, rows } = await begin({ definition })
  const hook = await made('b-1')
  expect(hook.providerId).toBe('b-1')
  clock.now = hook.nextAt as number
  expect(await renew()).toMatchObject([
    { kind: 'renewed', activation: { id: hook.id, expiresAt: clock.now + 7 * day } },
  ])
  expect(provider.bodies[1]).toEqual(provider.bodies[0])
  expect(await rows()).toHaveLength(1)
})

test('two at once make one hook, also while the call of the first is open', async () => {
  const { make, provider, rows } = await begin()
  const inner: ActivationOutcome[] = []
  provider.mood.whileMaking = async () => {
    inner.push(await make())
  }
  expect((await make()).kind).toBe('made')
  expect(inner).toMatchObject([{ kind: 'failed', why: 'another command is making it, or was ended while it did' }])
  expect((await rows())[0]).toMatchObject({ state: 'active', tries: 0 })
  provider.mood = { failures: [] }
  const second = { resource: 'b-2' }
  const both = await Promise.all([make(second), make(second)])
  expect(both.map(({ kind }) => kind).sort()).toEqual(['failed', 'made'])
  expect(provider.hooks.map(({ board }) => board)).toEqual(['b-1', 'b-2'])
})
