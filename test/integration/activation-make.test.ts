import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listResources } from '../../src/connect/activation/list-resources.ts'
import { renewDue } from '../../src/connect/activation/renew-due.ts'
import type { ActivationApi } from '../../src/core/activation-definition.ts'
import { openHookMaker, start } from '../helpers/hook-maker.ts'
import { hookDefinition } from '../helpers/hook-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'

checkLeaks()

const day = 86_400_000

test('what hooks can be for is listed, and which of it is usual', async () => {
  const { deps, connection, provider } = await openHookMaker()
  provider.boards = [
    { id: 'b-1', name: 'Sales' },
    { id: 'b-2', name: 'Main\u001b[2J', main: true },
    { id: 'b-1', name: 'Sales' },
  ]
  expect(await listResources(deps, { app: 'small', connection })).toEqual([
    { id: 'b-1', name: 'Sales', isUsual: false },
    { id: 'b-2', name: 'Main·[2J', isUsual: true },
  ])
  provider.boards = []
  expect(await listResources(deps, { app: 'small', connection })).toEqual([])
  provider.mood.token = 'another'
  await expect(listResources(deps, { app: 'small', connection })).rejects.toMatchObject({
    code: 'resources-refused',
    next: 'whs connect small --tenant acme',
  })
})

test('its row is there while it is made, and a delivery that comes then is taken', async () => {
  const { make, provider, rows, store } = await openHookMaker()
  const seen: unknown[] = []
  provider.mood.whileMaking = async hook => {
    const body = JSON.stringify({ type: 'thing.created', id: 'e1', account_id: 'acc-1' })
    const signed = createHmac('sha256', String(hook.secret)).update(body).digest('hex')
    const answer = await fetch(hook.url, { method: 'POST', headers: { 'x-signature': signed }, body })
    const [row] = await rows()
    seen.push(answer.status, row?.state, row?.providerId, row?.lastAt !== null)
  }
  const made = await make()
  expect(seen).toEqual([200, 'pending', null, true])
  expect(made).toMatchObject({ kind: 'made', app: 'small', tenant: 'acme', resource: 'b-1', means: null, why: null })
  expect(made.activation).toMatchObject({
    state: 'active',
    madeBy: 'api',
    providerId: 'h-1',
    keyed: true,
    expiresAt: start + 7 * day,
    nextAt: start + 5.25 * day,
    why: null,
  })
  const [event] = await store.read('listEvents', { filter: {}, limit: 1, order: 'newest' })
  expect(event).toMatchObject({ tenant: 'acme' })
  const key = provider.hooks[0]?.url.split('/').at(-1) as string
  for (const name of readdirSync(store.home)) {
    const bytes = readFileSync(join(store.home, name))
    expect(bytes.includes(key) || bytes.includes(String(provider.hooks[0]?.secret)), name).toBe(false)
  }
})

test('the same once more finds it; what somebody removed there is made anew, what was moved away is moved back', async () => {
  const { make, provider, rows, callback } = await openHookMaker()
  const { activation } = await make()
  expect(await make()).toMatchObject({ kind: 'found', activation: { id: activation?.id } })
  for (const board of ['x', 'y', 'z']) provider.hooks.unshift({ id: `h-${board}`, url: 'https://else.example', board })
  expect((await make()).kind).toBe('found')
  const mine = provider.hooks.find(({ id }) => id === 'h-1')
  const url = mine?.url
  if (mine) mine.url = 'https://else.example/hooks/small'
  expect(await make()).toMatchObject({ kind: 'moved', activation: { id: activation?.id, url: callback } })
  expect(mine?.url).toBe(url)
  provider.hooks = []
  expect(await make()).toMatchObject({ kind: 'made', activation: { providerId: 'h-2', state: 'active' } })
  expect((await rows()).map(({ providerId }) => providerId)).toEqual(['h-2'])
  expect(provider.hooks.map(({ id }) => id)).toEqual(['h-2'])
})

test('a move that was done and never heard of is written down', async () => {
  const { make, store, callback } = await openHookMaker()
  const { activation } = await make()
  const id = activation?.id as string
  await store.write('changeActivation', { id, url: 'https://old.example/hooks/small' })
  expect(await make()).toMatchObject({ kind: 'found', activation: { id, url: callback } })
})

const refusals: [number, object | string, string, string][] = [
  [401, { message: 'bad token token-of-acme-5ec2e7' }, 'token', 'Example Inc. answered 401: bad token ***'],
  [402, {}, 'plan', 'Example Inc. answered 402: {}'],
  [403, { error: { message: 'no' } }, 'scope', 'Example Inc. answered 403: no; the connection lacks hooks:write'],
  [409, { errors: [{ detail: 'twice' }] }, 'taken', 'Example Inc. answered 409: twice'],
  [422, '<html>', 'refused', 'Example Inc. answered 422'],
  [400, { code: 'too_many' }, 'quota', 'Example Inc. answered 400: {"code":"too_many"}'],
]

