import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { activate } from '../../src/connect/activation/activate.ts'
import { renewDue } from '../../src/connect/activation/renew-due.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { asana } from '../../src/providers/asana.ts'
import { googleCalendar } from '../../src/providers/google-calendar.ts'
import { microsoftGraph } from '../../src/providers/microsoft-graph.ts'
import { type HookAnswer, type HookRequest, serve } from '../helpers/hook-provider.ts'
import { openHookWorld } from '../helpers/hook-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'

checkLeaks()

/** A provider that has no hooks yet; `make` answers the call that makes one, which is open until then. */
async function begin(
  definition: ProviderDefinition,
  accounts: string[],
  resource: string,
  make: (request: HookRequest) => Promise<HookAnswer>,
) {
  const clock = { now: Date.now() }
  const removed: string[] = []
  const origin = await serve(async request => {
    if (request.method === 'POST' && !request.path.endsWith('/stop')) return make(request)
    if (request.method === 'GET') return { status: 200, body: {} }
    removed.push(request.path)
    return { status: 200, body: {} }
  })
  const world = await openHookWorld({ definition, origin, clock, accounts })
  const { connection, callback } = world
  const wish = { app: 'small', connection, resource, temporary: false, callback }
  const tenants = async () => {
    const events = await world.store.read('listEvents', { filter: {}, limit: 9, order: 'newest' })
    return events.filter(({ source }) => source === 'delivery').map(({ tenant }) => tenant)
  }
  return { ...world, removed, tenants, make: () => activate(world.deps, wish) }
}

const project = '1201'

function handshake(target: string, secret: string): Promise<Response> {
  return fetch(target, { method: 'POST', headers: { 'x-hook-secret': secret } })
}

function deliverSigned(target: string, secret: string): Promise<Response> {
  const resource = { gid: '7', resource_type: 'task' }
  const body = JSON.stringify({ events: [{ action: 'added', resource, created_at: '2026-03-01T12:00:00Z' }] })
  const signed = createHmac('sha256', secret).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-hook-signature': signed }
  return fetch(target, { method: 'POST', headers, body })
}

test('asana: the handshake brings the secret to the pending row that the key names, while the call is open', async () => {
  const seen: unknown[] = []
  let target = ''
  const world = await begin(asana, ['workspace:77'], project, async ({ body }) => {
    target = (body.data as { target: string }).target
    const [row] = await world.rows()
    seen.push(row?.state, row?.secrets.length)
    const answer = await handshake(target, 'hook-secret-1')
    seen.push(answer.status, answer.headers.get('x-hook-secret'))
    seen.push((await deliverSigned(target, 'hook-secret-1')).status)
    const [after] = await world.rows()
    seen.push(after?.state, after?.secrets.length)
    return { status: 201, body: { data: { gid: '900' } } }
  })
  const made = await world.make()
  expect(seen).toEqual(['pending', 0, 200, 'hook-secret-1', 200, 'pending', 1])
  expect(made).toMatchObject({ kind: 'made', activation: { state: 'active', providerId: '900' } })
  expect(await world.tenants()).toEqual(['acme'])
  expect((await handshake(target, 'forged-secret')).status).not.toBe(200)
  expect((await deliverSigned(target, 'forged-secret')).status).not.toBe(200)
  expect((await deliverSigned(target, 'hook-secret-1')).status).toBe(200)
})

test('asana: a hook whose handshake did not come is none; one that failed is made with another secret', async () => {
  let calls = 0
  const world = await begin(asana, ['workspace:77'], project, async ({ body }) => {
    calls++
    const { target } = body.data as { target: string }
    if (calls === 1) return { status: 201, body: { data: { gid: '900' } } }
    const answer = await handshake(target, `hook-secret-${calls}`)
    if (calls === 2) return { status: 500 }
    return answer.status === 200 ? { status: 201, body: { data: { gid: '901' } } } : { status: 400 }
  })
  expect(await world.make()).toMatchObject({
    kind: 'failed',
    means: 'unreachable',
    why: 'Asana made the hook, and its handshake with the secret did not come',
    activation: { state: 'pending' },
  })
  expect(world.removed).toEqual(['/asana/api/1.0/webhooks/900'])
  const again = () => renewDue(world.deps, { callbackOf: () => world.callback })
  world.clock.now += 60_000
  expect(await again()).toMatchObject([{ kind: 'failed', means: 'busy', activation: { state: 'pending', tries: 2 } }])
  world.clock.now += 300_000
  expect(await again()).toMatchObject([{ kind: 'made', activation: { state: 'active', providerId: '901' } }])
})

