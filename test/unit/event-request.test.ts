import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { header } from '../../src/core/headers.ts'
import { buildEventForward } from '../../src/deliver/event-request.ts'
import type { StoredEvent } from '../../src/store/event-ops.ts'
import { ownSecret } from '../helpers/deliver-home.ts'
import { eventOne, forwardOptions, forwardWork, plainHeaders } from '../helpers/forward-work.ts'

const stored = {
  id: 'evt_1',
  provider: 'quickbooks',
  app: 'qbo',
  account: '1/2',
  tenant: 'acme',
  event: 'invoice.created',
  providerEvent: 'Invoice.Create',
  providerEventId: null,
  resourceType: 'Invoice',
  resourceId: '130',
  deliveryId: 'dlv_7',
  occurredAt: '2015-10-05T14:42:19-0700',
  receivedAt: 1,
} as StoredEvent

const item = Buffer.from('{"n": 9007199254740993.10}')

function build(event: StoredEvent, bytes = item) {
  return buildEventForward(forwardWork({ events: [eventOne], suffix: '?k=1' }), event, bytes, forwardOptions)
}

function parsed(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>
}

test('one event as a CloudEvent: the item untouched, the rest in the form that CloudEvents wants', () => {
  const { headers, body, method, url } = build(stored)
  expect({ method, url }).toEqual({ method: 'POST', url: 'http://localhost:3000/in?k=1' })
  expect(body.toString()).toContain(`"data":${item.toString()}}`)
  expect(parsed(body)).toMatchObject({
    specversion: '1.0',
    id: 'evt_1',
    source: '/quickbooks/qbo/1%2F2',
    type: 'invoice.created',
    subject: 'Invoice/130',
    time: '2015-10-05T21:42:19.000Z',
    datacontenttype: 'application/json',
    whstenant: 'acme',
  })
  expect(Object.keys(parsed(body)).every(name => /^(data|data_base64|[a-z0-9]{1,20})$/.test(name))).toBe(true)
  expect(header(headers, 'content-type')).toBe('application/cloudevents+json; charset=utf-8')
  expect(header(headers, 'content-length')).toBe(String(body.length))
  expect(header(headers, 'whs-part')).toBeUndefined()
})

test('it is signed by Standard Webhooks under the event’s own id', () => {
  const { headers, body } = build(stored)
  expect(new Webhook(ownSecret).verify(body, plainHeaders(headers))).toMatchObject({ id: 'evt_1' })
  expect(header(headers, 'webhook-id')).toBe('evt_1')
})

test('a time of RFC 3339 stays as it is written, a missing one is that of its arrival', () => {
  const nanos = '2026-03-17T16:19:17.123456789Z'
  expect(parsed(build({ ...stored, occurredAt: nanos }).body).time).toBe(nanos)
  expect(parsed(build({ ...stored, occurredAt: null }).body).time).toBe('1970-01-01T00:00:00.001Z')
  expect(parsed(build({ ...stored, occurredAt: '1767950000' }).body).time).toBe('2026-01-09T09:13:20.000Z')
  expect(parsed(build({ ...stored, occurredAt: 'Tue, 19 May 2026 01:13:52 GMT' }).body).time).toBe(
    '2026-05-19T01:13:52.000Z',
  )
})

test('an item that is not JSON travels as base64', () => {
  const { body } = build({ ...stored, event: null }, Buffer.from([0xff, 0x7b]))
  expect(parsed(body)).toMatchObject({ type: 'unreadable', data_base64: '/3s=' })
})