test.each(refusals)('refused with %i: named, and nothing is kept', async (status, body, means, why) => {
  const told: ActivationApi['refusals'] = [{ status: 400, when: { at: '$.code', is: 'too_many' }, means: 'quota' }]
  const { make, provider, rows } = await openHookMaker({
    definition: hookDefinition({ refusals: told }),
    scopes: ['boards:read'],
  })
  provider.mood.failures.push({ method: 'POST', answer: { status, body } })
  const failed = await make()
  expect(failed).toMatchObject({ kind: 'failed', activation: null, means, why, nextAt: null })
  expect(failed.todo).not.toBeNull()
  expect(await rows()).toEqual([])
  expect((await make()).kind).toBe('made')
})

test('a token that has ended makes no call, and the command that mends it is named', async () => {
  const { make, provider, rows } = await openHookMaker({ endsAt: start })
  expect(await make()).toMatchObject({
    kind: 'failed',
    means: 'token',
    why: 'the connection of acme at small is broken: its token ended',
    todo: 'whs connect small --tenant acme',
  })
  expect(provider.requests).toEqual([])
  expect(await rows()).toEqual([])
})

test('a provider that is down or asks to wait: it stays pending, says why, and is made later', async () => {
  const { make, deps, provider, rows, clock, callback } = await openHookMaker()
  provider.mood.failures.push({ method: 'POST', answer: { status: 503 } })
  expect(await make()).toMatchObject({
    kind: 'failed',
    means: 'busy',
    activation: { state: 'pending', tries: 1, why: 'Example Inc. answered 503' },
    nextAt: start + 60_000,
  })
  const wish = { callbackOf: () => callback }
  expect(await renewDue(deps, wish)).toEqual([])
  clock.now += 60_000
  const wait = { status: 429, headers: { 'retry-after': '3600' } }
  provider.mood.failures.push({ method: 'POST', answer: wait })
  expect(await renewDue(deps, wish)).toMatchObject([{ kind: 'failed', means: 'quota', nextAt: clock.now + 3_600_000 }])
  clock.now += 3_600_000
  expect(await renewDue(deps, wish)).toMatchObject([{ kind: 'made', activation: { state: 'active', tries: 0 } }])
  expect(await rows()).toHaveLength(1)
})

test('an answer that was lost: what it made is found by its key, not doubled', async () => {
  const { make, deps, provider, clock, callback } = await openHookMaker()
  provider.mood.failures.push({ method: 'POST', answer: 'made, then cut' })
  expect(await make()).toMatchObject({ kind: 'failed', means: 'busy', activation: { state: 'pending' } })
  clock.now += 60_000
  expect(await renewDue(deps, { callbackOf: () => callback })).toMatchObject([
    { kind: 'made', why: 'Example Inc. had made it already', activation: { state: 'active', providerId: 'h-1' } },
  ])
  expect(provider.hooks).toHaveLength(1)
})

test('what an earlier store left under our URL is replaced, since nobody knows its key any more', async () => {
  const { make, provider, callback } = await openHookMaker()
  provider.hooks.push({ id: 'h-old', url: `${callback}/${'k'.repeat(43)}`, board: 'b-1' })
  provider.hooks.push({ id: 'h-board', url: `${callback}/${'l'.repeat(43)}`, board: 'b-2' })
  expect((await make()).kind).toBe('made')
  expect(provider.hooks.map(({ id }) => id)).toEqual(['h-board', 'h-1'])
})

const perApp: Partial<ActivationApi> = {
  create: {
    method: 'POST',
    url: '{api}/hooks',
    auth: { bearer: '{secret.client}' },
    body: { form: { url: '{callback}' } },
  },
  list: {
    call: { method: 'GET', url: '{api}/hooks', auth: { bearer: '{secret.client}' } },
    items: '$.hooks[*]',
    id: '@.id',
    url: '@.url',
  },
  made: { id: '$.id', secret: '$.given' },
}

test('the hook of a whole app: its given secret is the app’s own beside one that is there', async () => {
  const small = hookDefinition(perApp, { per: 'app', keyed: false, secret: 'given' })
  const [scheme] = small.webhook.verify
  const definition = {
    ...small,
    webhook: { ...small.webhook, verify: [{ ...scheme, key: { secret: 'webhook' } } as never] },
  }
  const { make, provider, deps, app, store, callback } = await openHookMaker({
    definition,
    secrets: { webhook: 'by-hand' },
  })
  provider.mood.token = 'client-s3cret-5ec2e7'
  const wish = { connection: null, resource: null }
  expect(await make(wish)).toMatchObject({ kind: 'made', tenant: null, activation: { providerId: 'h-1' } })
  const values = async () => (await deps.secretsOf(app, 'webhook')).map(({ value }) => value)
  expect(await values()).toEqual(['given-by-h-1-5ec2e7', 'by-hand'])

  const other = await openHookMaker({ definition })
  other.provider.mood.token = 'client-s3cret-5ec2e7'
  other.provider.hooks.push({ id: 'h-portal', url: other.callback })
  expect(await other.make(wish)).toMatchObject({
    kind: 'failed',
    means: 'taken',
    why: 'a hook of this URL stands at Small already (h-portal), and its secret is not known here',
  })
  expect(other.provider.hooks).toHaveLength(1)
  await other.store.write('setApp', { app: 'small', secrets: { webhook: 'pasted' }, keepOldMs: 0 })
  expect(await other.make(wish)).toMatchObject({ kind: 'found', activation: { providerId: 'h-portal' } })
  expect(callback).not.toBe(other.callback)
  expect(await store.read('listActivations', { app: 'small' })).toHaveLength(1)
})
