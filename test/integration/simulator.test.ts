import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ingest, readItems } from '../../src/core/ingest.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  type Arrived,
  acme,
  basicOf,
  connect,
  globex,
  type Handler,
  initech,
  isSigned,
  type PortalApp,
  type Simulated,
  startHandler,
  startSimulated,
} from '../helpers/simulated.ts'

checkLeaks()

let simulated: Simulated
let handler: Handler
let app: PortalApp

beforeEach(async () => {
  simulated = await startSimulated()
  handler = await startHandler()
  app = await simulated.app({ callbackUrl: handler.url })
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

function items({ body }: Arrived) {
  return readItems(quickbooks, { method: 'POST', headers: [], body }).map(item => ({
    shape: item.shape,
    event: item.event,
    account: item.accounts[0]?.[0]?.value,
    resource: item.resource?.id,
  }))
}

describe('deliveries', () => {
  test.each(['cloudevents', 'legacy'])(
    '%s: signed over the exact bytes, in the form and with the headers of the real one',
    async shape => {
      await simulated.json('PUT', '/portal/apps/default', { shape })
      const [sent] = await simulated.change({ account: acme, event: 'invoice.created' })
      const [arrived] = handler.arrived as [Arrived]
      expect(isSigned(arrived, app.webhookSecret)).toBe(true)
      expect(isSigned(arrived, app.clientSecret)).toBe(false)
      expect(arrived.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8' })
      expect(arrived.headers['user-agent']).toMatch(/^intuit_notification_server/)
      expect(items(arrived)).toEqual([{ shape, event: 'invoice.created', account: acme, resource: '131' }])
      expect(sent).toMatchObject({ shape, forged: false, tried: 1, nextAt: null, tries: [{ status: 200 }] })
    },
  )

  test.each(['cloudevents', 'legacy'])(
    '%s: one delivery for two companies, each with its own account and records',
    async shape => {
      await simulated.change({
        account: [acme, 'Globex Corp', acme],
        event: ['invoice.updated', 'invoice.created', 'customer.created'],
        shape,
      })
      expect(handler.arrived.length).toBe(1)
      expect(isSigned(handler.arrived[0] as Arrived, app.webhookSecret)).toBe(true)
      expect(items(handler.arrived[0] as Arrived)).toEqual([
        { shape, event: 'invoice.updated', account: acme, resource: '130' },
        { shape, event: 'invoice.created', account: globex, resource: '77' },
        { shape, event: 'customer.created', account: acme, resource: '58' },
      ])
    },
  )

  test('a forged one does not verify and changes nothing; one sent twice is the same byte for byte; others have their own id', async () => {
    const [forged] = await simulated.change({ account: acme, event: 'customer.created', forge: true })
    expect(forged).toMatchObject({ forged: true, nextAt: null })
    await simulated.change({ account: acme, event: 'customer.created', duplicate: true })
    await simulated.change({ account: acme, event: 'customer.updated', count: 3 })
    const bodies = handler.arrived.map(({ body }) => body.toString())
    expect(handler.arrived.map(one => isSigned(one, app.webhookSecret))).toEqual([false, true, true, true, true, true])
    expect(bodies[1]).toBe(bodies[2])
    expect(new Set(bodies.slice(2)).size).toBe(4)
    expect(items(handler.arrived[1] as Arrived)).toMatchObject([{ resource: '58' }])
    const ids = bodies.slice(2).map(body => (JSON.parse(body) as { id: string }[])[0]?.id)
    expect(new Set(ids).size).toBe(4)
  })

  test('an unknown company is one that never consented; where all did, one that nobody has seen', async () => {
    await simulated.change({ unknownAccount: true, event: 'invoice.created' })
    for (const account of [acme, globex, initech]) await connect(app, account)
    await simulated.change({ unknownAccount: true, event: 'invoice.created' })
    const [first, second] = handler.arrived.map(one => items(one)[0]?.account)
    expect(first).toBe(initech)
    expect(second).toMatch(/^\d{19}$/)
    expect([acme, globex, initech]).not.toContain(second)
  })

  test('a merge takes the other record away, a delete the named one, and ids go on', async () => {
    await simulated.change({ account: acme, event: 'customer.merged', resourceId: '55' })
    await simulated.change({ account: acme, event: 'customer.deleted', resourceId: '56' })
    await simulated.change({ account: acme, event: 'customer.created' })
    const resources = handler.arrived.map(
      ({ body }) => readItems(quickbooks, { method: 'POST', headers: [], body })[0]?.resource,
    )
    expect(resources).toEqual([
      { type: 'customer', id: '55', deletedId: '57' },
      { type: 'customer', id: '56' },
      { type: 'customer', id: '58' },
    ])
  })

  test('every sample is accepted by the very definition that it came from', async () => {
    const events = [
      'invoice.voided',
      'invoice.emailed',
      'payment.created',
      'bill.updated',
      'vendor.merged',
      'account.deleted',
      'item.created',
      'estimate.emailed',
    ]
    for (const shape of ['cloudevents', 'legacy'])
      for (const event of events) await simulated.change({ account: globex, event, shape })
    const secrets = [{ id: 1, name: 'webhook', value: app.webhookSecret, activation: null }]
    const keyring = { secrets, activation: null, urls: [], keys: {}, slots: {}, hosts: {}, now: Date.now() }
    for (const { headers, body } of handler.arrived) {
      const signature = ['intuit-signature', String(headers['intuit-signature'])]
      const delivery = { method: 'POST', headers: signature, body, suffix: '' }
      expect(ingest(quickbooks, delivery, keyring)).toMatchObject({ outcome: 'accepted', items: [{ fault: null }] })
    }
    expect(handler.arrived.flatMap(one => items(one).map(item => item.event))).toEqual([...events, ...events])
  })

  test('every app hears of it with its own secret, until its company disconnects it', async () => {
    const second = await startHandler()
    const other = (await simulated.json('POST', '/portal/apps', { callbackUrl: second.url })).body as PortalApp
    const access = await connect(app, acme)
    await simulated.change({ account: acme, event: 'bill.created' })
    expect(isSigned(second.arrived[0] as Arrived, other.webhookSecret)).toBe(true)
    await fetch(`${app.hosts.platform}/v2/oauth2/tokens/revoke`, {
      method: 'POST',
      headers: { authorization: basicOf(app) },
      body: JSON.stringify({ token: access }),
    })
    await simulated.change({ account: [acme, globex], event: 'bill.created' })
    expect(handler.arrived.map(one => items(one).map(item => item.account))).toEqual([[acme], [globex]])
    expect(second.arrived.map(one => items(one).map(item => item.account))).toEqual([[acme], [acme, globex]])
    await second.close()
  })

  test.each([
    [{ account: 'nobody', event: 'invoice.created' }, /there are Acme Holdings/],
    [{ account: acme, event: 'invoice.eaten' }, /no sample of invoice.eaten/],
    [{ account: acme }, /event must be a text/],
    [{ account: [acme, globex], event: ['bill.created', 'bill.created', 'bill.created'] }, /as many of both/],
    [{ account: acme, event: 'bill.created', shape: 'xml' }, /no shape xml/],
    [{ account: acme, event: 'bill.created', count: 0 }, /count must be/],
    [{ account: acme, event: 'bill.created', colour: 1 }, /colour is no part/],
  ])('%j is refused in words', async (wish, words) => {
    await expect(simulated.change(wish)).rejects.toThrow(words)
    expect(handler.arrived).toEqual([])
  })
})

describe('tries', () => {
  test('what is not answered 2xx comes again, the same bytes, until it is', async () => {
    await handler.close()
    await simulated.close()
    simulated = await startSimulated({ timeScale: 1000 })
    handler = await startHandler(number => (number < 4 ? 500 : 204))
    app = await simulated.app({ callbackUrl: handler.url })
    const [sent] = await simulated.change({ account: acme, event: 'invoice.created' })
    expect(sent).toMatchObject({ tried: 1, tries: [{ status: 500, body: 'answer 1' }] })
    expect(Date.parse(sent?.nextAt as string) - Date.parse(sent?.at as string)).toBeGreaterThanOrEqual(10)
    await handler.count(4)
    expect(new Set(handler.arrived.map(({ body }) => body.toString())).size).toBe(1)
    expect(handler.arrived.every(one => isSigned(one, app.webhookSecret))).toBe(true)
  })

  test('silence beyond the deadline and a port without a listener are no answers', async () => {
    const silent = await startHandler(() => null)
    const definition = {
      ...quickbooks,
      webhook: { ...quickbooks.webhook, reply: { ...quickbooks.webhook.reply, withinMs: 50 } },
    }
    await simulated.close()
    simulated = await startSimulated({ definition })
    await simulated.app({ callbackUrl: silent.url })
    const [unanswered] = await simulated.change({ account: acme, event: 'invoice.created' })
    expect(unanswered?.tries).toMatchObject([{ error: 'it took too long' }])
    await silent.close()
    const [refused] = await simulated.change({ account: acme, event: 'invoice.created' })
    expect(refused?.tries).toMatchObject([{ error: 'ECONNREFUSED' }])
    expect(refused?.nextAt).not.toBeNull()
    const log = (await simulated.json('GET', '/control/log')).body as { deliveries: { id: number }[] }
    expect(log.deliveries.map(({ id }) => id)).toEqual([2, 1])
  })
})
