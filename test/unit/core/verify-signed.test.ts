import { Buffer } from 'node:buffer'
import { createHash, sign as signWith } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Keyring } from '../../../src/core/keyring.ts'
import { verifyDelivery } from '../../../src/core/verify.ts'
import type { HmacScheme, Scheme } from '../../../src/core/webhook-definition.ts'
import { ed, edPublic, hmacOf, schemeCases, secret } from '../../helpers/scheme-cases.ts'
import {
  appSecret,
  callback,
  event,
  hmacScheme,
  keyring,
  now,
  post,
  smallWith,
} from '../../helpers/small-definition.ts'

const body = Buffer.from(event)
const signed = schemeCases.filter(({ coversBody }) => coversBody)

describe.each(signed.map(one => [one.name, one] as const))('%s', (_, { definition, keyring, sign, header = '' }) => {
  test('names the scheme and the secret that made it', () => {
    const wanted = { verified: true, by: 'signature', scheme: 0, secretId: 1, activation: null, url: null }
    expect(verifyDelivery(definition, sign(body), keyring)).toEqual(wanted)
  })

  test('another body of the same length is not what was signed', () => {
    const forged = { ...sign(body), body: Buffer.from(event.replace('acc-1', 'acc-2')) }
    expect(verifyDelivery(definition, forged, keyring)).toMatchObject({ verified: false, reason: 'wrong-secret' })
  })

  test('every single letter of the signature counts', () => {
    const { headers, ...delivery } = sign(body)
    const at = headers.findIndex(text => text.toLowerCase() === header) + 1
    const text = headers[at] as string
    const end = text.replace(/=+$/, '').length
    for (let index = end - 30; index < end; index++) {
      const other = text[index] === 'a' ? 'b' : 'a'
      const changed = headers.with(at, text.slice(0, index) + other + text.slice(index + 1))
      expect(verifyDelivery(definition, { ...delivery, headers: changed }, keyring).verified, changed[at]).toBe(false)
    }
  })

  test('one of several valid secrets is enough, and is named', () => {
    const [right] = keyring.secrets as [ReturnType<typeof appSecret>]
    const secrets = [appSecret('0'.repeat(64), 5), { ...right, id: 6 }, appSecret('x', 7)]
    expect(verifyDelivery(definition, sign(body), { ...keyring, secrets })).toMatchObject({ secretId: 6 })
    expect(verifyDelivery(definition, sign(body), { ...keyring, secrets: [] })).toMatchObject({ reason: 'no-secret' })
  })
})

const judge = (scheme: Scheme, headers: string[], more: Partial<Keyring> = {}, suffix = '') =>
  verifyDelivery(smallWith(scheme), post(body, headers, suffix), keyring([appSecret(secret)], more))

test('one of several signatures is enough', () => {
  const list: HmacScheme = { ...hmacScheme, header: { names: ['x-signature'], list: { signature: 'v1' } } }
  expect(judge(list, ['x-signature', `v1=ab,v1=${hmacOf(secret, body)},v1=cd`]).verified).toBe(true)
  expect(judge(list, ['x-signature', `v1=ab,v0=${hmacOf(secret, body)},v1=cd`]).verified).toBe(false)
})

test('hex may come in capitals; base64 may not change its case', () => {
  expect(judge(hmacScheme, ['x-signature', hmacOf(secret, body).toUpperCase()]).verified).toBe(true)
  const base64: HmacScheme = { ...hmacScheme, encoding: 'base64' }
  expect(judge(base64, ['x-signature', hmacOf(secret, body, 'base64')]).verified).toBe(true)
  for (const change of [
    (text: string) => text.toUpperCase(),
    (text: string) => text.replace(/=+$/, ''),
    (text: string) => `${text}=`,
    (text: string) => Buffer.from(text, 'base64').toString('hex'),
  ]) {
    expect(judge(base64, ['x-signature', change(hmacOf(secret, body, 'base64'))])).toMatchObject({
      reason: 'wrong-secret',
    })
  }
})

describe('a signed time', () => {
  const timed: HmacScheme = {
    ...hmacScheme,
    signs: ['time', 'body'],
    time: { at: { header: 'x-time' }, unit: 's', toleranceSeconds: 300 },
  }
  const at = (time: string) => ['x-time', time, 'x-signature', hmacOf(secret, `${time}${event}`)]

  test.each([
    [String(now / 1000), true],
    [String(now / 1000 - 300), true],
    [String(now / 1000 - 301), 'too-old'],
    [String(now / 1000 + 301), 'too-new'],
    ['soon', 'malformed-header'],
    ['-5', 'malformed-header'],
    ['9'.repeat(15), 'too-new'],
    ['9'.repeat(60_000), 'malformed-header'],
  ])('%s', (time, wanted) => {
    const verdict = judge(timed, at(time))
    if (wanted === true) expect(verdict.verified).toBe(true)
    else expect(verdict).toMatchObject({ verified: false, reason: wanted })
  })

  test('is told as wrong only to who signed it: else the signature is', () => {
    const stale = String(now / 1000 - 9999)
    expect(judge(timed, ['x-time', stale, 'x-signature', 'ab'])).toMatchObject({ reason: 'wrong-secret' })
  })

  test('must be there, and must be the one that was signed', () => {
    const [, , ...untimed] = at(String(now / 1000))
    expect(judge(timed, untimed)).toMatchObject({ reason: 'missing-header' })
    expect(judge(timed, ['x-time', '', ...untimed])).toMatchObject({ reason: 'missing-header' })
    expect(judge(timed, ['x-time', String(now / 1000 + 1), ...untimed])).toMatchObject({ reason: 'wrong-secret' })
  })
})

