import { Buffer } from 'node:buffer'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ingest } from '../../../src/core/ingest.ts'
import { parseJwt } from '../../../src/core/jwt.ts'
import type { Keyring } from '../../../src/core/keyring.ts'
import { signMessage } from '../../../src/core/sign.ts'
import type { JwtScheme } from '../../../src/core/webhook-definition.ts'
import { hmacOf, hs256, jwtOf, keySet, rs256, rsa, secret } from '../../helpers/scheme-cases.ts'
import { appSecret, callback, event, keyring, now, post, smallWith } from '../../helpers/small-definition.ts'

const seconds = now / 1000
const good = { exp: seconds + 60, aud: callback }
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const hosts = { api: 'https://api.example.com' }
const jwk = rsa.publicKey.export({ format: 'jwk' })
const keys = { [keySet]: { k1: jwk } }

function judge(scheme: JwtScheme, text: string, more: Partial<Keyring> = {}) {
  const headers = ['Authorization', text]
  const ring = keyring([appSecret('another', 5), appSecret(secret, 6)], { hosts, keys, ...more })
  return ingest(smallWith(scheme), post(event, headers), ring)
}
const bearer = (claims: object, head: object = { alg: 'HS256' }, key: Parameters<typeof jwtOf>[2] = secret) =>
  `Bearer ${jwtOf(head, claims, key)}`

describe('HS256', () => {
  test('one of several stored secrets made it; it proves the sender only', () => {
    expect(judge(hs256, bearer(good))).toMatchObject({ outcome: 'accepted', verified: 'token', secretId: 6 })
  })

  test.each([
    ['the prefix in another case', bearer(good).replace('Bearer', 'bEARER')],
    ['blanks around it', `Bearer  ${jwtOf({ alg: 'HS256' }, good)} `],
    ['a type and a key id', bearer(good, { alg: 'HS256', typ: 'JWT', kid: 'x' })],
  ])('%s', (_, text) => {
    expect(judge(hs256, text)).toMatchObject({ outcome: 'accepted' })
  })

  const [head, body, tail] = jwtOf({ alg: 'HS256' }, good).split('.') as [string, string, string]
  test.each([
    ['another prefix', `Basic ${head}.${body}.${tail}`, 'malformed-header'],
    ['no prefix', `${head}.${body}.${tail}`, 'malformed-header'],
    ['the prefix alone', 'Bearer ', 'malformed-header'],
    ['two parts', `Bearer ${head}.${body}`, 'malformed-header'],
    ['four parts', `Bearer ${head}.${body}.${tail}.x`, 'malformed-header'],
    ['an empty signature', `Bearer ${head}.${body}.`, 'malformed-header'],
    ['a head that is no JSON', `Bearer eA.${body}.${tail}`, 'malformed-header'],
    ['a head that is a list', `Bearer ${part([])}.${body}.${tail}`, 'malformed-header'],
    ['a head that is null', `Bearer ${part(null)}.${body}.${tail}`, 'malformed-header'],
    ['claims that are a text', `Bearer ${head}.${part('x')}.${tail}`, 'malformed-header'],
    ['a key id of 300 letters', bearer(good, { alg: 'HS256', kid: 'k'.repeat(300) }), 'malformed-header'],
    ['no algorithm', bearer(good, {}), 'malformed-header'],
    ['an algorithm that is a number', bearer(good, { alg: 7 }), 'malformed-header'],
    ['critical extensions (RFC 7515, crit)', bearer(good, { alg: 'HS256', crit: ['exp'] }), 'malformed-header'],
    ['letters of standard base64', `Bearer ${head}.${body}.+/${tail.slice(2)}`, 'malformed-header'],
    ['padding', `Bearer ${head}.${body}.${tail}=`, 'malformed-header'],
    ['spare bits that are not zero', `Bearer ${head}.${body}.${otherBits(tail)}`, 'malformed-header'],
    ['a blank within', `Bearer ${head}.${body} .${tail}`, 'malformed-header'],
    ['more than 16 KB', bearer({ ...good, x: 'x'.repeat(16_384) }), 'malformed-header'],
    ['alg none', bearer(good, { alg: 'none' }), 'wrong-token'],
    ['alg None without a signature', `Bearer ${part({ alg: 'None' })}.${body}.`, 'malformed-header'],
    ['another algorithm', bearer(good, { alg: 'HS512' }), 'wrong-token'],
    ['another algorithm’s case', bearer(good, { alg: 'hs256' }), 'wrong-token'],
    ['an algorithm of 10,000 letters', bearer(good, { alg: 'x'.repeat(10_000) }), 'wrong-token'],
    ['another secret', bearer(good, { alg: 'HS256' }, 'x'), 'wrong-secret'],
    ['an empty secret', bearer(good, { alg: 'HS256' }, ''), 'wrong-secret'],
    ['other claims', `Bearer ${head}.${part({ ...good, x: 1 })}.${tail}`, 'wrong-secret'],
  ])('not with %s', (_, text, reason) => {
    const result = judge(hs256, text)
    expect(result).toMatchObject({ outcome: 'rejected', status: 401, reason })
    expect(JSON.stringify(result).length).toBeLessThan(1000)
  })
})

