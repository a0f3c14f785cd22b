import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Activation, ActivationApi } from '../../src/core/activation-definition.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Slots } from '../../src/core/fill-text.ts'
import type { HmacScheme } from '../../src/core/webhook-definition.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { endSlots, hooksByApi, meaningOf } from '../helpers/hooks-by-api.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  acme,
  connect,
  globex,
  type Handler,
  isSigned,
  type PortalApp,
  type Simulated,
  startHandler,
  startSimulated,
} from '../helpers/simulated.ts'

checkLeaks()

const hooks = '{platform}/v1/hooks'
const ends = { $number: '{expires.s}' }
const api = {
  list: {
    call: { method: 'GET', url: hooks, page: { by: 'cursor', parameter: 'after', at: '$.next' } },
    items: '$.hooks[*]',
    where: { at: '@.on', is: 'true' },
    id: '@.id',
    url: '@.target',
    expires: { at: '@.ends', unit: 's' },
  },
  create: { method: 'POST', url: hooks, body: { json: { target: '{callback}', ends } } },
  made: {
    id: '$.hook.id',
    secret: '$.hook.secret',
    expires: { at: '$.hook.ends', unit: 's' },
    keep: { mark: '$.hook.mark' },
  },
  renew: {
    call: { method: 'PATCH', url: `${hooks}/{activation}?mark={mark}`, body: { json: { ends } } },
    expires: { at: '$.ends', unit: 's' },
  },
  move: { method: 'PUT', url: `${hooks}/{activation}`, body: { form: { target: '{callback}' } } },
  remove: { method: 'DELETE', url: `${hooks}/{activation}` },
  scopes: ['com.intuit.quickbooks.accounting'],
  refusals: [
    { status: 422, when: { exists: { capture: { of: '$.faults[0].text', pattern: '(already)' } } }, means: 'taken' },
    { status: [400, 403], when: { at: '$.code', is: 'no-answer' }, means: 'unreachable' },
  ],
} satisfies ActivationApi

const scheme = quickbooks.webhook.verify[0] as HmacScheme
const activation: Activation = { per: 'tenant', by: 'api', secret: 'given', days: 7, steps: [], api }
const small: ProviderDefinition = {
  ...quickbooks,
  webhook: {
    ...quickbooks.webhook,
    verify: [{ ...scheme, key: { secret: 'webhook', of: 'activation' } }],
    handshakes: [
      {
        kind: 'challenge',
        method: 'GET',
        when: [{ exists: { query: 'challenge' } }],
        proof: 'none',
        reply: { status: 200, text: { query: 'challenge' } },
      },
    ],
  },
  activation,
}

const dayMs = 86_400_000
let simulated: Simulated
let handler: Handler
let isSilent: boolean
let late: number
let app: PortalApp