describe('a signed URL', () => {
  const urled: HmacScheme = { ...hmacScheme, signs: ['url', 'body'] }
  const other = 'https://other.example/hooks/small'
  const of = (url: string) => ['x-signature', hmacOf(secret, `${url}${event}`)]

  test('every known URL is tried, and the one that was signed is named', () => {
    const urls = [other, 'https://third.example', callback]
    expect(judge(urled, of(callback), { urls })).toMatchObject({ verified: true, url: callback })
    expect(judge(urled, of(other), { urls })).toMatchObject({ verified: true, url: other })
  })

  test('path and query behind it are part of it', () => {
    expect(judge(urled, of(`${callback}/a?b=1`), {}, '/a?b=1')).toMatchObject({ url: `${callback}/a?b=1` })
    expect(judge(urled, of(callback), {}, '?b=1')).toMatchObject({ reason: 'wrong-secret' })
    expect(judge(urled, of(`${callback}?b=1`))).toMatchObject({ reason: 'wrong-secret' })
  })

  test('a port may be spelled out', () => {
    const spelled = callback.replace('.com/', '.com:443/')
    expect(judge(urled, of(spelled))).toMatchObject({ verified: true, url: spelled })
    expect(judge(urled, of(callback.replace('.com/', '.com:80/'))).verified).toBe(false)
    const plain = 'http://127.0.0.1/hooks/small'
    expect(judge(urled, of('http://127.0.0.1:80/hooks/small'), { urls: [plain] }).verified).toBe(true)
  })

  test('no URL is known, or another: it is no proof, and says for which it was tried', () => {
    expect(judge(urled, of(callback), { urls: [] })).toMatchObject({
      reason: 'wrong-secret',
      detail: expect.stringContaining('none is known'),
    })
    expect(judge(urled, of(callback), { urls: [other] })).toMatchObject({ detail: expect.stringContaining(other) })
  })
})

describe('the hash of a body in the signed URL', () => {
  const hashed: HmacScheme = { ...hmacScheme, signs: ['url', 'sorted-form'], bodyHash: { query: 'hash' } }
  const hash = createHash('sha256').update(body).digest('hex')
  const of = (suffix: string, text = '') => ['x-signature', hmacOf(secret, `${callback}${suffix}${text}`)]

  test.each([
    ['right', `?hash=${hash}`, undefined],
    ['right, in capitals', `?hash=${hash.toUpperCase()}`, undefined],
    ['missing', '?x=1', 'body-changed'],
    ['empty', '?hash=', 'body-changed'],
    ['of another body', `?hash=${'0'.repeat(64)}`, 'body-changed'],
    ['no hash', '?hash=é', 'body-changed'],
  ])('%s', (_, suffix, reason) => {
    const verdict = judge(hashed, of(suffix), {}, suffix)
    expect(verdict.verified ? undefined : verdict.reason).toBe(reason)
  })

  test('a form needs none, since its fields are signed', () => {
    const form = post('b=2&a=1', ['content-type', 'application/x-www-form-urlencoded', ...of('', 'a1b2')])
    const ring = keyring([appSecret(secret)])
    expect(verifyDelivery(smallWith(hashed), form, ring).verified).toBe(true)
    const more = { ...form, body: Buffer.from('b=2&a=1&c=3') }
    expect(verifyDelivery(smallWith(hashed), more, ring)).toMatchObject({ reason: 'wrong-secret' })
  })
})

describe('Ed25519', () => {
  const scheme: Scheme = { ...hmacScheme, scheme: 'ed25519' }
  const signature = signWith(null, body, ed.privateKey)
  const verify = (text: string, key: string) =>
    verifyDelivery(smallWith(scheme), post(body, ['x-signature', text]), keyring([appSecret(key)]))

  test('a key in capitals is the same key', () => {
    expect(verify(signature.toString('hex').toUpperCase(), edPublic.toUpperCase()).verified).toBe(true)
  })

  test.each([
    ['a key that is too short', signature.toString('hex'), edPublic.slice(2)],
    ['a key that is no hex', signature.toString('hex'), 'z'.repeat(64)],
    ['a key that is no point', signature.toString('hex'), 'f'.repeat(64)],
    ['another key', signature.toString('hex'), '0'.repeat(64)],
    ['half a signature', signature.toString('hex').slice(0, 64), edPublic],
    ['a signature of zeros', '0'.repeat(128), edPublic],
    ['a signature with something behind it', `${signature.toString('hex')}zz`, edPublic],
    ['a signature in base64', signature.toString('base64'), edPublic],
  ])('not with %s', (_, text, key) => {
    expect(verify(text, key)).toMatchObject({ verified: false, reason: 'wrong-secret' })
  })

  test('base64 counts only as it would be written', () => {
    const scheme64: Scheme = { ...scheme, encoding: 'base64' }
    const of = (text: string) =>
      verifyDelivery(smallWith(scheme64), post(body, ['x-signature', text]), keyring([appSecret(edPublic)])).verified
    const text = signature.toString('base64')
    expect([of(text), of(`${text} `), of(`-${text}`), of(text.replace(/=+$/, '')), of(`${text}AA`)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