describe('claims', () => {
  test.each<[string, object, string | undefined]>([
    ['no expiry', { aud: callback }, 'wrong-token'],
    ['an expiry in a text', { ...good, exp: `${seconds + 60}` }, 'wrong-token'],
    ['an expiry that is null', { ...good, exp: null }, 'wrong-token'],
    ['expired', { ...good, exp: seconds - 61 }, 'too-old'],
    ['expired within the leeway', { ...good, exp: seconds - 60 }, undefined],
    ['not yet', { ...good, nbf: seconds + 61 }, 'too-new'],
    ['not yet, within the leeway', { ...good, nbf: seconds + 60 }, undefined],
    ['a begin that is a text', { ...good, nbf: 'later' }, undefined],
    ['no audience', { exp: seconds + 60 }, 'wrong-token'],
    ['another audience', { ...good, aud: `${callback}/x` }, 'wrong-token'],
    ['an audience in a list', { ...good, aud: ['x', callback] }, undefined],
    ['a list of other audiences', { ...good, aud: ['x', 'y'] }, 'wrong-token'],
    ['an empty list', { ...good, aud: [] }, 'wrong-token'],
    ['an audience that is an object', { ...good, aud: { toString: 1, valueOf: 1 } }, 'wrong-token'],
    ['a list of objects', { ...good, aud: [{ toString: null }, [callback], null] }, 'wrong-token'],
    ['an audience that is null', { ...good, aud: null }, 'wrong-token'],
  ])('%s', (_, claims, reason) => {
    const result = judge(hs256, bearer(claims))
    expect(result.outcome === 'rejected' ? result.reason : undefined).toBe(reason)
  })

  const mailed: JwtScheme = {
    ...hs256,
    claims: { email: ['{setting.mail}', '{setting.other}'], email_verified: ['true'] },
  }
  test.each<[string, object, Record<string, string>, boolean]>([
    ['one of several texts', { email: 'b' }, { 'setting.mail': 'a', 'setting.other': 'b' }, true],
    ['none of several', { email: 'c' }, { 'setting.mail': 'a', 'setting.other': 'b' }, false],
    ['of those that are known', { email: 'a' }, { 'setting.mail': 'a' }, true],
    ['another than the known one', { email: 'b' }, { 'setting.mail': 'a' }, false],
    ['nothing passes where nothing is known', { email: 'c' }, {}, false],
    ['nor does a claim that is missing', {}, {}, false],
    ['nor one that is as empty as a slot', { email: '' }, { 'setting.mail': '' }, false],
    ['a slot of everybody’s is no slot', { email: 'x' }, { 'setting.mail': 'a', constructor: 'x' }, false],
  ])('slots: %s', (_, claims, slots, wanted) => {
    const text = bearer({ exp: seconds + 60, email_verified: true, ...claims })
    expect(judge(mailed, text, { slots }).outcome).toBe(wanted ? 'accepted' : 'rejected')
  })
})

