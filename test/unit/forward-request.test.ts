import { createHash, createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { header } from '../../src/core/headers.ts'
import { buildForward } from '../../src/deliver/forward-request.ts'
import { targetUrl } from '../../src/deliver/target-url.ts'
import { ownSecret } from '../helpers/deliver-home.ts'
import {
  eventOne,
  eventTwo,
  forwardEvent,
  headerLines,
  itemOne,
  forwardOptions as options,
  plainHeaders,
  rawHeaders,
  twoItems,
  forwardWork as work,
} from '../helpers/forward-work.ts'

function hmac(secret: string, bytes: Buffer): string {
  return createHmac('sha256', secret).update(bytes).digest('base64')
}

function arrived(text: string): { headers: string } {
  return { headers: JSON.stringify(rawHeaders(text)) }
}

test('a part that is the whole delivery goes out as it came: bytes, order, repeats, spelling', () => {
  const headers = arrived(`
    HOST: hooks.example
    X-One: a
    x-TWO: b
    X-One: c
    Content-Length: 999
    intuit-signature: theirs
    Connection: keep-alive, X-Hop
    x-hop: 1
    Transfer-Encoding: chunked
    Expect: 100-continue
    TE: trailers
    Whs-Tenant: globex
    WHS_Replay: true
    whs_tenant: globex`)
  const built = buildForward(work(headers), options)
  expect(built.body).toBe(twoItems)
  expect(built).toMatchObject({ url: 'http://localhost:3000/in', method: 'POST' })
  expect(headerLines(built.headers)).toEqual([
    'HOST: localhost:3000',
    'X-One: a',
    'x-TWO: b',
    'X-One: c',
    `Content-Length: ${twoItems.length}`,
    'intuit-signature: theirs',
    'X-Forwarded-Host: hooks.example',
    'Whs-Tenant: acme.eu',
    'Whs-Provider: quickbooks',
    'Whs-App: qbo',
    'Whs-Account: 1,2',
    'Whs-Delivery-Id: dlv_7',
    'Whs-Event-Ids: evt_1,evt_2',
    'Whs-Event-Count: 2',
    'Whs-Attempt: 1',
  ])
})

test('what a tunnel has put into X-Forwarded-* stays', () => {
  const lines = 'X-Forwarded-Host: hooks.example\nX-Forwarded-Proto: https'
  const { headers } = buildForward(work(arrived(`Host: x.ngrok.app\n${lines}`)), options)
  expect(
    headerLines(headers)
      .filter(line => line.startsWith('X-Forwarded-'))
      .join('\n'),
  ).toBe(lines)
})

test('a cut part holds the item’s own bytes, signed with the secret that verified, and no digest of the whole', () => {
  const headers = arrived('Intuit-Signature: theirs\nDigest: sha-256=x\ncontent-length: 1')
  const built = buildForward(work({ events: [eventOne], ...headers }), { ...options, attempt: 3 })
  expect(built.body.toString()).toBe(`[${itemOne}]`)
  expect(headerLines(built.headers).slice(0, 3)).toEqual([
    `Intuit-Signature: ${hmac('old', built.body)}`,
    `content-length: ${built.body.length}`,
    'Host: localhost:3000',
  ])
  expect(header(built.headers, 'whs-part')).toBe('1/2')
  expect(header(built.headers, 'whs-attempt')).toBe('3')
  const gone = buildForward(work({ events: [eventTwo], secretFingerprint: 'gone' }), options)
  expect(header(gone.headers, 'intuit-signature')).toBe(hmac('new', gone.body))
})

test.each([
  ['it never verified', work({ events: [eventOne], verified: 'none' }), options],
  ['no secret is stored', work({ events: [eventOne] }), { ...options, keys: [] }],
  ['it would leave this machine', work({ events: [eventOne], target: 'https://dev.example/' }), options],
  ['a person wants the old signature', work({ events: [eventOne] }), { ...options, replay: 'original' as const }],
  ['the items are elsewhere', work({ events: [forwardEvent(1, 5, 1)] }), options],
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
  expect(header(here.headers, 'intuit-signature')).toBe(hmac('old', twoItems))
  expect(header(here.headers, 'whs-replay')).toBe('true')
  expect(header(here.headers, 'whs-source')).toBe('trigger')
  const kept = buildForward(work(), { ...options, replay: 'original' })
  expect(header(kept.headers, 'intuit-signature')).toBe('theirs')
  const remote = work({ target: 'https://dev.example/' })
  expect(header(buildForward(remote, replay).headers, 'intuit-signature')).toBe('theirs')
  const allowed = buildForward(remote, { ...replay, allowRemote: true })
  expect(header(allowed.headers, 'intuit-signature')).toBe(hmac('old', twoItems))
})

test('what leaves this machine carries a Standard Webhooks signature over tenant, ids and body', () => {
  const { headers, body } = buildForward(work({ target: 'https://dev.example/' }), options)
  const plain = plainHeaders(headers)
  expect(new Webhook(ownSecret).verify(body, plain)).toHaveLength(2)
  const ids = createHash('sha256').update('evt_1,evt_2').digest('hex').slice(0, 16)
  expect(plain['webhook-id']).toBe(`dlv_7:acme%2Eeu:${ids}`)
  const other = { ...plain, 'webhook-id': `dlv_7:globex:${ids}` }
  expect(() => new Webhook(ownSecret).verify(body, other)).toThrow('No matching signature')
  expect(header(buildForward(work(), options).headers, 'webhook-id')).toBeUndefined()
})

test('headers of a provider that uses Standard Webhooks itself are not touched by ours', () => {
  const headers = arrived('webhook-id: msg_theirs\nwebhook-signature: v1,theirs')
  const built = buildForward(work({ target: 'https://dev.example/', ...headers }), options)
  expect(header(built.headers, 'webhook-id')).toBe('msg_theirs')
  expect(new Webhook(ownSecret).verify(built.body, plainHeaders(built.headers, 'whs-'))).toHaveLength(2)
})

test('many events name twenty ids and their count; odd account values are percent-encoded', () => {
  const many = Array.from({ length: 30 }, (_, index) => forwardEvent(index, 1, 1, index % 2 ? 'a,b' : 'Zoë\r\nX: y'))
  const { headers } = buildForward(work({ events: [...many, eventTwo] }), options)
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
