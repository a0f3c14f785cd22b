import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { type ComposedCall, composeCall, nextPage } from '../../../src/core/call.ts'
import type { Call, Page } from '../../../src/core/value-definition.ts'

const hosts = { api: 'https://{dc}.api.example.com' }
const slots = { dc: 'us7', token: 't0k', account: 'a/b', 'secret.client': 's€c', clientId: 'c1', 'setting.v': '2' }
const compose = (call: Partial<Call>, more: Record<string, string> = {}): ComposedCall =>
  composeCall({ method: 'GET', url: '{api}/x', ...call }, { hosts, slots: { ...slots, ...more } })

test('without more a call carries the token as a bearer, and wants JSON', () => {
  expect(compose({ url: '{api}/a/{account}?v={setting.v}' })).toEqual({
    method: 'GET',
    url: 'https://us7.api.example.com/a/a%2Fb?v=2',
    headers: { accept: 'application/json', authorization: 'Bearer t0k' },
  })
})

test.each([
  [{ bearer: '{secret.client}' }, 'authorization', 'Bearer s€c'],
  [{ header: 'X-Auth-Token', value: 'T {token}' }, 'x-auth-token', 'T t0k'],
  [{ basic: ['{clientId}', '{secret.client}'] }, 'authorization', `Basic ${Buffer.from('c1:s€c').toString('base64')}`],
] as const)('%j', (auth, name, value) => {
  if (value.includes('€')) expect(() => compose({ auth: auth as Call['auth'] & object })).toThrow('cannot be filled in')
  else expect(compose({ auth: auth as Call['auth'] & object }).headers[name]).toBe(value)
})

test('none proves nothing; own headers win over the usual ones', () => {
  const headers = { Accept: 'application/vnd.x+json', 'X-Version': 'v{setting.v}' }
  expect(compose({ auth: 'none', headers }).headers).toEqual({
    accept: 'application/vnd.x+json',
    'x-version': 'v2',
  })
})

test('a JSON body is filled text by text, and GraphQL keeps its braces', () => {
  const json = {
    query: 'query($id: ID!){ node(id: $id){ id } }',
    variables: { id: '{account}', deep: [1, null, true, '"{clientId}"'] },
  }
  const { body, headers } = compose({ method: 'POST', body: { json } })
  expect(headers['content-type']).toBe('application/json')
  expect(JSON.parse(body ?? '')).toEqual({
    query: json.query,
    variables: { id: 'a/b', deep: [1, null, true, '"c1"'] },
  })
})

test('a form body is encoded', () => {
  const { body, headers } = compose({ method: 'POST', body: { form: { token: '{token}', to: '{account}&x=1' } } })
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
  expect(body).toBe('token=t0k&to=a%2Fb%26x%3D1')
})

test.each<[Partial<Call>, Record<string, string>, string]>([
  [{ url: '{api}/{unknown}' }, {}, 'bad-template'],
  [{ headers: { x: '{unknown}' } }, {}, 'bad-template'],
  [{ headers: { x: '{account}' } }, { account: 'a\r\nevil: 1' }, 'bad-template'],
  [{ body: { json: ['{constructor}'] } }, {}, 'bad-template'],
  [{}, { dc: 'evil.example/' }, 'bad-label'],
])('%j with %j is refused as %s', (call, more, code) => {
  expect(() => compose(call, more)).toThrow(expect.objectContaining({ code }))
})

const next = (page: Page | undefined, body: unknown, headers: Record<string, string> = {}): string | undefined => {
  const call: Call = { method: 'GET', url: '{api}/x?limit=2', ...(page ? { page } : {}) }
  const composed = composeCall(call, { hosts, slots })
  const made = nextPage(call, composed, { headers, body: Buffer.from(JSON.stringify(body)) })
  if (made) expect(made).toEqual({ ...composed, url: made.url })
  return made?.url
}
const at = 'https://us7.api.example.com/x?limit=2'

test('a cursor goes back as a parameter until it is missing, or more is not said', () => {
  const page: Page = { by: 'cursor', parameter: 'after', at: '$.next', more: { at: '$.more', is: 'true' } }
  expect(next(page, { next: 'a&b', more: true })).toBe(`${at}&after=a%26b`)
  expect(next(page, { next: 7, more: true })).toBe(`${at}&after=7`)
  expect(next(page, { next: 'a', more: false })).toBeUndefined()
  expect(next(page, { next: '', more: true })).toBeUndefined()
  expect(next({ by: 'cursor', parameter: 'after', at: '$.next' }, { next: null })).toBeUndefined()
  expect(next(undefined, { next: 'a' })).toBeUndefined()
})

