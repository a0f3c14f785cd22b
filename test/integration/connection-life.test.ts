import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { readItems } from '../../src/core/ingest.ts'
import { parseRule } from '../../src/core/rule.ts'
import { github } from '../../src/providers/github.ts'
import { providers } from '../../src/providers/index.ts'
import { pipedrive } from '../../src/providers/pipedrive.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { shopify } from '../../src/providers/shopify.ts'
import { readFixtures } from '../../src/simulate/fixtures.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { deliveryFixtures, fixtureDir } from '../helpers/fixtures.ts'
import { connectionOf, openLife } from '../helpers/life-world.ts'
import { queryFile } from '../helpers/temp-home.ts'

const leaving = providers.filter(({ lifecycle }) => lifecycle !== undefined)

test.each(leaving.map(one => [one.id, one] as const))(
  '%s: its deliveries and samples say what became of the consent',
  (id, definition) => {
    const fixtures = readFixtures(definition, fixtureDir(id))
    const samples = [...fixtures.events].flatMap(([shape, events]) =>
      events.map(event => fixtures.sample(shape, event)),
    )
    const accepted = deliveryFixtures(id).filter(({ expect: { outcome } }) => outcome === 'accepted')
    const read = [...samples, ...accepted].flatMap(({ headers, body }) =>
      readItems(definition, { method: 'POST', headers, body, suffix: '' }),
    )
    for (const { events, means } of definition.lifecycle ?? []) {
      for (const event of events) {
        const items = read.filter(({ providerEvent }) => providerEvent === event)
        expect(items.map(({ life }) => life?.means)).toContain(means)
        expect(items.every(({ accounts, scope }) => scope === null && accounts.length > 0)).toBe(true)
      }
    }
    expect(read.some(({ life }) => life === undefined)).toBe(true)
  },
)

test('a tenant that uninstalls is disconnected: shown, streamed, its history kept, and a new consent mends it', async () => {
  const world = await openLife(shopify)
  await world.connectAcme()
  const before = await connectionOf(world)
  await world.change('shopify', { account: world.company, event: 'orders.created' })
  await world.change('shopify', { account: world.company, event: 'app.uninstalled' })
  const why = 'the shop uninstalled the app (app/uninstalled)'
  const { connection } = await world.told('connection-changed')
  expect(connection).toMatchObject({ id: before.id, state: 'revoked', why })
  const mend = 'whs connect shopify --tenant acme'
  expect(await connectionOf(world)).toMatchObject({ id: before.id, state: 'revoked', why, mend })
  expect(queryFile(world.home, 'SELECT * FROM token_sets')).toEqual([])
  expect((await world.whs('events --tenant acme')).records).toMatchObject([
    {
      event: 'tenant.disconnected',
      source: 'lifecycle',
      scope: 'tenant',
      tenant: 'acme',
      data: { state: 'revoked', why },
    },
    { event: 'app.uninstalled', source: 'delivery' },
    { event: 'orders.created' },
    { event: 'tenant.connected', data: { connection: before.id, mended: false } },
  ])
  const called = await world.whs('api acme GET /admin/api/x.json')
  expect([called.code, called.err]).toEqual([5, expect.stringContaining(`the one at shopify has ended: ${why}`)])
  await world.connectAcme()
  expect(await connectionOf(world)).toMatchObject({ id: before.id, state: 'active', mend: null })
  expect((await world.whs('events --tenant acme --event orders.*')).records).toHaveLength(1)
})

test('what a provider says of an earlier consent does not end the present one', async () => {
  const world = await openLife(shopify)
  await world.connectAcme()
  queryFile(world.home, 'UPDATE connections SET consented_at = consented_at + 60000')
  await world.change('shopify', { account: world.company, event: 'app.uninstalled' })
  expect(await connectionOf(world)).toMatchObject({ state: 'active' })
})

test('a sample that a person triggers, and a forged one, change nothing', async () => {
  const world = await openLife(shopify)
  await world.connectAcme()
  expect((await world.whs('trigger shopify:app.uninstalled --tenant acme')).code).toBe(0)
  await world.change('shopify', { account: world.company, event: 'app.uninstalled', forge: true })
  expect(await connectionOf(world)).toMatchObject({ state: 'active' })
})

test('an installation that is suspended is broken until it is not any more', async () => {
  const world = await openLife(github)
  await world.connectAcme()
  await world.change('github', { account: world.company, event: 'installation.suspend' })
  const why = 'the installation is suspended (installation.suspend)'
  expect(await connectionOf(world)).toMatchObject({ state: 'broken', why })
  expect((await world.whs('doctor')).records).toContainEqual(
    expect.objectContaining({ name: 'connection acme', detail: `at github: broken, ${why}` }),
  )
  await world.change('github', { account: world.company, event: 'installation.unsuspend' })
  expect(await connectionOf(world)).toMatchObject({ state: 'active' })
  await world.told('connection-changed', ({ connection }) => connection.state === 'active')
  const states = world.facts.flatMap(fact => (fact.kind === 'connection-changed' ? fact.connection.state : []))
  expect(states.slice(0, 1)).toEqual(['broken'])
})

