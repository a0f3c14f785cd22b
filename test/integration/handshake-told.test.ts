import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { openDoor } from '../../src/net/door.ts'
import { xero } from '../../src/providers/xero.ts'
import { zoom } from '../../src/providers/zoom.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import type { HandshakeFact } from '../../src/receive/take-handshake.ts'
import { receiverDeps, receivingApp } from '../helpers/receiving.ts'
import { tempStore } from '../helpers/temp-home.ts'

/** An app whose handshakes are told, and what posts a body to it with one header. */
async function openHandshakes(definition: ProviderDefinition, secrets: Record<string, string>) {
  const store = await tempStore()
  const common = { name: 'app', provider: definition.id, env: 'production' as const, clientId: 'c', hosts: {} }
  const app = await store.write('addApp', { ...common, settings: {}, secrets })
  const told: HandshakeFact[] = []
  const loadApps = async () => new Map([['app', await receivingApp(store, app, definition)]])
  const raw = makeReceiver({ ...receiverDeps(store), loadApps, onHandshake: fact => told.push(fact) })
  const door = await openDoor({ port: 0, routes: [], raw })
  onTestFinished(() => door.close())
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${door.port}/hooks/app`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  return { told, post }
}

const intent = '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'
const signed = (key: string) => ({
  'x-xero-signature': createHmac('sha256', key).update(Buffer.from(intent)).digest('base64'),
})

test('a test with wrong signatures is refused as wanted; without the key it failed, with the command', async () => {
  const without = await openHandshakes(xero, {})
  expect((await without.post(intent, signed('k3y'))).status).toBe(503)
  expect(without.told).toMatchObject([
    {
      handshake: 'intent-to-receive',
      outcome: 'failed',
      status: 503,
      why: 'no webhook secret is stored yet',
      fix: 'whs setup app',
    },
  ])
  const { told, post } = await openHandshakes(xero, { webhook: 'k3y' })
  expect((await post(intent, signed('k3y'))).status).toBe(200)
  expect((await post(intent, signed('other'))).status).toBe(401)
  expect(told.map(({ outcome, status }) => [outcome, status])).toEqual([
    ['passed', 200],
    ['refused-as-wanted', 401],
  ])
})

test('where a provider only tests with right signatures, a wrong one failed, and it is said why', async () => {
  const { told, post } = await openHandshakes(zoom, { webhook: 'k3y' })
  const body = '{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1}'
  const time = String(Math.floor(Date.now() / 1000))
  const headers = { 'x-zm-request-timestamp': time, 'x-zm-signature': `v0=${'0'.repeat(64)}` }
  expect((await post(body, headers)).status).toBe(zoom.webhook.reply.rejected)
  expect(told).toMatchObject([{ outcome: 'failed', why: expect.stringContaining('x-zm-signature') }])
})
