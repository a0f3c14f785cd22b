import { expect, test } from 'vitest'
import { basicCredentials } from '../../../src/connect/client-auth.ts'
import { readTokenReply } from '../../../src/connect/token-reply.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

async function read(status: number, body: unknown): Promise<[number, unknown]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const reply = await readTokenReply(quickbooks, new Response(text, { status }))
  expect(reply.headers.get('content-type')).toBe('application/json')
  return [reply.status, await reply.json()]
}

test('what deviates becomes what RFC 6749 says', async () => {
  expect(await read(201, { access_token: 'a', scope: ['x', 'y'], id_token: 'j', refresh_token: null })).toEqual([
    200,
    { access_token: 'a', token_type: 'bearer', scope: 'x y' },
  ])
  expect(await read(200, { access_token: 'a', token_type: 'Bearer' })).toEqual([
    200,
    { access_token: 'a', token_type: 'Bearer' },
  ])
})

test('an error is one, whatever its status and form', async () => {
  expect(await read(200, { error: 'invalid_grant' })).toEqual([400, { error: 'invalid_grant' }])
  expect(await read(200, { ok: true })).toEqual([400, { ok: true, error: 'no_access_token' }])
  expect(await read(401, '<html>')).toEqual([401, { error: 'invalid_client' }])
  expect(await read(403, 'no')).toEqual([403, { error: 'status_403' }])
  expect(await read(400, { access_token: 'a', error: 'slow_down' })).toMatchObject([400, { error: 'slow_down' }])
})

test.each([
  [500, '{}'],
  [429, '{"error":"slow_down"}'],
  [200, 'nonsense'],
  [302, ''],
  [200, '[]'],
])('%i %s is the provider’s failure, not a refusal', async (status, body) => {
  await expect(readTokenReply(quickbooks, new Response(body, { status }))).rejects.toMatchObject({
    code: 'token-endpoint',
    exit: 10,
  })
})

test('Basic credentials: plain where nothing needs encoding, form-encoded where something does', () => {
  const decoded = (id: string, secret: string) => atob(basicCredentials(id, secret).replace('Basic ', ''))
  expect(decoded('ABc-1_2.3', 'x~y-z')).toBe('ABc-1_2.3:x~y-z')
  expect(decoded('a:b', 'p+q/ü%')).toBe('a%3Ab:p%2Bq%2F%C3%BC%25')
})
