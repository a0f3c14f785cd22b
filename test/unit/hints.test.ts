import { expect, test } from 'vitest'
import { hintOf } from '../../src/deliver/hints.ts'
import type { SendResult } from '../../src/net/send.ts'

const context = { url: 'http://localhost:3000/in/qbo', method: 'POST', withinMs: 3000, company: 'Intuit' }

function hint(result: Partial<SendResult> & object): string | null {
  return hintOf({ status: 200, headers: [], body: Buffer.alloc(0), ms: 5, ...result }, context)
}

test('a good answer in time needs no hint, one after the provider’s deadline says so', () => {
  expect(hint({})).toBeNull()
  expect(hint({ ms: 27_000 })).toMatch(/^Intuit's own limit is 3\.0 s/)
})

test.each([
  ['connect ECONNREFUSED ::1:3000', 'http://localhost:3000/', '127.0.0.1:3000 and ::1 refuse: nothing listens'],
  ['connect ECONNREFUSED 127.0.0.1:80', 'http://127.0.0.1/', '127.0.0.1:80 refuses: nothing listens'],
  ['getaddrinfo ENOTFOUND dev.example', 'https://dev.example/', 'dev.example has no address'],
  ['EHOSTUNREACH\u001b[2J', 'http://10.0.0.9:1/', '10.0.0.9:1 cannot be reached: EHOSTUNREACH·[2J'],
])('nobody there, %s', (detail, url, text) => {
  expect(hintOf({ error: 'nobody', detail, ms: 1 }, { ...context, url })).toBe(text)
})

test.each([
  [{ status: 302, headers: ['Location', '/login\u001b'] }, 'it redirects to /login·'],
  [{ status: 400, body: Buffer.from('{"error":"Invalid signature"}') }, 'raw bytes'],
  [{ status: 401, body: Buffer.from('HMAC mismatch') }, 'signature check'],
  [{ status: 403, body: Buffer.from('<p>CSRF verification failed.</p>') }, 'CSRF protection: except /in/qbo'],
  [{ status: 401 }, 'login or CSRF'],
  [{ status: 404 }, 'localhost:3000 has no route POST /in/qbo'],
  [{ status: 405 }, 'does not take POST'],
  [{ status: 413 }, 'limit'],
])('%o', (result, text) => {
  expect(hint(result)).toContain(text)
})

test('what says enough by itself gets no hint', () => {
  for (const status of [400, 410, 429, 500, 503]) expect(hint({ status })).toBeNull()
  expect(hintOf({ error: 'timeout', detail: '', ms: 30_000 }, context)).toContain('30 s')
  expect(hintOf({ error: 'cut', detail: '', ms: 1 }, context)).toContain('broke')
})