const directory = '11111111-2222-4333-8444-555555555555'
const subscription = '99999999-2222-4333-8444-555555555555'

test('microsoft-graph: the validation token is sent back while the call is open, and its first notification is taken', async () => {
  const seen: unknown[] = []
  const world = await begin(microsoftGraph, [`directory:${directory}`], 'me/messages', async ({ body }) => {
    const url = String(body.notificationUrl)
    const token = 'Validation: Testing client & more'
    const answer = await fetch(`${url}?validationToken=${encodeURIComponent(token)}`, { method: 'POST' })
    seen.push(answer.status, await answer.text(), answer.headers.get('content-type'))
    const change = {
      subscriptionId: subscription,
      clientState: body.clientState,
      changeType: 'created',
      resource: 'Users/11111111-2222-4333-8444-666666666666/Messages/AAMk',
      resourceData: { id: 'AAMk' },
      tenantId: directory,
    }
    const headers = { 'content-type': 'application/json' }
    const first = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ value: [change] }) })
    seen.push(first.status)
    return { status: 201, body: { id: subscription, expirationDateTime: body.expirationDateTime } }
  })
  const made = await world.make()
  expect(seen).toEqual([200, 'Validation: Testing client & more', 'text/plain', 202])
  expect(made).toMatchObject({ kind: 'made', activation: { state: 'active', providerId: subscription } })
  expect(made.activation?.expiresAt).toBe(world.clock.now + 6 * 86_400_000)
  expect(await world.tenants()).toEqual(['acme'])
})

test('google-calendar: the sync message and a first notification verify by the row, while the call is open', async () => {
  const seen: unknown[] = []
  let token = ''
  const world = await begin(googleCalendar, ['calendar:sam@example.com'], 'team@example.com', async ({ body }) => {
    token = String(body.token)
    const send = (state: string, withToken: string): Promise<Response> =>
      fetch(String(body.address), {
        method: 'POST',
        headers: {
          'x-goog-channel-id': String(body.id),
          'x-goog-channel-token': withToken,
          'x-goog-message-number': state === 'sync' ? '1' : '2',
          'x-goog-resource-id': 'watched-1',
          'x-goog-resource-state': state,
          'x-goog-resource-uri': 'https://www.googleapis.com/calendar/v3/calendars/team@example.com/events?alt=json',
        },
      })
    seen.push((await send('sync', token)).status, (await send('exists', token)).status)
    seen.push((await send('exists', 'forged')).status !== 200)
    const expiration = String(body.expiration)
    return { status: 200, body: { id: body.id, resourceId: 'watched-1', expiration } }
  })
  const made = await world.make()
  expect(seen).toEqual([200, 200, true])
  expect(token).toHaveLength(43)
  expect(world.handshakes.map(({ handshake: kind, outcome }) => [kind, outcome])).toEqual([['sync', 'passed']])
  expect(made).toMatchObject({ kind: 'made', activation: { state: 'active', slots: { watched: 'watched-1' } } })
  expect(await world.tenants()).toEqual(['acme'])
})

test('google-calendar: where nobody knows whether the call that was cut off made it, another id is chosen', async () => {
  const ids: string[] = []
  const world = await begin(googleCalendar, ['calendar:sam@example.com'], 'team@example.com', async ({ body }) => {
    ids.push(String(body.id))
    if (ids.length === 1) return { status: 502, body: {} }
    if (ids.indexOf(String(body.id)) < ids.length - 1) return { status: 400, body: { error: 'channelIdNotUnique' } }
    const expiration = String(body.expiration)
    return { status: 200, body: { id: body.id, resourceId: 'watched-1', expiration } }
  })
  const cut = await world.make()
  expect(cut).toMatchObject({ kind: 'failed', means: 'busy', activation: { state: 'pending' } })
  expect(await world.make()).toMatchObject({ kind: 'made', activation: { id: cut.activation?.id, state: 'active' } })
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(2)
})
