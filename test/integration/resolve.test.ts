import { expect, test } from 'vitest'
import { explainEvent } from '../../src/app/explain.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { openResolveWorld, type ResolveWorld } from '../helpers/resolve-world.ts'
import { queryFile } from '../helpers/temp-home.ts'
import { gate } from '../helpers/watch-calls.ts'

checkLeaks()

function tokensAsked(world: ResolveWorld): string[] {
  return world.api.asked.map(({ token }) => token).sort()
}

test('a delivery that names no account is answered first, asked about behind that, and goes to the one whose it is', async () => {
  const world = await openResolveWorld()
  for (const tenant of ['acme', 'globex', 'initech']) await world.consent(tenant)
  world.api.owners.t1 = ['token-globex']
  const held = gate()
  world.api.answer = async () => {
    await held.opened
    return undefined
  }
  const listener = await world.listen()
  expect(await listener.post(['t1'])).toBe(200)
  expect(await world.whose()).toEqual([[null, 'resolving']])
  await expect.poll(() => world.api.asked.length).toBe(1)
  expect(await listener.post([{ account_id: 'acc-acme' }])).toBe(200)
  await world.handler.count(1)
  held.open()
  await world.handler.count(2)
  expect(await world.whose()).toEqual([
    ['globex', null],
    ['acme', null],
  ])
  // Each was asked once, with its own token.
  expect(tokensAsked(world)).toEqual(['token-acme', 'token-globex', 'token-initech'])
  expect(world.handler.arrived.map(({ headers }) => [headers['whs-tenant'], headers['whs-account']])).toEqual([
    ['acme', 'acc-acme'],
    ['globex', 'acc-globex'],
  ])
  expect(listener.resolutions()).toMatchObject([
    {
      about: 'thing',
      value: 't1',
      answer: { state: 'found' },
      settled: { tenants: ['globex'], events: 1, forwards: 1 },
    },
  ])
  await listener.stop()
})

test('what was found is known from then on, and explained: by which call, and when', async () => {
  const world = await openResolveWorld()
  await world.consent('acme')
  world.api.owners.t1 = ['token-acme']
  const listener = await world.listen()
  await listener.post(['t1'])
  await world.handler.count(1)
  await listener.post(['t1', { thing: 't1', account_id: 'acc-unknown' }])
  await world.handler.count(2)
  expect(world.api.asked).toHaveLength(1)
  const events = await world.events()
  expect(events.map(({ tenant, account }) => [tenant, account])).toEqual([
    ['acme', 'acc-acme'],
    ['acme', 'acc-acme'],
    // What it names itself stays its account.
    ['acme', 'acc-unknown'],
  ])
  for (const event of events) {
    const { mapping } = await explainEvent(world.app, event)
    expect(mapping).toMatch(
      /^GET \/things\/\{value\} answered for the thing t1 with the token of acme, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; it stands for account acc-acme$/,
    )
  }
  await listener.stop()
})

test('what is nobody’s is asked about once, until somebody new consents: then that one alone', async () => {
  const world = await openResolveWorld()
  for (const tenant of ['acme', 'globex']) await world.consent(tenant)
  const listener = await world.listen()
  await listener.post([{ thing: 't1', account_id: 'acc-9' }])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  await listener.post([{ thing: 't1', account_id: 'acc-9' }])
  expect(await world.whose()).toEqual([
    [null, 'unknown-account'],
    [null, 'unknown-account'],
  ])
  expect(world.api.asked).toHaveLength(2)
  world.api.owners.t1 = ['token-initech']
  await world.consent('initech')
  await world.handler.count(2)
  expect(tokensAsked(world)).toEqual(['token-acme', 'token-globex', 'token-initech'])
  expect(await world.whose()).toEqual([
    ['initech', null],
    ['initech', null],
  ])
  await listener.stop()
})

