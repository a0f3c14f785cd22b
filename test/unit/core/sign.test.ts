import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { filterHeaders, header, headerCount, setHeader } from '../../../src/core/headers.ts'
import {
  composeSigned,
  fingerprint,
  keyBytes,
  type Signable,
  type SigningScheme,
  signatureOf,
  signMessage,
  withBodyHash,
} from '../../../src/core/sign.ts'
import { verifyDelivery } from '../../../src/core/verify.ts'
import type { Scheme } from '../../../src/core/webhook-definition.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'
import { twilio } from '../../../src/providers/twilio.ts'
import { ed, hmacOf, rs256 } from '../../helpers/scheme-cases.ts'
import { appSecret, hmacScheme, keyring, now } from '../../helpers/small-definition.ts'

const scheme = quickbooks.webhook.verify[0] as SigningScheme
const verify = (message: Signable, ...secrets: ReturnType<typeof appSecret>[]) =>
  verifyDelivery(quickbooks, { ...message, suffix: '' }, keyring(secrets))

/** From the tests of Intuit's own Java and .NET SDKs. */
const vectors = [
  {
    secret: 'b5771f19b12ddb4bcdb9f08bdc50bc63878a',
    body: '{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":"Customer","id":"1","operation":"Create","lastUpdated":"2015-10-05T14:42:19-0700"}]}}]}',
    signature: 'JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q=',
  },
  {
    secret: '00faeec4-08d0-4996-bb37-698ae19f0149',
    body: '{"eventNotifications":[{"realmId":"1269959970","dataChangeEvent":{"entities":[{"name":"Vendor","id":"40","operation":"Update","lastUpdated":"2016-10-05T03:09:04.000Z"},{"name":"Customer","id":"43","operation":"Create","lastUpdated":"2016-10-05T03:07:04.000Z"}]}}]}',
    signature: '6q+xGyMirJupwKTh2/WBl2NcdxzxqdIbk3sneKTxLWM=',
  },
]

function messageOf(headers: string[], body: string): Signable {
  return { method: 'POST', url: '', headers, body: Buffer.from(body) }
}

function signed({ body, signature }: { body: string; signature: string }): Signable {
  return messageOf(['Host', 'a', 'Intuit-Signature', signature], body)
}

test.each(vectors)('a vector of Intuit passes: $signature', vector => {
  const secrets = [appSecret('another', 7), appSecret(vector.secret, 8)]
  const wanted = { verified: true, by: 'signature', scheme: 0, url: null, secretId: 8, activation: null }
  expect(verify(signed(vector), ...secrets)).toEqual(wanted)
  expect(signatureOf(scheme, signed(vector), null, vector.secret)).toBe(vector.signature)
})

test('one changed byte of the body, the signature or the secret, and it does not pass', () => {
  for (const vector of vectors) {
    const changed = [
      { ...vector, body: `${vector.body} ` },
      { ...vector, body: vector.body.replace('Customer', 'Customes') },
      { ...vector, signature: `${vector.signature.slice(0, -2)}A=` },
      { ...vector, signature: vector.signature.slice(0, -1) },
      { ...vector, signature: `x ${vector.signature}` },
      { ...vector, signature: vector.signature.toLowerCase() },
    ]
    for (const one of changed) {
      expect(verify(signed(one), appSecret(vector.secret))).toMatchObject({ verified: false, reason: 'wrong-secret' })
    }
    expect(verify(signed(vector), appSecret(`${vector.secret}\n`))).toMatchObject({ reason: 'wrong-secret' })
  }
})

const [vector] = vectors as [(typeof vectors)[0], (typeof vectors)[0]]

test.each([
  ['no secret', signed(vector), [], 'no-secret'],
  ['no header', messageOf([], vector.body), [appSecret('a')], 'missing-header'],
  ['an empty header', signed({ ...vector, signature: '' }), [appSecret('a')], 'missing-header'],
])('%s', (_, message, secrets, reason) => {
  expect(verify(message, ...secrets)).toMatchObject({ verified: false, reason })
})

