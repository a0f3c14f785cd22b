import { expect, test } from 'vitest'
import { explainEvent } from '../../src/app/explain.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { byApp, byTenant, openResolveWorld } from '../helpers/resolve-world.ts'

checkLeaks()

test('the app’s own call is asked once, with its credentials and nobody’s token', async () => {
  const world = await openResolveWorld(byApp)
  for (const tenant of ['acme', 'globex']) await world.consent(tenant)
  world.api.accounts.t1 = ['acc-globex', 'acc-elsewhere']
  const listener = await world.listen()
  await listener.post(['t1'])
  await world.handler.count(1)
  expect(await world.whose()).toEqual([['globex', null]])
  expect(world.api.asked).toMatchObject([{ basic: 'client-1:client-s3cret-5ec2e7', thing: 't1' }])
  expect(world.api.asked[0]?.token).not.toContain('token-')
  const [event] = await world.events()
  expect((await explainEvent(world.app, event as never)).mapping).toContain('with the app’s own credentials')
  await listener.stop()
})

test('credentials that are not stored are said, and nothing waits for them', async () => {
  const world = await openResolveWorld({ ...byApp, call: { ...byApp.call, auth: { bearer: '{secret.signing}' } } })
  await world.consent('acme')
  const listener = await world.listen()
  await listener.post(['t1'])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  expect(listener.resolutions()[0]).toMatchObject({
    answer: { state: 'nobody', why: expect.stringContaining('is not stored') },
  })
  expect(await world.whose()).toEqual([[null, 'unknown-account']])
  expect(world.api.asked).toEqual([])
  await listener.stop()
})

test('an answer that names what it is about must name this very value', async () => {
  const equals = { ...byTenant, equals: '$.id' }
  const world = await openResolveWorld(equals)
  await world.consent('acme')
  world.api.answer = () => ({ status: 200, body: { id: 'another' } })
  const listener = await world.listen()
  await listener.post(['t1'])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  expect(listener.resolutions()[0]).toMatchObject({ answer: { state: 'nobody' } })
  await listener.stop()
})
