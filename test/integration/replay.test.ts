import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/deliver/clock.ts'
import { type ReplayOptions, readWorks, recordSent, sendReplay } from '../../src/deliver/replay.ts'
import { replayAll } from '../../src/deliver/replay-all.ts'
import { planReplay, type ReplayPart, type ReplayWish } from '../../src/deliver/replay-plan.ts'
import type { StoredAttempt } from '../../src/store/attempt-ops.ts'
import type { ForwardWork } from '../../src/store/forward-ops.ts'
import {
  type DeliverHome,
  type Handler,
  openDeliverHome,
  openHandler,
  type Seen,
  verifierToken,
} from '../helpers/deliver-home.ts'

let at: DeliverHome
let closing: (() => Promise<unknown>)[]

beforeEach(async () => {
  at = await openDeliverHome(systemClock)
  closing = [() => at.close()]
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

async function handler(status = 200): Promise<Handler> {
  const opened = await openHandler((_: Seen, response: ServerResponse) => {
    response.statusCode = status
    response.end('said')
  })
  closing.push(() => opened.stop())
  return opened
}

async function seqs(deliverySeq: number): Promise<number[]> {
  return (await at.store.read('eventsOfDelivery', { deliverySeq })).map(({ seq }) => seq)
}

async function plan(wish: ReplayWish): Promise<{ parts: ReplayPart[]; untaken: (string | null)[] }> {
  const planned = await planReplay(at.store, wish)
  const parts: ReplayPart[] = []
  for await (const page of planned.pages()) parts.push(...page)
  return { parts, untaken: planned.passed.untaken.map(({ tenant }) => tenant) }
}

async function send(part: ReplayPart, options: ReplayOptions = {}): Promise<StoredAttempt[]> {
  const [arrived] = (await readWorks(at.store, [part])) as [ForwardWork]
  const sent = await sendReplay(at.deps, { part, arrived }, options)
  return (await recordSent(at.store, [sent])).flatMap(({ attempts }) => attempts)
}

test('chosen events go out per delivery and tenant, oldest first, to where the last listener’s rules send them', async () => {
  const { port, seen } = await handler()
  await at.route(`tenant=t1|t2,to=${port}`)
  const first = await at.deliver('1', '2', '1')
  const second = await at.deliver('1')
  const stranger = await at.deliver('3')
  const chosen = [...(await seqs(stranger)), ...(await seqs(second)), ...(await seqs(first)).slice(0, 2)]
  const { parts, untaken } = await plan({ eventSeqs: [...chosen, ...chosen] })
  expect(untaken).toEqual(['t3'])
  for (const part of parts) {
    const [attempt] = await send(part)
    expect(attempt).toMatchObject({ replay: true, number: 1, status: 200, eventIds: part.events.map(({ id }) => id) })
  }
  expect(seen.map(({ tenant, invoices }) => [tenant, invoices])).toEqual([
    ['t1', [1]],
    ['t2', [2]],
    ['t1', [4]],
  ])
  for (const { body, headers } of seen) {
    expect(headers['whs-replay']).toBe('true')
    expect(headers['intuit-signature']).toBe(createHmac('sha256', verifierToken).update(body).digest('base64'))
  }
})

test('a good answer to a replay closes what was open for the same part and target; attempts are counted on', async () => {
  const { port } = await handler()
  await at.route(`${port}`)
  const deliverySeq = await at.deliver('1')
  const { parts } = await plan({ eventSeqs: await seqs(deliverySeq) })
  const numbers = []
  for (const part of [...parts, ...parts]) numbers.push((await send(part))[0]?.number)
  expect(numbers).toEqual([1, 2])
  expect(await at.store.read('forwardsOfDelivery', { deliverySeq })).toMatchObject([{ state: 'done', lastStatus: 200 }])
})

test('an answer that is not good, and nobody at all, are told and leave what is open open', async () => {
  const failing = await handler(500)
  await at.route(`${failing.port}`)
  const deliverySeq = await at.deliver('1')
  const eventSeqs = await seqs(deliverySeq)
  const [refused] = (await plan({ eventSeqs })).parts
  if (!refused) throw new Error('no part')
  await failing.stop()
  const [attempt] = await send(refused)
  expect(attempt).toMatchObject({ status: null, nextAt: null, hint: expect.stringContaining('nothing listens') })
  await failing.start()
  expect(await send(refused)).toMatchObject([{ number: 2, status: 500, body: Buffer.from('said') }])
  expect(await at.store.read('forwardsOfDelivery', { deliverySeq })).toMatchObject([{ state: 'open' }])
})

test('--to goes to one target whatever the rules say, and --keep-signature keeps the headers that arrived', async () => {
  const { port, seen } = await handler()
  const eventSeqs = await seqs(await at.deliver('1'))
  const { parts } = await plan({ eventSeqs, to: `http://127.0.0.1:${port}/x/{tenant}` })
  const [part] = parts
  if (!part) throw new Error('no part')
  await at.store.write('setApp', { app: 'qbo', secrets: { webhook: 'rotated' }, keepOldMs: 0 })
  await send(part)
  expect(await send(part, { signature: 'original' })).toMatchObject([{ kept: true, changed: null }])
  const signatures = seen.map(({ headers }) => headers['intuit-signature'])
  const made = (secret: string): string =>
    createHmac('sha256', secret)
      .update(seen[0]?.body as Buffer)
      .digest('base64')
  expect(signatures).toEqual([made('rotated'), made(verifierToken)])
  expect(seen.map(({ url }) => url)).toEqual(['/x/t1', '/x/t1'])
})

test('what is parked, what never verified, what has nowhere to go and what is not there is refused before anything is sent', async () => {
  const parked = await seqs(await at.deliver('77'))
  await expect(planReplay(at.store, { eventSeqs: parked, to: 'http://localhost:1/' })).rejects.toMatchObject({
    code: 'replay-parked',
    exit: 2,
    next: 'whs tenants map <tenant> --app qbo --account 77',
  })
  const known = await seqs(await at.deliver('1'))
  expect((await plan({ eventSeqs: known })).parts).toEqual([])
  await expect(planReplay(at.store, { eventSeqs: [999] })).rejects.toMatchObject({ code: 'no-event', exit: 5 })
  const app = await at.store.read('findApp', { name: 'qbo' })
  const delivery = await at.store.read('readDelivery', { seq: 2 })
  if (!app || !delivery) throw new Error('nothing stored')
  const { method, path, suffix, headers, body } = delivery
  const item = { start: 1, length: body.length - 2, pointer: '/0', shape: 'cloudevents', fault: null }
  const nothing = { providerEventId: null, derivedId: null, occurredAt: null, resource: null }
  const accounts = [[{ kind: 'realm', value: '1', place: '/0' }]]
  const unbound = { scope: null, activation: null, reply: null }
  const { seq } = await at.store.write('ingestDelivery', {
    appId: app.id,
    receivedAt: 1,
    method,
    path,
    suffix,
    headers,
    body,
    status: 200,
    secretFingerprint: '',
    verified: 'none',
    scheme: null,
    url: null,
    activation: null,
    refused: 0,
    source: 'delivery',
    items: [{ ...item, ...nothing, ...unbound, providerEvent: 'x', event: 'x', accounts }],
  })
  const unverified = { eventSeqs: await seqs(seq), to: 'http://localhost:1/' }
  await expect(planReplay(at.store, unverified)).rejects.toMatchObject({ code: 'never-verified', exit: 2 })
})

test('a person who gives up waiting for a handler that hangs leaves nothing behind', async () => {
  const hanging = await openHandler(() => giveUp.abort())
  closing.push(() => hanging.stop())
  const giveUp = new AbortController()
  const deliverySeq = await at.deliver('1')
  const to = `http://127.0.0.1:${hanging.port}/`
  const [part] = (await plan({ eventSeqs: await seqs(deliverySeq), to })).parts
  if (!part) throw new Error('no part')
  expect(await send(part, { signal: giveUp.signal })).toEqual([])
  expect(await at.store.read('attemptsOfDelivery', { deliverySeq })).toEqual([])
})

test('a filter takes what is stored now, oldest first, and passes over what nobody owns; ids and filters narrow each other', async () => {
  const { port, seen } = await handler()
  await at.route(`${port}`)
  await at.deliver('1', '77')
  const second = await at.deliver('2')
  await at.deliver('1')
  const planned = await planReplay(at.store, { filter: { tenant: ['t1'] } })
  expect(planned).toMatchObject({ count: 2, parked: 0 })
  expect(await planReplay(at.store, { filter: { since: 0 } })).toMatchObject({ count: 3, parked: 1 })
  await at.deliver('1')
  await replayAll(at.deps, planned.pages(), {}, async () => undefined)
  expect(seen.map(({ invoices }) => invoices)).toEqual([[1], [4]])
  const ids = [...(await seqs(second)), ...(await seqs(1)).slice(0, 1)]
  expect((await plan({ eventSeqs: ids, filter: { tenant: ['t2'] } })).parts).toMatchObject([
    { deliverySeq: second, events: [{ tenant: 't2' }] },
  ])
})

test('an event as another tenant’s: its account is written, it is signed anew, and what is open stays open', async () => {
  const { port, seen } = await handler()
  await at.route(`tenant=t1,to=${port}`, `tenant=t2,to=${port}`)
  const deliverySeq = await at.deliver('1', '3', '1')
  const chosen = (await seqs(deliverySeq)).filter((_, index) => index !== 1)
  const { parts } = await plan({ eventSeqs: chosen, as: 't2' })
  const as = { name: 't2', at: () => ({ accounts: { realm: '2' }, hook: null }) }
  expect(await send(parts[0] as ReplayPart, { as })).toMatchObject([
    { tenant: 't2', status: 200, hint: null, changed: 'as t2', kept: false },
  ])
  const [got] = seen
  if (!got) throw new Error('nothing came')
  expect(got.headers).toMatchObject({
    'whs-tenant': 't2',
    'whs-account': '2',
    'whs-part': '1/2',
    'whs-replay': 'true',
    'intuit-signature': createHmac('sha256', verifierToken).update(got.body).digest('base64'),
  })
  const items = JSON.parse(got.body.toString()) as { intuitaccountid: string }[]
  expect(items.map(item => item.intuitaccountid)).toEqual(['2', '2'])
  expect(await at.store.read('forwardsOfDelivery', { deliverySeq })).toMatchObject([{ state: 'open' }])
  expect(await at.store.read('attemptsOfDelivery', { deliverySeq })).toMatchObject([
    { tenant: 't1', replay: true, changed: 'as t2' },
  ])
})

test('a tenant without an account there, and a target elsewhere, are named', async () => {
  const { parts } = await plan({ eventSeqs: await seqs(await at.deliver('1')), to: 'https://far.example/' })
  const [part] = parts
  if (!part) throw new Error('no part')
  const without = { name: 't9', at: () => ({ accounts: {}, hook: null }) }
  await expect(send(part, { as: without })).rejects.toMatchObject({ code: 'no-account', exit: 3 })
  const as = { name: 't2', at: () => ({ accounts: { realm: '2' }, hook: null }) }
  expect(await send(part, { as })).toMatchObject([
    { status: null, error: expect.stringMatching(/^cannot-sign: /), hint: expect.stringContaining('--allow-remote') },
  ])
})
