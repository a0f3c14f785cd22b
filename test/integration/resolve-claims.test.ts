import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { byApp, openResolveWorld } from '../helpers/resolve-world.ts'
import { gate } from '../helpers/watch-calls.ts'

checkLeaks()

test('of what two tenants can open nobody is given anything; a person says whose it is', async () => {
  const world = await openResolveWorld()
  for (const tenant of ['acme', 'globex']) await world.consent(tenant)
  world.api.owners.t1 = ['token-acme', 'token-globex']
  const listener = await world.listen()
  await listener.post([{ thing: 't1', account_id: 'acc-9' }])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  expect(listener.resolutions()[0]).toMatchObject({
    answer: { state: 'nobody', why: 'globex and acme can all open it' },
    settled: { events: 0, parked: 1, account: { value: 'acc-9' } },
  })
  expect(await world.whose()).toEqual([[null, 'unknown-account']])
  await world.app
    .store()
    .write('mapAccount', { app: 'small', kind: 'account', value: 'acc-9', tenant: 'globex', release: true })
  await world.handler.count(1)
  expect(await world.whose()).toEqual([['globex', null]])
  await listener.stop()
})

test('a claim while it is asked releases at once', async () => {
  const world = await openResolveWorld()
  await world.consent('acme')
  const held = gate()
  world.api.answer = async () => {
    await held.opened
    return undefined
  }
  const listener = await world.listen()
  await listener.post([{ thing: 't1', account_id: 'acc-9' }])
  await expect.poll(() => world.api.asked.length).toBe(1)
  const claim = { app: 'small', kind: 'account', value: 'acc-9', tenant: 'globex', release: true }
  expect(await world.app.store().write('mapAccount', claim)).toMatchObject({ events: 1 })
  await world.handler.count(1)
  held.open()
  await expect.poll(() => listener.resolutions().length).toBe(1)
  expect(await world.whose()).toEqual([['globex', null]])
  await listener.stop()
})

test('where the app is told an account that is nobody’s, that one can be claimed', async () => {
  const world = await openResolveWorld(byApp)
  await world.consent('acme')
  world.api.accounts.t1 = ['acc-new']
  world.api.accounts.t2 = ['acc-acme', 'acc-globex']
  const listener = await world.listen()
  await listener.post(['t1'])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  expect(listener.resolutions()[0]).toMatchObject({
    settled: { tenants: [], parked: 1, account: { value: 'acc-new' } },
  })
  expect((await world.events()).map(({ account, reason }) => [account, reason])).toEqual([
    ['acc-new', 'unknown-account'],
  ])
  await world.consent('globex', 'acc-new')
  await world.handler.count(1)
  expect(await world.whose()).toEqual([['globex', null]])
  // Two tenants are no answer either.
  await world.consent('initech', 'acc-globex')
  await listener.post(['t2'])
  await expect.poll(() => listener.resolutions().length).toBe(2)
  expect(listener.resolutions()[1]).toMatchObject({
    answer: { state: 'nobody', why: 'it stands for acme and initech' },
  })
  await listener.stop()
})

test('what nobody has proved asks nothing, and an ignored account neither', async () => {
  const world = await openResolveWorld()
  await world.consent('acme')
  world.api.owners.t1 = ['token-acme']
  const listener = await world.listen({ allowUnverified: true })
  const body = JSON.stringify({ events: [{ type: 'thing.updated', id: 'x', thing: 't1' }] })
  const headers = { 'content-type': 'application/json', 'x-signature': '00' }
  const answer = await fetch(`${listener.session.ready.url}/hooks/small`, { method: 'POST', headers, body })
  expect(answer.status).toBe(200)
  await world.app.store().write('ignoreAccount', { app: 'small', value: 'acc-9' })
  await listener.post([{ thing: 't1', account_id: 'acc-9' }])
  await listener.post([{ account_id: 'acc-acme' }])
  await world.handler.count(1)
  expect(await world.whose()).toEqual([
    [null, 'unknown-account'],
    ['acme', null],
  ])
  expect(world.api.asked).toEqual([])
  await listener.stop()
})