test('a header that came twice never passes, though one of the two be right', () => {
  const message = signed(vector)
  for (const doubled of [
    [...message.headers, 'intuit-signature', 'x'],
    ['INTUIT-SIGNATURE', 'x', ...message.headers],
    [...message.headers, 'intuit-signature', vector.signature],
  ]) {
    const verdict = verify({ ...message, headers: doubled }, appSecret(vector.secret))
    expect(verdict).toMatchObject({ verified: false, reason: 'doubled-header' })
  }
})

test('no detail of a verdict holds the secret or the signature that would have passed', () => {
  const verdict = verify(signed({ ...vector, body: '{}' }), appSecret(vector.secret))
  const text = JSON.stringify(verdict)
  expect(text).not.toContain(vector.secret)
  expect(text).not.toContain(signatureOf(scheme, messageOf([], '{}'), null, vector.secret))
})

test('parts of a scheme are composed in order, and a missing header signs as nothing', () => {
  const stamped: SigningScheme = {
    ...hmacScheme,
    signs: [{ text: 'v0:' }, { header: 'x-time' }, { text: ':' }, 'time', 'method', 'url', 'body'],
  }
  const message = { ...messageOf(['X-Time', '17'], '{}'), url: 'https://a.example/x?y=1' }
  expect(composeSigned(stamped, message, '18').map(part => [part.name, part.bytes.toString()])).toEqual([
    ['"v0:"', 'v0:'],
    ['header x-time', '17'],
    ['":"', ':'],
    ['time', '18'],
    ['method', 'POST'],
    ['url', 'https://a.example/x?y=1'],
    ['body', '{}'],
  ])
  expect(signatureOf(stamped, message, '18', 'k')).toBe(hmacOf('k', 'v0:17:18POSThttps://a.example/x?y=1{}'))
  expect(signatureOf(stamped, messageOf([], '{}'), null, 'k')).toBe(hmacOf('k', 'v0::POST{}'))
})

test('the secret among the parts of a hash is signed, and never shown', () => {
  const hash: SigningScheme = { ...hmacScheme, scheme: 'hash', hash: 'sha256', signs: ['secret', 'method', 'body'] }
  const message = messageOf([], '{}')
  expect(composeSigned(hash, message, null).map(part => part.bytes.toString())).toEqual(['', 'POST', '{}'])
  expect(signatureOf(hash, message, null, 'k')).toBe(createHash('sha256').update('kPOST{}').digest('hex'))
})

test.each([
  ['b=2&a=1', 'a1b2'],
  ['a=2&a=1&a=2', 'a1a2'],
  ['a=b+c&A=%2B', 'A+ab c'],
  ['', ''],
])('the fields of %j are signed sorted', (body, wanted) => {
  const form: SigningScheme = { ...hmacScheme, signs: ['sorted-form'] }
  const type = ['Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8']
  expect(composeSigned(form, messageOf(type, body), null)[0]).toEqual({
    name: 'form fields, sorted',
    bytes: Buffer.from(wanted),
  })
  expect(composeSigned(form, messageOf([], body), null)[0]?.bytes).toHaveLength(0)
})

test.each([
  ['text', 'aé', Buffer.from('aé')],
  ['hex', 'c0ffee', Buffer.from([0xc0, 0xff, 0xee])],
  ['base64', 'wP/u', Buffer.from([0xc0, 0xff, 0xee])],
  ['whsec', 'whsec_wP/u', Buffer.from([0xc0, 0xff, 0xee])],
  ['whsec', 'wP/u', Buffer.from([0xc0, 0xff, 0xee])],
] as const)('a secret as %s: %s', (as, text, bytes) => {
  expect(keyBytes({ secret: 'webhook', as }, text)).toEqual(bytes)
})

test.each(['sha1', 'sha256', 'sha512'] as const)('HMAC with %s', hash => {
  const wanted = createHmac(hash, 'k').update('{}').digest('hex')
  expect(signatureOf({ ...hmacScheme, hash }, messageOf([], '{}'), null, 'k')).toBe(wanted)
})

