import { expect, test } from 'vitest'
import { findDrift } from '../../src/connect/activation/find-drift.ts'
import { moveTo } from '../../src/connect/activation/move-to.ts'
import { openHookMaker } from '../helpers/hook-maker.ts'
import { hookApi, hookDefinition } from '../helpers/hook-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'

checkLeaks()

test('drift is told for each hook, by one list for all of them', async () => {
  const { made, deps, provider, callback } = await openHookMaker()
  for (const board of ['b-1', 'b-2', 'b-3']) await made(board)
  const [, second] = provider.hooks
  if (second) second.url = 'https://old.example/hooks/small/xyz'
  provider.hooks.pop()
  provider.requests.length = 0
  const states = async () => (await findDrift(deps, { app: 'small', callback })).map(({ state, url }) => [state, url])
  expect(await states()).toEqual([
    ['well', callback],
    ['elsewhere', 'https://old.example/hooks/small/xyz'],
    ['gone', null],
  ])
  expect(provider.requests).toEqual(['GET /api/hooks'])
  provider.mood.failures.push({ method: 'GET', answer: { status: 503 } })
  expect((await states()).map(([state]) => state)).toEqual(['unknown', 'unknown', 'unknown'])
})

test('where the provider has no list, the URL that it was given last is compared', async () => {
  const { list: _none, ...api } = hookApi
  const definition = hookDefinition()
  const { made, deps, callback } = await openHookMaker({
    definition: { ...definition, activation: { ...definition.activation, api } },
  })
  await made('b-1')
  const states = async (url: string) => (await findDrift(deps, { app: 'small', callback: url })).map(one => one.state)
  expect(await states(callback)).toEqual(['unknown'])
  expect(await states('https://new.example/hooks/small')).toEqual(['elsewhere'])
})

const today = 'https://today.example/hooks/small'

test('moved by the provider’s call it keeps id, key and secret', async () => {
  const { made, deps, provider } = await openHookMaker()
  const hook = await made('b-1')
  const key = provider.hooks[0]?.url.split('/').at(-1)
  expect(await moveTo(deps, hook, today)).toMatchObject({ kind: 'moved', activation: { id: hook.id, url: today } })
  expect(provider.hooks[0]?.url).toBe(`${today}/${key}`)
})

test('without such a call the new one is made before the old one goes, or after it where there may be no two', async () => {
  const { move: _none, ...rest } = hookApi
  const plain = hookDefinition()
  for (const [api, order] of [
    [rest, ['POST /api/hooks', 'DELETE /api/hooks/h-1']],
    [{ ...rest, move: 'remove-first' as const }, ['DELETE /api/hooks/h-1', 'POST /api/hooks']],
  ] as const) {
    const definition = { ...plain, activation: { ...plain.activation, api } }
    const { made, deps, provider, rows } = await openHookMaker({ definition })
    const hook = await made('b-1')
    provider.requests.length = 0
    expect(await moveTo(deps, hook, today)).toMatchObject({
      kind: 'moved',
      activation: { providerId: 'h-2', url: today },
    })
    expect(provider.requests).toEqual(order)
    expect(await rows()).toHaveLength(1)
  }
})

test('what only a person can move is told with the field and the URL; what failed stays as it was', async () => {
  const { made, deps, provider, store, rows } = await openHookMaker()
  const hook = await made('b-1')
  provider.mood.failures.push({ method: 'PATCH', answer: { status: 403, body: { message: 'no' } } })
  expect(await moveTo(deps, hook, today)).toMatchObject({ kind: 'failed', means: 'scope' })
  expect((await rows())[0]).toMatchObject({ state: 'active', url: hook.url })
  const byHand = await store.write('addActivation', {
    app: 'small',
    tenant: 'acme',
    resource: 'b-9',
    state: 'active',
    url: 'https://old.example/hooks/small',
    release: true,
  })
  expect(await moveTo(deps, byHand.activation, today)).toMatchObject({
    kind: 'elsewhere',
    why: 'it points at https://old.example/hooks/small',
    todo: `set Webhook URL to ${today} (Developers > your app > Webhooks)`,
  })
})
