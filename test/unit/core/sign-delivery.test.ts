import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { header } from '../../../src/core/headers.ts'
import { type Accepted, ingest } from '../../../src/core/ingest.ts'
import { type DeliveryKeys, schemeFor, signDelivery } from '../../../src/core/sign-delivery.ts'
import type { Scheme } from '../../../src/core/webhook-definition.ts'
import { ed, edPublic, hs256, perItem, rs256, rsa, schemeCases, secret } from '../../helpers/scheme-cases.ts'
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

const json = ['content-type', 'application/json']
const message = { method: 'POST', url: callback, headers: json, body: Buffer.from(event) }
const keys: DeliveryKeys = { secrets: { webhook: secret }, now, slots: { callback }, keyId: 'k1' }

test.each(schemeCases.map(one => [one.name, one] as const))('%s: what we sign passes', (name, one) => {
  const privateKey = name === 'ed25519' ? ed.privateKey : rsa.privateKey
  const secrets = { webhook: name === 'ed25519' ? edPublic : name === 'basic' ? `user:${secret}` : secret }
  const made = signDelivery(one.definition, message, { ...keys, secrets, privateKey })
  const result = ingest(one.definition, { ...post(made.body, made.headers) }, one.keyring)
  expect(result).toMatchObject({ outcome: 'accepted', items: [{ fault: null }] })
  expect(made.url).toBe(callback)
  const twice = signDelivery(one.definition, { ...message, ...made }, { ...keys, secrets, privateKey })
  expect(ingest(one.definition, post(twice.body, twice.headers), one.keyring)).toMatchObject({ outcome: 'accepted' })
  expect(twice.headers).toHaveLength(made.headers.length)
})

test('a key that is base64 signs and verifies a token as it does a body', () => {
  for (const scheme of [hs256, hmacScheme]) {
    const definition = smallWith({ ...scheme, key: { secret: 'webhook', as: 'base64' } })
    const made = signDelivery(definition, message, keys)
    const result = ingest(definition, post(made.body, made.headers), keyring([appSecret(secret)]))
    expect(result).toMatchObject({ outcome: 'accepted' })
  }
})

test('a token of each item is written into each', () => {
  const token = '"token":"old",'
  const body = Buffer.from(`{"events":[{${token}${event.slice(1)}, {${token}${event.slice(1)}]}`)
  const made = signDelivery(smallWith(perItem), { ...message, body }, keys)
  expect(made.body.toString()).toBe(body.toString().replaceAll('old', secret))
  const result = ingest(smallWith(perItem), post(made.body), keyring([appSecret(secret)]))
  expect((result as Accepted).items).toHaveLength(2)
  expect(() => signDelivery(smallWith(perItem), message, keys)).toThrow('sample cannot be used')
})

test('the URL carries the hash of the body where it is signed, and passes so', () => {
  const definition = smallWith({ ...hmacScheme, signs: ['url'], bodyHash: { query: 'hash' } })
  const made = signDelivery(definition, { ...message, url: `${callback}?a=1` }, keys)
  const suffix = made.url.slice(callback.length)
  expect(suffix).toMatch(/^\?a=1&hash=[0-9a-f]{64}$/)
  const ring = keyring([appSecret(secret)])
  expect(ingest(definition, post(made.body, made.headers, suffix), ring)).toMatchObject({ outcome: 'accepted' })
  const other = ingest(definition, post(`${event} `, made.headers, suffix), ring)
  expect(other).toMatchObject({ outcome: 'rejected', reason: 'body-changed' })
})

describe('which scheme signs', () => {
  const strong: Scheme = { ...hmacScheme, key: { secret: 'signing' } }
  const definition = smallWith(strong, hmacScheme, { scheme: 'url-key' })
  const chosen = (one: Partial<DeliveryKeys>, of = definition) =>
    of.webhook.verify.indexOf(schemeFor(of, { secrets: {}, ...one }) as Scheme)

  test('the first whose secret is there, or the one that is asked for', () => {
    expect(chosen({ secrets: { webhook: 'a', signing: 'b' } })).toBe(0)
    expect(chosen({ secrets: { webhook: 'a' } })).toBe(1)
    expect(chosen({})).toBe(2)
    expect(chosen({ secrets: { signing: 'b' }, scheme: 1 })).toBe(1)
    expect(chosen({ scheme: 9 })).toBe(-1)
  })

  test('what needs a private key is signed only with one', () => {
    const keyed = smallWith(rs256, { ...hmacScheme, scheme: 'ed25519' }, perItem)
    expect(chosen({ secrets: { webhook: edPublic } }, keyed)).toBe(2)
    expect(chosen({ privateKey: rsa.privateKey }, keyed)).toBe(0)
  })

  test('none: it is said', () => {
    expect(() => signDelivery(smallWith(strong), message, keys)).toThrow(
      expect.objectContaining({ code: 'cannot-sign', exit: 2 }),
    )
  })
})

test('a token says what it must, as far as that is known, and what is asked besides', () => {
  const scheme = { ...hs256, claims: { aud: ['{setting.aud}', '{callback}'], email: ['{setting.mail}'] } }
  const claimsOf = (more: Partial<DeliveryKeys>): Record<string, unknown> => {
    const text = header(signDelivery(smallWith(scheme), message, { ...keys, ...more }).headers, 'authorization') ?? ''
    return JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString()) as Record<string, unknown>
  }
  const times = { iat: now / 1000, exp: now / 1000 + 300 }
  expect(claimsOf({})).toEqual({ ...times, aud: callback })
  expect(claimsOf({ slots: { 'setting.aud': 'a', 'setting.mail': 'm', callback } })).toEqual({
    ...times,
    aud: 'a',
    email: 'm',
  })
  expect(claimsOf({ claims: { aud: 'x', sub: 'y' } })).toEqual({ ...times, aud: 'x', sub: 'y' })
})
