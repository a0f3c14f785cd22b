import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Scheme } from '../../../src/core/definition.ts'
import { filterHeaders, header, headerCount, setHeader } from '../../../src/core/headers.ts'
import { composeSigned, fingerprint, signatureOf, signHeaders, verifySignature } from '../../../src/core/sign.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

const scheme = quickbooks.webhook.verify

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

function signed({ body, signature }: { body: string; signature: string }) {
  return { headers: ['Host', 'a', 'Intuit-Signature', signature], body: Buffer.from(body) }
}

test.each(vectors)('a vector of Intuit passes: $signature', vector => {
  const secrets = [
    { id: 7, value: 'another' },
    { id: 8, value: vector.secret },
  ]
  expect(verifySignature(scheme, signed(vector), secrets)).toEqual({ verified: true, secretId: 8 })
  expect(signatureOf(scheme, signed(vector), vector.secret)).toBe(vector.signature)
})

test('one changed byte of the body, the signature or the secret, and it does not pass', () => {
  for (const vector of vectors) {
    const secrets = [{ id: 1, value: vector.secret }]
    const changed = [
      { ...vector, body: `${vector.body} ` },
      { ...vector, body: vector.body.replace('Customer', 'Customes') },
      { ...vector, signature: `${vector.signature.slice(0, -2)}A=` },
      { ...vector, signature: vector.signature.slice(0, -1) },
      { ...vector, signature: ` ${vector.signature}` },
      { ...vector, signature: vector.signature.toLowerCase() },
    ]
    for (const one of changed) {
      expect(verifySignature(scheme, signed(one), secrets)).toMatchObject({ verified: false, reason: 'wrong-secret' })
    }
    const other = [{ id: 1, value: `${vector.secret}\n` }]
    expect(verifySignature(scheme, signed(vector), other)).toMatchObject({ reason: 'wrong-secret' })
  }
})

const [vector] = vectors as [(typeof vectors)[0], (typeof vectors)[0]]

test.each([
  ['no secret', signed(vector), [], 'no-secret'],
  ['no header', { headers: [], body: Buffer.from(vector.body) }, [{ id: 1, value: 'a' }], 'missing-header'],
  ['an empty header', signed({ ...vector, signature: '' }), [{ id: 1, value: 'a' }], 'missing-header'],
])('%s', (_, message, secrets, reason) => {
  expect(verifySignature(scheme, message, secrets)).toMatchObject({ verified: false, reason })
})

test('a header that came twice never passes, though one of the two be right', () => {
  const message = signed(vector)
  for (const doubled of [
    [...message.headers, 'intuit-signature', 'x'],
    ['INTUIT-SIGNATURE', 'x', ...message.headers],
    [...message.headers, 'intuit-signature', vector.signature],
  ]) {
    const verdict = verifySignature(scheme, { ...message, headers: doubled }, [{ id: 1, value: vector.secret }])
    expect(verdict).toMatchObject({ verified: false, reason: 'doubled-header' })
  }
})

test('no detail of a verdict holds the secret or the signature that would have passed', () => {
  const verdict = verifySignature(scheme, signed({ ...vector, body: '{}' }), [{ id: 1, value: vector.secret }])
  const text = JSON.stringify(verdict)
  expect(text).not.toContain(vector.secret)
  expect(text).not.toContain(signatureOf(scheme, { headers: [], body: Buffer.from('{}') }, vector.secret))
})

test('parts of a scheme are composed in order, and a missing header signs as nothing', () => {
  const stamped: Scheme = {
    ...scheme,
    encoding: 'hex',
    signs: [{ text: 'v0:' }, { header: 'x-time' }, { text: ':' }, 'body'],
  }
  const message = { headers: ['X-Time', '17'], body: Buffer.from('{}') }
  expect(composeSigned(stamped, message).map(part => [part.name, part.bytes.toString()])).toEqual([
    ['"v0:"', 'v0:'],
    ['header x-time', '17'],
    ['":"', ':'],
    ['body', '{}'],
  ])
  expect(signatureOf(stamped, message, 'k')).toBe(createHmac('sha256', 'k').update('v0:17:{}').digest('hex'))
  expect(signatureOf(stamped, { ...message, headers: [] }, 'k')).toBe(
    createHmac('sha256', 'k').update('v0::{}').digest('hex'),
  )
})

test('signing anew replaces the signature in place and leaves the other headers', () => {
  const message = { headers: ['A', '1', 'Intuit-Signature', 'old', 'a', '2'], body: Buffer.from('{}') }
  const wanted = signatureOf(scheme, message, 'k')
  expect(signHeaders(scheme, message, 'k')).toEqual(['A', '1', 'Intuit-Signature', wanted, 'a', '2'])
  expect(message.headers[3]).toBe('old')
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
