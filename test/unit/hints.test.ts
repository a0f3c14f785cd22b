import { expect, test } from 'vitest'
import { hintOf, nobodyText } from '../../src/deliver/hints.ts'
import type { SendResult } from '../../src/net/send.ts'

const at = { url: 'http://localhost:3000/in/qbo', method: 'POST', withinMs: 3000, company: 'Intuit', retries: true }

function answer(status: number, body = '', more: { headers?: string[]; ms?: number } = {}): SendResult {
  return { status, headers: [], body: Buffer.from(body), ms: 5, ...more }
}
const nobody = (detail: string): SendResult => ({ error: 'nobody', detail, ms: 1 })
const cut = (detail: string): SendResult => ({ error: 'cut', detail, ms: 1 })

const rawBytes = 'check the raw bytes, before any JSON parser'
const https = { url: 'https://dev.example/' }

const cases: [what: string, came: SendResult, says: string | RegExp | null, context?: Partial<typeof at>][] = [
  ['a good answer in time', answer(204), null],
  ['a good answer, late', answer(200, '', { ms: 4_200 }), 'Intuit would have retried at 3 s'],
  [
    'late, of who never tries again',
    answer(200, '', { ms: 10_001 }),
    'GitHub would have given up at 10 s',
    { withinMs: 10_000, company: 'GitHub', retries: false },
  ],
  ['bad and late', answer(404, '', { ms: 4_200 }), /no route POST \/in\/qbo; Intuit would have retried at 3 s$/],
  ['refused, both families', nobody('connect ECONNREFUSED ::1:3000'), '127.0.0.1:3000 and ::1 refuse: nothing listens'],
  [
    'refused, one address',
    nobody('connect ECONNREFUSED 127.0.0.1:80'),
    '127.0.0.1:80 refuses: nothing listens',
    { url: 'http://127.0.0.1/' },
  ],
  ['no such host', nobody('getaddrinfo ENOTFOUND dev.example'), 'dev.example has no address', https],
  [
    'unreachable, with an escape',
    nobody('EHOSTUNREACH\u001b[2J'),
    '10.0.0.9:1 cannot be reached: EHOSTUNREACH·[2J',
    { url: 'http://10.0.0.9:1/' },
  ],
  ['401', answer(401), 'a login or CSRF check stands before /in/qbo'],
  ['403', answer(403), 'a login or CSRF check stands before /in/qbo'],
  ['403 of Django', answer(403, '<p>CSRF verification failed.</p>'), 'CSRF protection: except /in/qbo'],
  ['422 of Rails', answer(422, 'ActionController::InvalidAuthenticityToken'), 'CSRF protection: except /in/qbo'],
  ['419 of Laravel', answer(419), 'CSRF protection: except /in/qbo'],
  ['400 of a signature check', answer(400, '{"error":"Invalid signature"}'), rawBytes],
  ['401 of a signature check', answer(401, 'HMAC mismatch'), rawBytes],
  ['500 for want of raw bytes', answer(500, 'payload must be provided as a string or a Buffer'), rawBytes],
  ['404', answer(404), 'localhost:3000 has no route POST /in/qbo'],
  ['405', answer(405, '', { headers: ['Allow', 'GET'] }), '/in/qbo does not take POST, only GET'],
  ['413', answer(413), 'raise its limit'],
  ['415', answer(415), 'content type'],
  ['redirect', answer(302, '', { headers: ['Location', '/login\u001b'] }), 'it redirects to /login·, which is never'],
  ['redirect to nowhere', answer(308), 'it redirects, which is never followed'],
  ['time-out', { error: 'timeout', detail: '', ms: 30_000 }, 'no answer within 30 s'],
  ['cut', cut('other side closed'), 'the handler crashed or was restarted'],
  ['TLS, self-signed', cut('self-signed certificate'), 'dev.example has a self-signed certificate: --cacert', https],
  ['TLS, no authority', cut('unable to verify the first certificate'), '--cacert', https],
  ['TLS, expired', cut('certificate has expired'), 'has expired', https],
  ['TLS, another name', cut("Hostname/IP does not match certificate's altnames"), 'for another name', https],
  ['TLS to plain HTTP', cut('EPROTO ssl3_get_record:wrong version number'), 'does not speak TLS: say http://', https],
  ['HTTP to TLS', answer(400, 'The plain HTTP request was sent to HTTPS port'), 'say https://'],
  ['HTTP to TLS, cut', cut('Parse Error: Expected HTTP/'), 'say https://'],
  ...[400, 410, 429, 500, 503].map((status): [string, SendResult, null] => [`${status} alone`, answer(status), null]),
]

test.each(cases)('%s', (_, came, says, context = {}) => {
  const hint = hintOf(came, { ...at, ...context })
  if (says === null) expect(hint).toBeNull()
  else if (typeof says === 'string') expect(hint).toContain(says)
  else expect(hint).toMatch(says)
})

test('what is said of a refusal names the default port of https', () => {
  expect(nobodyText('https://127.0.0.1/', 'ECONNREFUSED')).toBe('127.0.0.1:443 refuses: nothing listens')
})