interface Taken {
  headers: Record<string, string>
  body: string
}

/** A handler that keeps what it gets. */
async function openHandler(): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk as Buffer))
    request.on('end', () => {
      taken.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() })
      response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, taken }
}

test('a rule that names them gets them, each as a CloudEvent with our own signature; another rule gets none', async () => {
  const [life, all] = [await openHandler(), await openHandler()]
  const rules = [parseRule(`event=tenant.*,event=consent.*,to=${life.port}`), parseRule(String(all.port))]
  const world = await openLife(quickbooks, { rules })
  await world.connectAcme()
  await world.change('quickbooks', { account: world.company, event: 'customer.created' })
  await world.whs('tenants disconnect acme --yes')
  await world.told('attempt', ({ attempt }) => attempt.target.includes(String(all.port)))
  while (life.taken.length < 2) await world.told('attempt', () => life.taken.length >= 2)
  const secret = /WHS_WEBHOOK_SECRET=(\S+)/.exec((await world.whs('env --show', { tty: true })).out)?.[1] ?? ''
  const types = life.taken.map(({ headers, body }) => {
    expect(headers).toMatchObject({ 'whs-tenant': 'acme', 'whs-source': 'lifecycle', 'whs-app': 'quickbooks' })
    const event = new Webhook(secret).verify(body, headers) as { type: string; data: { tenant: string; state: string } }
    expect(event.data.tenant).toBe('acme')
    return [event.type, event.data.state]
  })
  expect(types).toEqual([
    ['tenant.connected', 'active'],
    ['tenant.disconnected', 'revoked'],
  ])
  expect(all.taken).toHaveLength(1)
  expect(all.taken[0]?.headers['intuit-signature']).toBeDefined()
})

test('somebody who refuses is told as an event of the tenant, or of the app where there is none yet', async () => {
  const world = await openLife(quickbooks)
  await world.connectAcme()
  const refused = await world.connect('quickbooks', [], '--tenant acme')
  expect(refused.code).toBe(4)
  expect((await world.whs('events --event consent.*')).records).toMatchObject([
    {
      event: 'consent.refused',
      scope: 'tenant',
      tenant: 'acme',
      data: { tenant: 'acme', what: 'the person refused at Intuit' },
    },
  ])
  await world.connect('quickbooks', [], '--tenant newcomer')
  expect((await world.whs('events --event consent.* --scope app')).records).toMatchObject([
    { event: 'consent.refused', scope: 'app', tenant: null, data: { tenant: 'newcomer' } },
  ])
})

test('what tells of a consent is no event of the provider’s: not counted, not the last one, not waited for', async () => {
  const world = await openLife(quickbooks)
  await world.connectAcme()
  expect((await world.whs('tenants show acme')).records[0]).toMatchObject({ events: 0, lastEventAt: null })
  await world.change('quickbooks', { account: world.company, event: 'customer.created' })
  await world.whs('tenants disconnect acme --yes')
  expect((await world.whs('tenants show acme')).records[0]).toMatchObject({ events: 1 })
  expect((await world.whs('events show last')).records[0]).toMatchObject({ event: 'customer.created' })
  expect((await world.whs('wait --tenant acme --timeout 5s')).records).toMatchObject([{ event: 'customer.created' }])
  const waited = await world.whs('wait --tenant acme --event tenant.disconnected --timeout 5s')
  expect(waited.records).toMatchObject([{ event: 'tenant.disconnected' }])
})

test('a provider that tells of a leaving at the redirect URI is believed with the app’s own credentials alone', async () => {
  const world = await openLife(pipedrive)
  await world.connectAcme()
  const [consented] = queryFile<{ uri: string }>(world.home, 'SELECT redirect_uri AS uri FROM consents')
  const [company] = companiesOf(pipedrive)
  const forged = async (headers: Record<string, string>): Promise<number> => {
    const body = JSON.stringify({ company_id: Number(company?.values.company) })
    return (await fetch(consented?.uri ?? '', { method: 'DELETE', headers, body })).status
  }
  const wrong = Buffer.from('client:wrong').toString('base64')
  expect([await forged({}), await forged({ authorization: `Basic ${wrong}` })]).toEqual([401, 401])
  expect(await connectionOf(world)).toMatchObject({ state: 'active' })
  const url = `${world.simulator.base}/pipedrive/control`
  await fetch(url, { method: 'POST', body: JSON.stringify({ revoke: world.company }) })
  expect(await connectionOf(world)).toMatchObject({ state: 'revoked', why: 'the company uninstalled the app' })
  expect((await fetch((consented?.uri ?? '').replace('/pipedrive', '/nobody'), { method: 'DELETE' })).status).toBe(404)
})
