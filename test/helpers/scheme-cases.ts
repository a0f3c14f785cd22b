import { Buffer } from 'node:buffer'
import { createHash, createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { RawHeaders } from '../../src/core/headers.ts'
import type { Keyring, RawDelivery } from '../../src/core/keyring.ts'
import type { JwtScheme, Scheme } from '../../src/core/webhook-definition.ts'
import { appSecret, callback, hmacScheme, keyring, now, post, smallWith } from './small-definition.ts'

/** A scheme with a delivery that passes it, made by node:crypto alone. */
export interface SchemeCase {
  name: string
  definition: ProviderDefinition
  keyring: Keyring
  /** The header that proves it; none where the proof stands in the body or the URL. */
  header?: string
  sign: (body: Buffer) => RawDelivery
  /** Whether another body needs another proof. */
  coversBody: boolean
}

export const secret = 'a-secret-of-tests'
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const ed = generateKeyPairSync('ed25519')
export const edPublic = ed.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
const seconds = now / 1000

export function hmacOf(key: string | Buffer, text: string | Buffer, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHmac('sha256', key).update(text).digest(encoding)
}

/** A token with any header and claims, signed as its `alg` says. */
export function jwtOf(head: object, claims: object, key: string | typeof rsa.privateKey = secret): string {
  const signed = [head, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const tail =
    typeof key === 'string'
      ? createHmac('sha256', key).update(signed).digest('base64url')
      : signWith('sha256', Buffer.from(signed), key).toString('base64url')
  return `${signed}.${tail}`
}

const jwt = { scheme: 'jwt', header: 'authorization', prefix: 'Bearer ' } as const
export const hs256: JwtScheme = {
  ...jwt,
  algorithm: 'HS256',
  key: { secret: 'webhook' },
  claims: { aud: ['{callback}'] },
}
export const rs256: JwtScheme = { ...jwt, algorithm: 'RS256', key: { jwks: '{api}/keys' }, claims: { iss: ['small'] } }
export const keySet = 'https://api.example.com/keys'
const json: RawHeaders = ['Content-Type', 'application/json']

interface Made {
  headers?: RawHeaders
  body?: Buffer
  keyring?: Partial<Keyring>
}

function schemeCase(name: string, scheme: Scheme, make: (body: Buffer) => Made, header?: string): SchemeCase {
  const stored = scheme.scheme === 'ed25519' ? edPublic : scheme.scheme === 'basic' ? `user:${secret}` : secret
  const urlKey = scheme.scheme === 'url-key' ? { activation: 7 } : {}
  const keys = { [keySet]: { k1: rsa.publicKey.export({ format: 'jwk' }) } }
  return {
    name,
    definition: smallWith(scheme),
    keyring: keyring([appSecret(stored)], { keys, hosts: { api: 'https://api.example.com' }, ...urlKey }),
    sign: body => {
      const made = make(body)
      return post(made.body ?? body, [...json, ...(made.headers ?? [])])
    },
    coversBody: 'signs' in scheme,
    ...(header === undefined ? {} : { header }),
  }
}

const timed = { at: 'list', unit: 's', toleranceSeconds: 300 } as const

/** One case for each scheme, and for each way in which a signature stands in a header. */
export const schemeCases: SchemeCase[] = [
  schemeCase('hmac in hex', hmacScheme, body => ({ headers: ['X-Signature', hmacOf(secret, body)] }), 'x-signature'),
  schemeCase(
    'hmac in base64 behind a prefix',
    { ...hmacScheme, encoding: 'base64', header: { names: ['x-signature'], prefix: 'sha256=' } },
    body => ({ headers: ['X-Signature', `sha256=${hmacOf(secret, body, 'base64')}`] }),
    'x-signature',
  ),
  schemeCase(
    'hmac in a list with its time',
    {
      ...hmacScheme,
      header: { names: ['x-signature'], list: { signature: 'v1', time: 't' } },
      signs: ['time', { text: '.' }, 'body'],
      time: timed,
    },
    body => ({
      headers: ['X-Signature', `t=${seconds},v1=${hmacOf(secret, Buffer.concat([Buffer.from(`${seconds}.`), body]))}`],
    }),
    'x-signature',
  ),
  schemeCase(
    'hmac among words',
    { ...hmacScheme, encoding: 'base64', header: { names: ['x-signature'], words: { version: 'v1' } } },
    body => ({ headers: ['X-Signature', `v1a,eA== v1,${hmacOf(secret, body, 'base64')}`] }),
    'x-signature',
  ),
  schemeCase(
    'hmac in numbered headers',
    { ...hmacScheme, encoding: 'base64', header: { names: ['x-signature-{n}'] } },
    body => ({ headers: ['X-Signature-1', hmacOf(secret, body, 'base64')] }),
    'x-signature-1',
  ),
  schemeCase(
    'hash',
    { ...hmacScheme, scheme: 'hash', hash: 'sha256', signs: ['secret', 'body'] },
    body => ({ headers: ['X-Signature', createHash('sha256').update(secret).update(body).digest('hex')] }),
    'x-signature',
  ),
  schemeCase(
    'ed25519',
    { scheme: 'ed25519', header: { names: ['x-signature'] }, encoding: 'hex', signs: ['body'], key: hmacScheme.key },
    body => ({ headers: ['X-Signature', signWith(null, body, ed.privateKey).toString('hex')] }),
    'x-signature',
  ),
  schemeCase(
    'token in a header',
    { scheme: 'token', at: { header: 'x-token' }, key: { secret: 'webhook' } },
    () => ({ headers: ['X-Token', secret] }),
    'x-token',
  ),
  schemeCase(
    'basic',
    { scheme: 'basic', key: { secret: 'webhook' } },
    () => ({ headers: ['Authorization', `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`] }),
    'authorization',
  ),
  schemeCase(
    'jwt HS256',
    hs256,
    () => ({ headers: ['Authorization', `Bearer ${jwtOf({ alg: 'HS256' }, { exp: seconds + 60, aud: callback })}`] }),
    'authorization',
  ),
  schemeCase(
    'jwt RS256',
    rs256,
    () => {
      const token = jwtOf({ alg: 'RS256', kid: 'k1' }, { exp: seconds + 60, iss: 'small' }, rsa.privateKey)
      return { headers: ['Authorization', `Bearer ${token}`] }
    },
    'authorization',
  ),
  schemeCase('key in the URL', { scheme: 'url-key' }, () => ({})),
]

/** Each item brings its own token, so there is no case for it above: what is no item proves nothing. */
export const perItem: Scheme = { scheme: 'token', at: '@.token', key: { secret: 'webhook', of: 'either' } }
