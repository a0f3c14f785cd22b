import { createHash, createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { header, type RawHeaders } from '../../src/core/headers.ts'
import { fingerprint } from '../../src/core/sign.ts'
import { buildEventForward } from '../../src/deliver/event-request.ts'
import { buildForward, type ForwardOptions } from '../../src/deliver/forward-request.ts'
import { targetUrl } from '../../src/deliver/target-url.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { StoredEvent } from '../../src/store/event-ops.ts'
import type { ForwardEvent, ForwardWork } from '../../src/store/forward-ops.ts'
import { ownSecret } from '../helpers/deliver-home.ts'

const one = '{"specversion":"1.0","id":"a","type":"qbo.invoice.created.v1","intuitaccountid":"1","n":9007199254740993}'
const two = '{"specversion":"1.0","id":"b","type":"qbo.invoice.created.v1","intuitaccountid":"2"}'
const body = Buffer.from(`[${one}, ${two}]`)
const old = { value: 'old', fingerprint: fingerprint('old') }
const fresh = { value: 'new', fingerprint: fingerprint('new') }

function event(seq: number, start: number, part: number, account: string | null = String(part)): ForwardEvent {
  return { seq, id: `evt_${seq}`, start, part, account, event: 'invoice.created' }
}
const first = event(1, 1, 1)
const second = event(2, 1 + one.length + 2, 2)

function work(changes: Partial<ForwardWork> = {}): ForwardWork {
  return {
    ...{ seq: 1, state: 'open', deliverySeq: 1, deliveryId: 'dlv_7', appId: 1, app: 'qbo', provider: 'quickbooks' },
    ...{ env: 'sandbox', tenantId: 1, tenant: 'acme.eu', target: 'http://localhost:3000/in', method: 'POST' },
    ...{
      suffix: '',
      headers: JSON.stringify(['intuit-signature', 'theirs']),
      body,
      secretFingerprint: old.fingerprint,
    },
    ...{ verified: 'signature', source: 'delivery', receivedAt: 1, items: 2, parts: 2, tries: 0, busy: 0 },
    ...{ firstTryAt: null, events: [first, second] },
    ...changes,
  }
}

const options: ForwardOptions = {
  ...{ definition: quickbooks, secrets: [fresh, old], attempt: 1, now: Date.now(), allowRemote: false, ownSecret },
}

function hmac(secret: string, bytes: Buffer): string {
  return createHmac('sha256', secret).update(bytes).digest('base64')
}

function names(headers: RawHeaders): string[] {
  return headers.filter((_, index) => index % 2 === 0)
}

test('a part that is the whole delivery goes out as it came: bytes, order, repeats, spelling', () => {
  const arrived = [
    ...['HOST', 'hooks.example', 'X-One', 'a', 'x-TWO', 'b', 'X-One', 'c', 'Content-Length', '999'],
    ...['intuit-signature', 'theirs', 'Connection', 'keep-alive, X-Hop', 'x-hop', '1', 'Transfer-Encoding', 'chunked'],
    ...[
      'Expect',
      '100-continue',
      'Whs-Tenant',
      'globex',
      'WHS_Replay',
      'true',
      'whs_tenant',
      'globex',
      'TE',
      'trailers',
    ],
  ]
  const built = buildForward(work({ headers: JSON.stringify(arrived) }), options)
  expect(built.body).toBe(body)
  expect(built).toMatchObject({ url: 'http://localhost:3000/in', method: 'POST' })
  expect(built.headers).toEqual([
    ...['HOST', 'localhost:3000', 'X-One', 'a', 'x-TWO', 'b', 'X-One', 'c', 'Content-Length', `${body.length}`],
    ...['intuit-signature', 'theirs', 'X-Forwarded-Host', 'hooks.example'],
    ...['Whs-Tenant', 'acme.eu', 'Whs-Provider', 'quickbooks', 'Whs-App', 'qbo', 'Whs-Account', '1,2'],
    ...['Whs-Delivery-Id', 'dlv_7', 'Whs-Event-Ids', 'evt_1,evt_2', 'Whs-Event-Count', '2', 'Whs-Attempt', '1'],
  ])
})

test('what a tunnel has put into X-Forwarded-* stays', () => {
  const arrived = ['Host', 'x.ngrok.app', 'X-Forwarded-Host', 'hooks.example', 'X-Forwarded-Proto', 'https']
  const { headers } = buildForward(work({ headers: JSON.stringify(arrived) }), options)
  expect(header(headers, 'x-forwarded-host')).toBe('hooks.example')
  expect(names(headers).filter(name => name === 'X-Forwarded-Host')).toHaveLength(1)
  expect(header(headers, 'x-forwarded-proto')).toBe('https')
})

test('a cut part holds the item’s own bytes, signed with the secret that verified, and no digest of the whole', () => {
  const headers = JSON.stringify(['Intuit-Signature', 'theirs', 'Digest', 'sha-256=x', 'content-length', '1'])
  const built = buildForward(work({ events: [first], headers }), { ...options, attempt: 3 })
  expect(built.body.toString()).toBe(`[${one}]`)
  expect(built.headers.slice(0, 4)).toEqual([
    'Intuit-Signature',
    hmac('old', built.body),
    'content-length',
    `${built.body.length}`,
  ])
  expect(names(built.headers)).not.toContain('Digest')
  expect(header(built.headers, 'whs-part')).toBe('1/2')
  expect(header(built.headers, 'whs-attempt')).toBe('3')
  const gone = buildForward(work({ events: [second], secretFingerprint: 'gone' }), options)
  expect(header(gone.headers, 'intuit-signature')).toBe(hmac('new', gone.body))
})

test.each([
  ['it never verified', work({ events: [first], verified: 'none' }), options],
  ['no secret is stored', work({ events: [first] }), { ...options, secrets: [] }],
  ['it would leave this machine', work({ events: [first], target: 'https://dev.example/' }), options],
  ['a person wants the old signature', work({ events: [first] }), { ...options, replay: 'original' as const }],
  ['the items are elsewhere', work({ events: [event(1, 5, 1)] }), options],
])('a part is not cut where %s', (_, part, how) => {
  expect(() => buildForward(part, how)).toThrow(expect.objectContaining({ code: 'cannot-cut', exit: 2 }))
})

test('what never verified goes out whole with its own headers, marked', () => {
  const built = buildForward(work({ verified: 'none' }), { ...options, replay: 'signed' })
  expect(header(built.headers, 'intuit-signature')).toBe('theirs')
  expect(header(built.headers, 'whs-unverified')).toBe('true')
})

test('a replay is signed anew on this machine, and says so; to another only with leave', () => {
  const replay = { ...options, replay: 'signed' as const }
  const here = buildForward(work({ source: 'trigger' }), replay)
  expect(header(here.headers, 'intuit-signature')).toBe(hmac('old', body))
  expect(header(here.headers, 'whs-replay')).toBe('true')
  expect(header(here.headers, 'whs-source')).toBe('trigger')
  const kept = buildForward(work(), { ...options, replay: 'original' })
  expect(header(kept.headers, 'intuit-signature')).toBe('theirs')
  const remote = work({ target: 'https://dev.example/' })
  expect(header(buildForward(remote, replay).headers, 'intuit-signature')).toBe('theirs')
  const allowed = buildForward(remote, { ...replay, allowRemote: true })
  expect(header(allowed.headers, 'intuit-signature')).toBe(hmac('old', body))
})

test('what leaves this machine carries a Standard Webhooks signature over tenant, ids and body', () => {
  const { headers, body } = buildForward(work({ target: 'https://dev.example/' }), options)
  const flat = Object.fromEntries(names(headers).map(name => [name, header(headers, name) as string]))
  expect(new Webhook(ownSecret).verify(body, flat)).toHaveLength(2)
  const ids = createHash('sha256').update('evt_1,evt_2').digest('hex').slice(0, 16)
  expect(flat['webhook-id']).toBe(`dlv_7:acme%2Eeu:${ids}`)
  const other = { ...flat, 'webhook-id': `dlv_7:globex:${ids}` }
  expect(() => new Webhook(ownSecret).verify(body, other)).toThrow('No matching signature')
  expect(names(buildForward(work(), options).headers)).not.toContain('webhook-id')
})

test('headers of a provider that uses Standard Webhooks itself are not touched by ours', () => {
  const arrived = ['webhook-id', 'msg_theirs', 'webhook-signature', 'v1,theirs']
  const part = work({ target: 'https://dev.example/', headers: JSON.stringify(arrived) })
  const { headers } = buildForward(part, options)
  expect(header(headers, 'webhook-id')).toBe('msg_theirs')
  const flat = Object.fromEntries(
    ['id', 'timestamp', 'signature'].map(name => [`webhook-${name}`, header(headers, `whs-webhook-${name}`) as string]),
  )
  expect(new Webhook(ownSecret).verify(body, flat)).toHaveLength(2)
})

test('many events name twenty ids and their count; odd account values are percent-encoded', () => {
  const many = Array.from({ length: 30 }, (_, index) => event(index, 1, 1, index % 2 ? 'a,b' : 'Zoë\r\nX: y'))
  const { headers } = buildForward(work({ events: [...many, second] }), options)
  expect(header(headers, 'whs-event-ids')?.split(',')).toHaveLength(20)
  expect(header(headers, 'whs-event-count')).toBe('31')
  expect(header(headers, 'whs-account')).toBe('Zo%C3%AB%0D%0AX:%20y,a%2Cb,2')
})

test.each([
  ['http://localhost:3000/', '', 'http://localhost:3000/'],
  ['http://localhost:3000/in', '?a=1&a=2', 'http://localhost:3000/in?a=1&a=2'],
  ['http://localhost:3000/in/?x=1', '/more/%20?a=1', 'http://localhost:3000/in/more/%20?x=1&a=1'],
  ['http://localhost:3000', '/../up', 'http://localhost:3000/up'],
])('%s and what follows the callback URL, "%s"', (target, suffix, url) => {
  expect(targetUrl(target, suffix).href).toBe(url)
})

test.each(['/../admin', '/x/%2e%2e/%2E./../admin', '/..\\..\\admin'])('the path %s cannot leave the target', suffix => {
  expect(() => targetUrl('http://localhost:3000/in', suffix)).toThrow(expect.objectContaining({ code: 'path-escapes' }))
})

test('one event as a CloudEvent: numbers and blanks untouched, time in the form that CloudEvents wants', () => {
  const stored = {
    ...{ id: 'evt_1', provider: 'quickbooks', app: 'qbo', account: '1/2', tenant: 'acme', event: 'invoice.created' },
    ...{ providerEvent: 'Invoice.Create', providerEventId: null, resourceType: 'Invoice', resourceId: '130' },
    ...{ deliveryId: 'dlv_7', occurredAt: '2015-10-05T14:42:19-0700', receivedAt: 1 },
  } as StoredEvent
  const item = Buffer.from('{"n": 9007199254740993.10}')
  const part = work({ events: [first], suffix: '?k=1' })
  const { headers, body, method, url } = buildEventForward(part, stored, item, options)
  expect({ method, url }).toEqual({ method: 'POST', url: 'http://localhost:3000/in?k=1' })
  expect(body.toString()).toContain(`"data":${item.toString()}}`)
  expect(JSON.parse(body.toString())).toMatchObject({
    ...{ specversion: '1.0', id: 'evt_1', source: '/quickbooks/qbo/1%2F2', type: 'invoice.created' },
    ...{
      subject: 'Invoice/130',
      time: '2015-10-05T21:42:19.000Z',
      whstenant: 'acme',
      datacontenttype: 'application/json',
    },
  })
  expect(header(headers, 'content-type')).toBe('application/cloudevents+json; charset=utf-8')
  expect(header(headers, 'whs-part')).toBeUndefined()
  const flat = Object.fromEntries(names(headers).map(name => [name, header(headers, name) as string]))
  expect(new Webhook(ownSecret).verify(body, flat)).toMatchObject({ id: 'evt_1' })
  const nanos = { ...stored, occurredAt: '2026-03-17T16:19:17.123456789Z' }
  expect(JSON.parse(buildEventForward(part, nanos, item, options).body.toString()).time).toBe(nanos.occurredAt)
  const broken = buildEventForward(part, { ...stored, event: null }, Buffer.from([0xff, 0x7b]), options)
  expect(JSON.parse(broken.body.toString())).toMatchObject({ type: 'unreadable', data_base64: '/3s=' })
})