test('numbered pages go on to the last', () => {
  const page: Page = { by: 'number', parameter: 'page', pages: '$.page_count' }
  expect(next(page, { page_count: 3 })).toBe(`${at}&page=2`)
  expect(next(page, { page_count: 1 })).toBeUndefined()
  expect(next(page, {})).toBeUndefined()
  expect(next(page, { page_count: 'many' })).toBeUndefined()
  const call: Call = { method: 'GET', url: '{api}/x', page }
  const reply = { headers: {}, body: Buffer.from('{"page_count":3}') }
  const third = nextPage(call, { ...composeCall(call, { hosts, slots }), url: `${at}&page=2` }, reply)
  expect(third?.url).toBe(`${at}&page=3`)
  expect(nextPage(call, third as ComposedCall, reply)).toBeNull()
})

test('a Link header and a whole URL lead on, on the same host only', () => {
  const link = `<${at}&page=1>; rel="prev", <${at}&page=3>; title="a"; rel="last next", <${at}&page=9>; rel=last`
  expect(next({ by: 'link' }, {}, { link })).toBe(`${at}&page=3`)
  expect(next({ by: 'link' }, {}, { link: `<${at}&page=1>; rel="prev"` })).toBeUndefined()
  expect(next({ by: 'link' }, {})).toBeUndefined()
  expect(next({ by: 'url', at: '$.next' }, { next: '/x?page=2' })).toBe('https://us7.api.example.com/x?page=2')
  expect(next({ by: 'url', at: '$.next' }, { next: at })).toBeUndefined()
  for (const elsewhere of [
    'https://evil.example/x',
    'http://us7.api.example.com/x',
    'https://u:p@us7.api.example.com/y',
  ]) {
    expect(() => next({ by: 'url', at: '$.next' }, { next: elsewhere })).toThrow(
      expect.objectContaining({ code: 'bad-page', exit: 10 }),
    )
  }
})

test('the last item of a page leads on, while more is said', () => {
  const page: Page = {
    by: 'item',
    parameter: 'after',
    items: '$.data[*]',
    at: '@.id',
    more: { at: '$.more', is: 'true' },
  }
  expect(next(page, { data: [{ id: 'a' }, { id: 'b&c' }], more: true })).toBe(`${at}&after=b%26c`)
  expect(next(page, { data: [{ id: 'a' }], more: false })).toBeUndefined()
  expect(next(page, { data: [], more: true })).toBeUndefined()
  expect(next(page, { data: [{}], more: true })).toBeUndefined()
})

test('a cursor goes back as a field of the body until it is missing, or the same', () => {
  const call: Call = {
    method: 'POST',
    url: '{api}/x',
    body: { json: { limit: 2, deep: [1] } },
    page: { by: 'body', field: 'cursor', at: '$.cursor' },
  }
  const first = composeCall(call, { hosts, slots })
  const reply = (body: object) => ({ headers: {}, body: Buffer.from(JSON.stringify(body)) })
  const second = nextPage(call, first, reply({ cursor: 'b' }))
  expect(second).toEqual({ ...first, body: '{"limit":2,"deep":[1],"cursor":"b"}' })
  expect(nextPage(call, second as ComposedCall, reply({ cursor: 'c' }))?.body).toBe(
    '{"limit":2,"deep":[1],"cursor":"c"}',
  )
  expect(nextPage(call, second as ComposedCall, reply({ cursor: 'b' }))).toBeNull()
  expect(nextPage(call, first, reply({}))).toBeNull()
})

test('an app proves itself by a token of its own, which its public key verifies', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const auth = { jwt: '{secret.key}', issuer: '{clientId}' }
  const { headers } = compose({ auth }, { 'secret.key': pem, now: '1700000000' })
  const [head = '', claims = '', signature = ''] = (headers.authorization ?? '').replace('Bearer ', '').split('.')
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
  expect(read(head)).toEqual({ alg: 'RS256', typ: 'JWT' })
  expect(read(claims)).toEqual({ iat: 1_699_999_940, exp: 1_700_000_480, iss: 'c1' })
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
})

test.each([
  'no key',
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
])('what is no private RSA key signs nothing', pem => {
  const made = () =>
    compose({ auth: { jwt: '{secret.key}', issuer: '{clientId}' } }, { 'secret.key': pem, now: '1700000000' })
  expect(made).toThrow(expect.objectContaining({ code: 'bad-private-key', exit: 2 }))
})
