import { expect, test } from 'vitest'
import { type ApiRequest, apiRequest } from '../../src/connect/api-request.ts'
import { oldTokens, openRefreshWorld, type RefreshWorld, type RefreshWorldOptions } from '../helpers/refresh-world.ts'

const hour = 3_600_000
const get: ApiRequest = { method: 'GET', target: '/list', body: null, type: null, all: true }

async function bodies({ deps, connection }: RefreshWorld, request: Partial<ApiRequest> = {}): Promise<string[]> {
  const found: string[] = []
  for await (const { answer } of apiRequest(deps, connection, { ...get, ...request }))
    found.push(answer.body.toString())
  return found
}

function world(options: RefreshWorldOptions = {}): Promise<RefreshWorld> {
  return openRefreshWorld({ leftMs: hour, ...options })
}

test('further pages are followed by the Link header, on the same host alone', async () => {
  const here = await world()
  here.provider.mood.apiAnswers.push(
    { status: 200, body: 'one', headers: { link: '</api/list?page=2>; rel="next"' } },
    { status: 200, body: 'two', headers: { link: '<https://evil.example/list>; rel="next"' } },
  )
  const seen: string[] = []
  const following = async (): Promise<void> => {
    for await (const { answer } of apiRequest(here.deps, here.connection, get)) seen.push(answer.body.toString())
  }
  await expect(following()).rejects.toMatchObject({ code: 'bad-page', exit: 10 })
  expect(seen).toEqual(['one', 'two'])
  expect(await bodies(here, { all: false })).toHaveLength(1)
})

test('and as the definition says', async () => {
  const here = await world({ api: { page: { by: 'cursor', parameter: 'after', at: '$.next' } } })
  here.provider.mood.apiAnswers.push({ status: 200, body: { next: 'c2' } }, { status: 200, body: {} })
  expect(await bodies(here)).toEqual(['{"next":"c2"}', '{}'])
  expect(here.provider.paths).toEqual(['GET /api/list', 'GET /api/list?after=c2'])
})

test('a token that ends between two pages is refreshed', async () => {
  const here = await world()
  here.provider.mood.apiAnswers.push(
    { status: 200, body: 'one', headers: { link: '</api/list?page=2>; rel="next"' } },
    { status: 401 },
  )
  expect(await bodies(here)).toEqual(['one', '{"path":"/api/list","page":"2"}'])
  expect(here.provider.calls).toEqual([oldTokens.access, oldTokens.access, 'fresh-access-1-5ec2e7'])
})

test('the definition’s headers and base, and a JSON body as it was given', async () => {
  const api = { base: '{api}/v2', headers: { 'X-Tenant': '{account}', 'X-Version': '7' } }
  const here = await world({ api })
  const body = Buffer.from('{ "big": 12345678901234567890 }')
  expect(await bodies(here, { method: 'POST', body })).toHaveLength(1)
  expect(here.provider.paths).toEqual(['POST /api/v2/list'])
  expect(here.provider.bodies).toEqual([body.toString()])
  expect(here.provider.headers[0]).toMatchObject({
    'x-tenant': 'acc-1',
    'x-version': '7',
    'content-type': 'application/json',
    accept: 'application/json, */*;q=0.8',
  })
})

test('where the API takes forms, a flat JSON body becomes one', async () => {
  const here = await world({ api: { body: 'form' } })
  await bodies(here, { method: 'POST', body: Buffer.from('{"name":"a b","count":2}') })
  expect(here.provider.bodies).toEqual(['name=a+b&count=2'])
  const nested = bodies(here, { method: 'POST', body: Buffer.from('{"a":{}}') })
  await expect(nested).rejects.toMatchObject({ code: 'not-json', exit: 2 })
})

test('slots are encoded, and a token is never one', async () => {
  const here = await world()
  await bodies(here, { target: '/things/{account.account}?of={account}' })
  expect(here.provider.paths).toEqual(['GET /api/things/acc-1?of=acc-1'])
  for (const name of ['token', 'refreshToken', 'secret.client']) {
    await expect(bodies(here, { target: `/x/{${name}}` })).rejects.toMatchObject({ code: 'unknown-slot', exit: 2 })
  }
})

const elsewhere = [
  'https://evil.example/api/list',
  'http://127.0.0.1:1/api/list',
  '{origin}/apix/list',
  '{origin}/other/list',
  '/../other',
  '/%2e%2e/other',
  '{origin}/api/../../other',
]

test.each(elsewhere)('%s is no address of the definition: no call is made', async target => {
  const here = await world()
  const wish = { target: target.replace('{origin}', here.provider.origin) }
  await expect(bodies(here, wish)).rejects.toMatchObject({ code: 'foreign-host', exit: 2 })
  expect(here.provider.paths).toEqual([])
})

test('an address with a user name is none either', async () => {
  const here = await world()
  const target = `${here.provider.origin.replace('://', '://user@')}/api/list`
  await expect(bodies(here, { target })).rejects.toMatchObject({ code: 'foreign-host' })
})