test('signing anew replaces the signature in place and leaves the other headers', () => {
  const message = messageOf(['A', '1', 'Intuit-Signature', 'old', 'a', '2'], '{}')
  const wanted = signatureOf(scheme, message, null, 'k')
  const made = signMessage(scheme, message, 'k', { now })
  expect(made.headers).toEqual(['A', '1', 'Intuit-Signature', wanted, 'a', '2'])
  expect(made.body).toBe(message.body)
  expect(message.headers[3]).toBe('old')
})

test.each<[string, Scheme, string[]]>([
  ['a token', { scheme: 'token', at: { header: 'x-token' }, key: { secret: 'webhook' } }, ['x-token', 'k']],
  ['Basic', { scheme: 'basic', key: { secret: 'webhook' } }, ['authorization', 'Basic aw==']],
  ['a key in the URL', { scheme: 'url-key' }, []],
  ['a token in the body', { scheme: 'token', at: '$.token', key: { secret: 'webhook' } }, []],
])('%s is written anew as well', (_, other, headers) => {
  expect(signMessage(other, messageOf([], '{}'), 'k', { now }).headers).toEqual(headers)
})

test('what only a private key can sign is not signed without it', () => {
  const ed25519: Scheme = { ...hmacScheme, scheme: 'ed25519' }
  expect(() => signMessage(ed25519, messageOf([], '{}'), 'k', { now })).toThrow('private key')
  expect(() => signMessage(rs256, messageOf([], '{}'), '', { now })).toThrow('private key')
  const made = signMessage(ed25519, messageOf([], '{}'), '', { now, privateKey: ed.privateKey })
  expect(header(made.headers, 'x-signature')).toMatch(/^[0-9a-f]{128}$/)
})

test('the hash of a body stands in the URL where it is signed, once, and never for a form', () => {
  const [own] = twilio.webhook.verify as [Scheme]
  const json = { headers: ['content-type', 'application/json'], body: Buffer.from('{}') }
  const hash = createHash('sha256').update('{}').digest('hex')
  expect(withBodyHash(own, 'https://a.example/x', json)).toBe(`https://a.example/x?bodySHA256=${hash}`)
  expect(withBodyHash(own, 'https://a.example/x?y=1', json)).toBe(`https://a.example/x?y=1&bodySHA256=${hash}`)
  expect(withBodyHash(own, 'https://a.example/x?bodySHA256=old&y=1', json)).toBe(
    `https://a.example/x?bodySHA256=${hash}&y=1`,
  )
  const form = { ...json, headers: ['content-type', 'application/x-www-form-urlencoded'] }
  for (const message of [form, { ...json, body: Buffer.alloc(0) }]) {
    expect(withBodyHash(own, 'https://a.example/x', message)).toBe('https://a.example/x')
  }
  expect(withBodyHash(hmacScheme, 'https://a.example/x', json)).toBe('https://a.example/x')
})

test('secrets are told apart by a fingerprint that does not show them', () => {
  expect(fingerprint('a')).toMatch(/^[0-9a-f]{8}$/)
  expect(fingerprint('a')).not.toBe(fingerprint('b'))
})

test('raw headers keep order, repeats and spelling', () => {
  const raw = ['Set-Cookie', 'a', 'X', '1', 'set-cookie', 'b']
  expect(header(raw, 'SET-COOKIE')).toBe('a')
  expect(header(raw, 'y')).toBeUndefined()
  expect(header(['X', 'set-cookie', 'Y', 'c'], 'set-cookie')).toBeUndefined()
  expect(headerCount(raw, 'Set-Cookie')).toBe(2)
  expect(filterHeaders(raw, name => name !== 'x')).toEqual(['Set-Cookie', 'a', 'set-cookie', 'b'])
  expect(setHeader(raw, 'set-cookie', 'c')).toEqual(['Set-Cookie', 'c', 'X', '1', 'set-cookie', 'c'])
  expect(setHeader(raw, 'Y', 'c')).toEqual([...raw, 'Y', 'c'])
})
