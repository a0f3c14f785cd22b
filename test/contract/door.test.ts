import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { type Door, openDoor } from '../../src/net/door.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { addFixtureApp, keyPathOf, receivingFixtureApp } from '../helpers/fixture-app.ts'
import { type DeliveryFixture, deliveryFixtures, testedProviders } from '../helpers/fixtures.ts'
import { receiverDeps } from '../helpers/receiving.ts'
import { tempStore } from '../helpers/temp-home.ts'

let closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.reverse()) await close()
  closing = []
})

describe.each(testedProviders.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  const deliveries = deliveryFixtures(id)

  test('every request of the fixtures through the real door and store', async () => {
    const store = await tempStore()
    for (const [number, delivery] of deliveries.entries()) {
      const world = await openWorld(store, definition, delivery, `app-${number}`)
      const answer = await send(world.door, world.path, delivery)
      const wanted = delivery.expect
      expect([delivery.name, answer.status]).toEqual([delivery.name, wanted.status])
      const events = await store.read('listEvents', { filter: { app: [world.app.name] }, order: 'oldest', limit: 100 })
      const rejected = await store.read('listRejected', {
        filter: { app: [world.app.name] },
        order: 'oldest',
        limit: 9,
      })
      if (wanted.outcome === 'accepted') {
        expect([...new Set(events.map(({ pointer }) => pointer))].sort()).toEqual(pointersOf(wanted.items).sort())
        expect(rejected).toEqual([])
        for (const event of events) expect(event).toMatchObject({ verified: wanted.verified, source: 'delivery' })
      } else {
        expect(events).toEqual([])
        const isVisit =
          wanted.outcome === 'rejected' && wanted.reason === 'method' && /^(GET|HEAD)$/.test(delivery.method)
        const reasons = wanted.outcome === 'rejected' && !isVisit ? [wanted.reason] : []
        expect([delivery.name, rejected.map(({ reason }) => reason)]).toEqual([delivery.name, reasons])
        if (isVisit) continue
      }
      if (wanted.outcome === 'handshake' && wanted.text !== undefined) expect(answer.body).toBe(wanted.text)
      if (wanted.outcome === 'accepted') expect(answer.body).toBe(definition.webhook.reply.body ?? '')
      await world.door.close()
    }
  })

  const tenantsOwn = deliveries.filter(
    ({ expect: wanted, activations }) =>
      wanted.outcome === 'accepted' &&
      activations.some(({ tenant, secret }) => tenant && secret) &&
      accountsOf(wanted.items).length > 0,
  )

  test.each(tenantsOwn.map(delivery => [delivery.name, delivery] as const))(
    'a delivery with one tenant’s own secret that names an account of another is a mismatch: %s',
    async (_, delivery) => {
      const store = await tempStore()
      const world = await openWorld(store, definition, delivery, 'app')
      for (const [kind, value] of accountsOf((delivery.expect as { items: object[] }).items)) {
        await moveTo(store, world.app, kind, value, 'somebody-else')
      }
      const { status } = await send(world.door, world.path, delivery)
      const events = await store.read('listEvents', { filter: {}, order: 'oldest', limit: 100 })
      const bound = events.filter(event => event.bound !== null)
      expect(status).toBe(delivery.expect.status)
      for (const event of bound) expect([event.scope, event.reason, event.tenant]).toEqual(['parked', 'mismatch', null])
    },
  )
})

interface World {
  app: App
  door: Door
  path: string
}

/** An app with the secrets and hooks of a delivery, behind a real door at the time of its arrival. */
async function openWorld(
  store: Store,
  definition: ProviderDefinition,
  delivery: DeliveryFixture,
  name: string,
): Promise<World> {
  const { keys, at } = delivery
  const app = await addFixtureApp(store, definition, delivery, name)
  const waits = definition.webhook.handshakes?.some(({ brings }) => brings?.of === 'app')
  if (waits) await store.write('addActivation', { app: name, tenant: null, state: 'pending', release: false })
  const door = await openDoor({
    port: 0,
    routes: [],
    now: () => at,
    raw: makeReceiver({
      ...receiverDeps(store, keys),
      loadApps: async () => new Map([[name, await receivingFixtureApp(store, app, definition, delivery)]]),
      now: () => at,
    }),
  })
  closing.push(() => door.close())
  return { app, door, path: `/hooks/${name}${keyPathOf(name, delivery)}` }
}

function send({ port }: Door, path: string, delivery: DeliveryFixture): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { method, headers, body, suffix } = delivery
    const sent = request({ host: '127.0.0.1', port, method, path: path + suffix }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string
      if (!/^(host|content-length|connection|transfer-encoding)$/i.test(name))
        sent.appendHeader(name, headers[index + 1] as string)
    }
    sent.on('error', reject)
    sent.end(body)
  })
}

function pointersOf(items: object[]): string[] {
  return [...new Set((items as { pointer: string }[]).map(({ pointer }) => pointer))]
}

function accountsOf(items: object[]): [kind: string, value: string][] {
  const texts = (items as { accounts: string[] }[]).flatMap(({ accounts }) => accounts.flatMap(one => one.split(' = ')))
  return [...new Set(texts)].map(text => {
    const colon = text.indexOf(':')
    return [text.slice(0, colon), text.slice(colon + 1)]
  })
}

/** Takes an account from whoever has it and gives it to somebody else. */
async function moveTo(store: Store, app: App, kind: string, value: string, tenant: string): Promise<void> {
  const owners = await store.read('ownersOf', { appId: app.id, kind, value })
  for (const owner of owners) await store.write('unmapAccount', { app: app.name, kind, value, tenant: owner })
  await store.write('mapAccount', { app: app.name, kind, value, tenant, release: false })
}