test('a negative answer has an end: what comes after it is asked about anew', async () => {
  const world = await openResolveWorld()
  await world.consent('acme')
  const listener = await world.listen()
  await listener.post(['t1'])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  world.api.owners.t1 = ['token-acme']
  const [resolution] = queryFile<{ minutes: number }>(
    world.home,
    'SELECT round((ends_at - changed_at) / 60000.0) AS minutes FROM resolutions',
  )
  expect(resolution?.minutes).toBe(60)
  queryFile(world.home, 'UPDATE resolutions SET ends_at = changed_at')
  await listener.post(['t1'])
  await world.handler.count(2)
  expect(await world.whose()).toEqual([
    ['acme', null],
    ['acme', null],
  ])
  await listener.stop()
})

test('a burst of one value asks each connection once, and is released in the order in which it came', async () => {
  const world = await openResolveWorld()
  for (const tenant of ['acme', 'globex']) await world.consent(tenant)
  world.api.owners.t1 = ['token-acme']
  const held = gate()
  world.api.answer = async () => {
    await held.opened
    return undefined
  }
  const listener = await world.listen()
  for (let index = 0; index < 20; index++) await listener.post(['t1'])
  expect(await world.whose()).toEqual(Array.from({ length: 20 }, () => [null, 'resolving']))
  held.open()
  await world.handler.count(20)
  expect(world.api.asked).toHaveLength(2)
  const ids = world.handler.arrived.map(
    ({ body }) => (JSON.parse(body.toString()) as { events: [{ id: string }] }).events[0].id,
  )
  expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => `e${index + 1}`))
  await listener.stop()
})

test('a provider that is away is waited for, told once, and asked where it was left, also by the next listener', async () => {
  const world = await openResolveWorld()
  for (const tenant of ['acme', 'globex', 'initech']) await world.consent(tenant)
  world.api.owners.t1 = ['token-acme']
  let left = 1
  world.api.answer = () => (left-- > 0 ? undefined : { status: 503, body: { message: 'later' } })
  const listener = await world.listen()
  await listener.post(['t1'])
  await expect.poll(() => listener.resolutions().length).toBe(1)
  expect(listener.resolutions()[0]).toMatchObject({
    answer: { state: 'open', tries: 1, why: expect.stringContaining('later') },
  })
  expect(await world.whose()).toEqual([[null, 'resolving']])
  world.clock.ahead += 6_000
  await expect.poll(() => world.api.asked.length).toBe(3)
  expect(listener.resolutions()).toHaveLength(1)
  await listener.stop()
  delete world.api.answer
  world.clock.ahead += 60_000
  const second = await world.listen()
  await world.handler.count(1)
  // Initech answered the first time, and is not asked again.
  expect(world.api.asked.map(({ token }) => token)).toEqual([
    'token-initech',
    'token-globex',
    'token-globex',
    'token-globex',
    'token-acme',
  ])
  expect(await world.whose()).toEqual([['acme', null]])
  await second.stop()
})

test('a connection that is broken says nothing, and keeps nobody waiting', async () => {
  const world = await openResolveWorld()
  for (const tenant of ['acme', 'globex']) await world.consent(tenant)
  world.api.owners.t1 = ['token-acme']
  world.api.answer = ({ token }) => (token === 'token-globex' ? { status: 401 } : undefined)
  const listener = await world.listen()
  await listener.post(['t1'])
  await world.handler.count(1)
  expect(await world.whose()).toEqual([['acme', null]])
  await listener.stop()
})

test('when the consent ends by which something was found, it is asked about anew', async () => {
  const world = await openResolveWorld()
  await world.consent('acme')
  world.api.owners.t1 = ['token-acme', 'token-globex']
  const listener = await world.listen()
  await listener.post(['t1'])
  await world.handler.count(1)
  const ids = queryFile<{ id: string }>(world.home, 'SELECT id FROM connections').map(({ id }) => id)
  await world.app.store().write('disconnect', { ids })
  await world.consent('globex')
  await listener.post(['t1'])
  await world.handler.count(2)
  expect(await world.whose()).toEqual([
    ['acme', null],
    ['globex', null],
  ])
  await listener.stop()
})
