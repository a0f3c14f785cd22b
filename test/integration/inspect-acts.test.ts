import { Buffer } from 'node:buffer'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { EventPage, EventView, ReplayAnswer } from '../../src/inspect/api.ts'
import { shopify } from '../../src/providers/shopify.ts'
import { type InspectorClient, signIn } from '../helpers/inspector-client.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'
import { signature, token } from '../helpers/listening.ts'

let world: InspectorWorld
let client: InspectorClient
beforeEach(async () => {
  world = await openInspectorWorld({ more: null })
  onTestFinished(() => world.close())
  for (const [tenant, value] of [
    ['acme', '1'],
    ['globex', '2'],
  ] as const) {
    const account = { app: 'quickbooks', kind: 'realm', value, tenant, release: false }
    await world.app.store().write('mapAccount', account)
  }
  client = await signIn(await world.link())
})

/** The newest event, once its first delivery to the handler is over. */
async function newest(accounts = ['1'], more: object = {}): Promise<EventView> {
  const before = world.handler.arrived.length
  await world.deliver(accounts, more)
  if (accounts.includes('1') || accounts.includes('2')) await world.handler.count(before + 1)
  await expect.poll(async () => (await world.app.store().read('countOpen')).open).toBe(0)
  const { rows } = await client.get<EventPage>('/api/events')
  return client.get(`/api/events/${rows[0]?.id}`)
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const last = () => world.handler.arrived.at(-1) as InspectorWorld['handler']['arrived'][number]

test('replay sends the same bytes signed anew, marked, and answers with the attempt', async () => {
  const { row, body } = await newest()
  const { status, json } = await client.post('/api/replay', { id: row.id })
  expect(status).toBe(200)
  expect((json as ReplayAnswer).attempts).toMatchObject([{ status: 200, replay: true, changed: null, error: null }])
  expect(world.handler.arrived).toHaveLength(2)
  expect(last().body.toString()).toBe(body.text)
  expect(last().headers).toMatchObject({ 'whs-tenant': 'acme', 'whs-replay': expect.anything() })
  expect(last().headers['intuit-signature']).toBe(signature(last().body))
  const { attempts } = await client.get<EventView>(`/api/events/${row.id}`)
  expect(attempts.map(({ replay }) => replay)).toEqual([false, true])
})

test('edit and replay sends what was edited, on one line again, with secrets put back', async () => {
  const { row, edit } = await newest(['1', '2'], { note: `by ${token}` })
  if (!('text' in edit)) throw new Error(edit.no)
  expect(edit.text).not.toContain(token)
  const item = JSON.parse(edit.text) as Record<string, unknown>
  const text = JSON.stringify({ ...item, intuitentityid: '4711' }, null, 2)
  const { status, json } = await client.post('/api/replay', { id: row.id, body: base64(text) })
  expect([status, (json as ReplayAnswer).attempts[0]?.changed]).toEqual([200, 'edited'])
  const sent = JSON.parse(last().body.toString()) as Record<string, unknown>[]
  expect(sent).toHaveLength(1)
  expect(sent[0]).toMatchObject({ intuitentityid: '4711', note: `by ${token}` })
  expect(last().body.toString()).not.toContain('\n')
  expect(last().headers['intuit-signature']).toBe(signature(last().body))
  const broken = await client.post('/api/replay', { id: row.id, body: base64('{"a":') })
  expect([broken.status, broken.json]).toEqual([400, { error: expect.objectContaining({ code: 'bad-edit' }) }])
})

test('replay as another tenant writes that tenant’s account; an unknown one is told', async () => {
  const { row } = await newest()
  const { json } = await client.post('/api/replay', { id: row.id, tenant: 'globex' })
  expect((json as ReplayAnswer).attempts).toMatchObject([{ status: 200, changed: 'as globex' }])
  expect(JSON.parse(last().body.toString())).toMatchObject([{ intuitaccountid: '2' }])
  expect(last().headers['whs-tenant']).toBe('globex')
  const unknown = await client.post('/api/replay', { id: row.id, tenant: 'glob' })
  expect([unknown.status, unknown.json]).toEqual([404, { error: expect.objectContaining({ code: 'no-tenant' }) }])
  const both = await client.post('/api/replay', { id: row.id, tenant: 'globex', body: base64('{}') })
  expect([both.status, both.json]).toEqual([400, { error: expect.objectContaining({ code: 'edit-and-tenant' }) }])
})

test('a refusal and an absent handler are answers too; another machine is refused', async () => {
  const { row } = await newest()
  await world.close()
  world = await openInspectorWorld({ more: null, answer: () => ({ status: 422, headers: {}, body: `no: ${token}` }) })
  onTestFinished(() => world.close())
  await world.app
    .store()
    .write('mapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'acme', release: false })
  client = await signIn(await world.link())
  const refused = await newest()
  const first = await client.post('/api/replay', { id: refused.row.id })
  expect((first.json as ReplayAnswer).attempts).toMatchObject([
    { status: 422, body: { text: `no: ${'*'.repeat(token.length)}` } },
  ])
  const absent = await client.post('/api/replay', { id: refused.row.id, to: '9' })
  expect((absent.json as ReplayAnswer).attempts).toMatchObject([
    { status: null, error: expect.stringMatching(/^nobody/), target: 'http://localhost:9/' },
  ])
  const remote = await client.post('/api/replay', { id: refused.row.id, to: 'https://example.com/hooks' })
  expect([remote.status, remote.json]).toEqual([400, { error: expect.objectContaining({ code: 'remote-target' }) }])
  const gone = await client.post('/api/replay', { id: row.id })
  expect(gone.status).toBe(404)
})

test('a claim gives what was parked to its tenant, and the rules send it', async () => {
  const { row } = await newest(['77'])
  expect(row).toMatchObject({ scope: 'parked', account: '77' })
  const claimed = await client.post('/api/claim', { app: 'quickbooks', account: '77', tenant: 'initech' })
  expect([claimed.status, claimed.json]).toEqual([200, { released: 1 }])
  await world.handler.count(1)
  expect(last().headers['whs-tenant']).toBe('initech')
  const taken = await client.post('/api/claim', { app: 'quickbooks', account: '77', tenant: 'hooli' })
  expect([taken.status, taken.json]).toEqual([400, { error: expect.objectContaining({ code: 'account-taken' }) }])
  const bad = await client.post('/api/claim', { app: 'quickbooks', account: '78', tenant: '-x' })
  expect([bad.status, bad.json]).toEqual([400, { error: expect.objectContaining({ code: 'bad-tenant' }) }])
  const noApp = await client.post('/api/claim', { app: 'nope', account: '78', tenant: 'x' })
  expect(noApp.status).toBe(404)
})

test('a consent begins at the listener’s own door; what must be known before is asked for', async () => {
  const { status, json } = await client.post('/api/connect', { app: 'quickbooks', tenant: 'initech' })
  expect(status).toBe(200)
  const { url } = json as { url: string }
  expect(new URL(url).port).toBe(new URL(world.url).port)
  const page = await fetch(url)
  expect(await page.text()).toContain('Continue')
  const roles = Object.keys(shopify.hosts.production ?? {})
  await world.app.store().write('addApp', {
    name: 'shopify',
    provider: 'shopify',
    env: 'simulator',
    clientId: 'id',
    secrets: {},
    hosts: Object.fromEntries(roles.map(role => [role, `http://127.0.0.1:9/${role}`])),
    settings: { simulator: 'http://127.0.0.1:9' },
  })
  const { apps } = await client.get<{ apps: { name: string; asks: object[] }[] }>('/api/now')
  expect(apps.find(({ name }) => name === 'shopify')?.asks).toMatchObject([{ name: 'shop', label: expect.any(String) }])
  const asked = await client.post('/api/connect', { app: 'shopify', tenant: 'initech' })
  expect([asked.status, asked.json]).toEqual([400, { error: expect.objectContaining({ code: 'missing-slot' }) }])
  const slots = { shop: 'acme-holdings' }
  const known = await client.post('/api/connect', { app: 'shopify', tenant: 'initech', slots })
  expect([known.status, known.json]).toEqual([200, { url: expect.stringContaining('/connect/') }])
})

test.each([
  ['/api/replay', '[]'],
  ['/api/replay', '{}'],
  ['/api/replay', '{"id":1}'],
  ['/api/replay', '{"id":"x","body":"***"}'],
  ['/api/claim', '{"app":"quickbooks","account":"1"}'],
  ['/api/claim', 'null'],
  ['/api/connect', '{"app":""}'],
  ['/api/connect', `{"app":"${'x'.repeat(3_000)}"}`],
])('what is no wish is refused: %s %s', async (path, body) => {
  const answer = await client.post(path, JSON.parse(body) as object)
  expect([answer.status, answer.json]).toEqual([400, { error: expect.objectContaining({ code: 'bad-wish' }) }])
})