describe('RS256', () => {
  const claims = { exp: seconds + 60, iss: 'small' }
  const by = (head: object, key: Parameters<typeof jwtOf>[2] = rsa.privateKey) => bearer(claims, head, key)

  test('a key of the published set made it', () => {
    const wanted = { outcome: 'accepted', verified: 'token', secretId: null, items: [{ fault: null }] }
    expect(judge(rs256, by({ alg: 'RS256', kid: 'k1' }))).toMatchObject(wanted)
  })

  test.each<[string, object, string]>([
    ['an unknown key', { alg: 'RS256', kid: 'k2' }, 'k2'],
    ['no key', { alg: 'RS256' }, ''],
    ['a key that is a number', { alg: 'RS256', kid: 1 }, ''],
  ])('%s is asked for, at the place that the definition names', (_, head, keyId) => {
    expect(judge(rs256, by(head))).toEqual({ outcome: 'needs-key', url: keySet, keyId })
    expect(judge(rs256, by(head), { keys: {} })).toEqual({ outcome: 'needs-key', url: keySet, keyId })
  })

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  test.each<[string, string, JsonWebKey, string]>([
    ['another key', by({ alg: 'RS256', kid: 'k1' }, other.privateKey), jwk, 'wrong-secret'],
    ['a key of another kind', by({ alg: 'RS256', kid: 'k1' }), ec.publicKey.export({ format: 'jwk' }), 'wrong-secret'],
    ['a key that is none', by({ alg: 'RS256', kid: 'k1' }), { kty: 'RSA', n: 'AQ' }, 'wrong-secret'],
    ['a secret for a key', by({ alg: 'RS256', kid: 'k1' }), { kty: 'oct', k: 'YQ' }, 'wrong-secret'],
    ['the public key as a secret', by({ alg: 'HS256', kid: 'k1' }, JSON.stringify(jwk)), jwk, 'wrong-token'],
    ['a secret of ours', by({ alg: 'HS256', kid: 'k1' }, secret), jwk, 'wrong-token'],
    [
      'another issuer',
      bearer({ ...claims, iss: 'x' }, { alg: 'RS256', kid: 'k1' }, rsa.privateKey),
      jwk,
      'wrong-token',
    ],
  ])('not with %s', (_, text, key, reason) => {
    const result = judge(rs256, text, { keys: { [keySet]: { k1: key } } })
    expect(result).toMatchObject({ outcome: 'rejected', reason })
  })

  test('a key id that every object has is no key', () => {
    const result = judge(rs256, by({ alg: 'RS256', kid: 'constructor' }))
    expect(result).toEqual({ outcome: 'needs-key', url: keySet, keyId: 'constructor' })
  })
})

test('what we sign ourselves passes, for five minutes', () => {
  const message = { method: 'POST', url: callback, headers: [], body: Buffer.from(event) }
  const made = signMessage(hs256, message, secret, { now, claims: { aud: callback } })
  const ring = keyring([appSecret(secret)])
  const at = (later: number) => ingest(smallWith(hs256), { ...post(event), ...made }, { ...ring, now: now + later })
  expect(at(0)).toMatchObject({ outcome: 'accepted' })
  expect(at(360_000)).toMatchObject({ outcome: 'accepted' })
  expect(at(361_000)).toMatchObject({ outcome: 'rejected', reason: 'too-old' })
})

test('a token is taken apart and believed in nothing', () => {
  const text = jwtOf({ alg: 'HS256', kid: 'a' }, { x: 1 })
  const [head, body, tail] = text.split('.') as [string, string, string]
  const signature = Buffer.from(tail, 'base64url')
  const wanted = { algorithm: 'HS256', keyId: 'a', claims: { x: 1 }, signed: `${head}.${body}`, signature }
  expect(parseJwt(text)).toEqual(wanted)
  expect(hmacOf(secret, `${head}.${body}`)).toBe(signature.toString('hex'))
})

/** The same bytes, written with other bits behind the last of them: the last letter of 32 bytes holds two spare ones. */
function otherBits(tail: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return tail.slice(0, -1) + (alphabet[alphabet.indexOf(tail.at(-1) as string) + 1] as string)
}
