import { Buffer } from 'node:buffer'
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { signJwt } from '../core/jwt.ts'

/** The simulator's own keys. The RSA pair is made when it is first needed. */
export interface Keys {
  rsa(): RsaKey
  /** A forger's. */
  otherRsa(): RsaKey
}
export interface RsaKey {
  kid: string
  privateKey: KeyObject
  /** The public key as a set (RFC 7517). */
  jwks: { keys: object[] }
}

export function openKeys(): Keys {
  let made: RsaKey | undefined
  let other: RsaKey | undefined
  return {
    rsa() {
      made ??= makeRsa()
      return made
    },
    otherRsa() {
      other ??= makeRsa()
      return other
    },
  }
}

/** A new RSA pair; its id is the start of the modulus' hash. */
function makeRsa(): RsaKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(String(jwk.n)).digest('hex').slice(0, 16)
  return { kid, privateKey, jwks: { keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] } }
}

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 pair that follows from a text, so that an app has the same one when the simulator is started anew. */
export function ed25519Of(text: string): { privateKey: KeyObject; publicHex: string } {
  const seed = createHash('sha256').update('whs simulator ').update(text).digest()
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { privateKey, publicHex: Buffer.from(String(x), 'base64url').toString('hex') }
}

/** A JSON Web Token (RFC 7519) by RS256 with these claims. */
export function makeJwt({ privateKey, kid }: RsaKey, claims: Record<string, unknown>, now: number): string {
  const scheme = { scheme: 'jwt', algorithm: 'RS256', header: '', prefix: '', key: { jwks: '' }, claims: {} } as const
  return signJwt(scheme, new Uint8Array(), { now, privateKey, keyId: kid, claims: claims as Record<string, string> })
}

let ownKey: { pem: string; jwk: JsonWebKey } | undefined

/** The private key that every app has which proves itself by one, in PEM form, and its public half. */
export function appKey(): { pem: string; jwk: JsonWebKey } {
  if (ownKey === undefined) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()
    ownKey = { pem, jwk: publicKey.export({ format: 'jwk' }) }
  }
  return ownKey
}
