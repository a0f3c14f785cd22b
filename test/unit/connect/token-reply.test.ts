import { expect, test } from 'vitest'
import { basicCredentials } from '../../../src/connect/client-auth.ts'
import { readTokenReply, type TokenAnswer } from '../../../src/connect/token-reply.ts'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import type { TokenReply } from '../../../src/core/oauth-definition.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

function definitionWith(reply: TokenReply): ProviderDefinition {
  return { ...quickbooks, oauth: { ...quickbooks.oauth, reply } }
}

async function readWhole(status: number, body: unknown, reply: TokenReply = {}): Promise<TokenAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await readTokenReply(definitionWith(reply), new Response(text, { status }), { now, use: 'code' })
  expect(answer.standard.headers.get('content-type')).toBe('application/json')
  expect(answer.bytes.toString()).toBe(text)
  return answer
}

async function read(status: number, body: unknown, reply?: TokenReply): Promise<[number, unknown]> {
  const { standard } = await readWhole(status, body, reply)
  return [standard.status, await standard.json()]
}

test('what deviates becomes what RFC 6749 says', async () => {
  expect(await read(201, { access_token: 'a', scope: ['x', 'y'], id_token: 'j', refresh_token: null })).toEqual([
    200,
    { access_token: 'a', token_type: 'bearer', scope: 'x y' },
  ])
  expect(await read(200, { access_token: 'a', token_type: 'bot', scope: '' })).toEqual([
    200,
    { access_token: 'a', token_type: 'bearer' },
  ])
})

test('tokens, scope and refusals stand where the definition says', async () => {
  const reply: TokenReply = {
    access: '$.body.authed.access',
    refresh: '$.body.refresh',
    scope: '$.body.scopes',
    failedWhen: { at: '$.ok', is: 'false' },
    error: '$.body.reason',
  }
  const body = { authed: { access: 'a' }, refresh: 'r', scopes: ['one', 'two'] }
  expect(await read(200, { ok: true, body }, reply)).toEqual([
    200,
    { access_token: 'a', token_type: 'bearer', refresh_token: 'r', scope: 'one two' },
  ])
  expect(await read(200, { ok: false, body: { ...body, reason: 'invalid_code' } }, reply)).toEqual([
    400,
    { error: 'invalid_code' },
  ])
  expect(await read(200, { ok: true, access_token: 'a' }, reply)).toEqual([400, { error: 'no_access_token' }])
})

test.each([
  [{ expires_in: 60 }, {}, [60_000, null]],
  [{ expires_in: '60' }, {}, [60_000, null]],
  [{ expires_in: 0 }, {}, [null, null]],
  [{ expires_in: -1 }, {}, [null, null]],
  [{ expires_in: 'soon' }, {}, [null, null]],
  [{}, {}, [null, null]],
  [{ until: '2026-01-01T00:01:00Z' }, { expiresAt: '$.until' }, [60_000, null]],
  [{ until: '2026-01-01T00:01:00.000' }, { expiresAt: '$.until' }, [60_000, null]],
  [{ until: now / 1000 + 60 }, { expiresAt: '$.until' }, [60_000, null]],
  [{ until: 'never', expires_in: 60 }, { expiresAt: '$.until' }, [60_000, null]],
  [{ more: { refresh: 90 } }, { refreshExpiresIn: '$.more.refresh' }, [null, 90_000]],
  [{ more: '2026-01-01T01:30:00+01:00' }, { refreshExpiresAt: '$.more' }, [null, 1_800_000]],
])('%j with %j ends after %j', async (body, reply, wanted) => {
  const { accessExpiresAt, refreshExpiresAt } = await readWhole(200, { access_token: 'a', ...body }, reply)
  expect([accessExpiresAt, refreshExpiresAt].map(at => (at === null ? null : at - now))).toEqual(wanted)
})

test('an error is one, whatever its status and form', async () => {
  expect(await read(200, { error: 'invalid_grant' })).toEqual([400, { error: 'invalid_grant' }])
  expect(await read(200, { ok: true })).toEqual([400, { error: 'no_access_token' }])
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
  await expect(readTokenReply(quickbooks, new Response(body, { status }), { now, use: 'code' })).rejects.toMatchObject({
    code: 'token-endpoint',
    exit: 10,
  })
})

test('Basic credentials: plain where nothing needs encoding, form-encoded where something does', () => {
  const decoded = (id: string, secret: string) => atob(basicCredentials(id, secret).replace('Basic ', ''))
  expect(decoded('ABc-1_2.3', 'x~y-z')).toBe('ABc-1_2.3:x~y-z')
  expect(decoded('a:b', 'p+q/ü%')).toBe('a%3Ab:p%2Bq%2F%C3%BC%25')
})