beforeEach(async () => {
  isSilent = false
  late = 0
  handler = await startHandler((_, { url }) => {
    const text = new URL(url, 'http://handler').searchParams.get('challenge')
    return text === null ? 200 : { status: 200, body: isSilent ? 'hello' : text }
  })
  simulated = await startSimulated({ definition: small, now: () => Date.now() + late })
  app = await simulated.app()
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

type Client = ReturnType<typeof hooksByApi>

async function client(account: string): Promise<Client> {
  return hooksByApi(small, app, { token: await connect(app, account) })
}

const wish = (path = ''): Slots => ({ callback: handler.url + path, ...endSlots(small, Date.now()) })
const urlsOf = async (one: Client) => (await one.items(api.list, {})).map(read => read('@.target'))
const turn = (knobs: object) => simulated.json('POST', '/control', knobs)

describe('a hook', () => {
  test('is made once its URL has answered, belongs to one company, and is signed with its own secret', async () => {
    const [one, other] = [await client(acme), await client(globex)]
    const { hook } = await one.create(wish('/a'))
    expect(handler.arrived.map(({ method, url }) => [method, url.split('=')[0]])).toEqual([
      ['GET', '/hooks/quickbooks/a?challenge'],
    ])
    expect(await urlsOf(one)).toEqual([`${handler.url}/a`])
    expect(await urlsOf(other)).toEqual([])
    expect(meaningOf(api, await other.call(api.remove, hook.slots))).toBe('gone')
    expect(await simulated.change({ account: globex, event: 'bill.created' })).toEqual([])
    expect(await simulated.change({ account: acme, event: 'bill.created' })).toMatchObject([{ hook: hook.id }])
    const [, arrived] = handler.arrived
    expect(arrived && isSigned(arrived, hook.secret as string)).toBe(true)
  })

  test('whose URL does not answer as it must is refused, and nothing stands', async () => {
    const one = await client(acme)
    isSilent = true
    const refused = await one.create(wish())
    expect(refused).toMatchObject({ status: 400, failed: true })
    expect(meaningOf(api, refused)).toBe('unreachable')
    isSilent = false
    expect(await urlsOf(one)).toEqual([])
    const { hook } = await one.create(wish())
    isSilent = true
    expect(meaningOf(api, await one.call(api.move, { ...hook.slots, callback: `${handler.url}/b` }))).toBe(
      'unreachable',
    )
    expect(await urlsOf(one)).toEqual([handler.url])
  })

  test('is not made twice at one URL, not without its scope, and not by a stranger', async () => {
    const one = await client(acme)
    await one.create(wish())
    const twice = await one.create(wish())
    expect(twice.status).toBe(422)
    expect(meaningOf(api, twice)).toBe('taken')
    const token = await connect(app, acme, { scope: 'openid' })
    expect(meaningOf(api, await hooksByApi(small, app, { token }).create(wish('/b')))).toBe('scope')
    expect(meaningOf(api, await hooksByApi(small, app, { token: 'x' }).create(wish('/b')))).toBe('token')
  })

  test('is changed only with what was told when it was made', async () => {
    const one = await client(acme)
    const { hook } = await one.create(wish())
    expect(hook.slots.mark).toMatch(/^[0-9a-f]{32}$/)
    const renew = (slots: Slots) =>
      one.call(api.renew.call, { ...hook.slots, ...endSlots(small, Date.now()), ...slots })
    expect(meaningOf(api, await renew({ mark: 'another' }))).toBe('gone')
    expect(await renew({})).toMatchObject({ status: 200 })
  })

  test('lives as long as it asks, but not longer than it may, and is forgotten then', async () => {
    const one = await client(acme)
    const { hook } = await one.create({ ...wish(), 'expires.s': String(Math.floor(Date.now() / 1000) + 30 * 86_400) })
    expect(Math.abs((hook.expiresAt as number) - Date.now() - 7 * dayMs)).toBeLessThan(60_000)
    expect((await one.create({ ...wish('/b'), 'expires.s': '1000000000' })).status).toBe(400)
    expect(await (await fetch(simulated.url(''))).text()).toMatch(/ends \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    expect((await turn({ clock: '+6d' })).status).toBe(200)
    expect(await urlsOf(one)).toEqual([handler.url])
    await one.call(api.renew.call, { ...hook.slots, ...endSlots(small, Date.now()) })
    late = 6 * dayMs
    expect((await simulated.json('GET', '/portal/hooks')).body).toHaveLength(1)
    late = 7 * dayMs + 60_000
    expect((await simulated.json('GET', '/portal/hooks')).body).toEqual([])
    expect(await simulated.change({ account: acme, event: 'bill.created' })).toEqual([])
  })
})

describe('the knobs', () => {
  test('make one call fail, allow so many hooks, and take one away', async () => {
    const one = await client(acme)
    const busy = { status: 503, headers: { 'retry-after': '9' }, body: { busy: true }, call: 'create' }
    expect((await turn({ fail: busy })).body).toMatchObject({ failures: [{ status: 503 }], quota: null })
    expect(await urlsOf(one)).toEqual([])
    expect(await one.create(wish())).toMatchObject({ status: 503, failed: true })
    await turn({ quota: 1 })
    const { hook, status } = await one.create(wish())
    expect(status).toBe(200)
    const full = await one.create(wish('/b'))
    expect(meaningOf(api, full)).toBe('quota')
    await turn({ remove: hook.id, quota: null })
    expect(meaningOf(api, await one.call(api.remove, hook.slots))).toBe('gone')
    await turn({ fail: { status: 429, times: 2 } })
    expect((await one.create(wish('/b'))).status).toBe(429)
    expect((await one.call(api.list.call, {})).status).toBe(429)
    expect((await one.create(wish('/b'))).status).toBe(200)
  })

  test.each([
    [{ colour: 'red' }, /colour is no knob/],
    [{ fail: { status: 99 } }, /status must be/],
    [{ fail: { status: 500, call: 'dance' } }, /call must be one of/],
    [{ quota: -1 }, /quota must be/],
    [{ remove: 'nothing' }, /there is no hook/],
    [{ clock: 'soon' }, /no duration/],
    [[], /JSON object/],
  ])('%j is refused in words', async (knobs, words) => {
    const { status, body } = await turn(knobs)
    expect(status).toBe(400)
    expect((body as { error: string }).error).toMatch(words)
  })
})
