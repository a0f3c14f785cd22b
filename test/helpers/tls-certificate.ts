import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface TlsCertificate {
  /** The authority that a client has to trust. */
  caPem: string
  certPem: string
  keyPem: string
}

interface Subject {
  commonName: string
  publicKey: KeyObject
  extensions: Buffer[]
}

const ecdsaWithSha256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2))

/**
 * A throw-away authority and a server certificate of it for `localhost` and 127.0.0.1, valid for a day (RFC 5280).
 * Written out in DER here so that the tests need no openssl on the machine: node:crypto signs but makes no certificate.
 */
export function createTlsCertificate(): TlsCertificate {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = { commonName: 'whs test authority', key: ca.privateKey }
  const caDer = certificate(issuer, {
    commonName: issuer.commonName,
    publicKey: ca.publicKey,
    extensions: [
      extension([2, 5, 29, 19], sequence(tlv(0x01, Buffer.from([0xff])))), // basicConstraints: an authority
      extension([2, 5, 29, 15], tlv(0x03, Buffer.from([0x02, 0x04]))), // keyUsage: signs certificates
    ],
  })
  const leafDer = certificate(issuer, {
    commonName: 'localhost',
    publicKey: leaf.publicKey,
    extensions: [
      extension([2, 5, 29, 17], sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.from([127, 0, 0, 1])))),
      extension([2, 5, 29, 37], sequence(oid(1, 3, 6, 1, 5, 5, 7, 3, 1))), // extendedKeyUsage: serverAuth
    ],
  })
  return {
    caPem: pem(caDer),
    certPem: pem(leafDer),
    keyPem: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function certificate(issuer: { commonName: string; key: KeyObject }, subject: Subject): Buffer {
  const now = Date.now()
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, Buffer.from([issuer.commonName === subject.commonName ? 1 : 2])), // serial number
    ecdsaWithSha256,
    name(issuer.commonName),
    sequence(utcTime(now - 3_600_000), utcTime(now + 86_400_000)),
    name(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...subject.extensions)),
  )
  const signature = sign('sha256', toBeSigned, issuer.key)
  return sequence(toBeSigned, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature))
}

function extension(id: [number, number, ...number[]], value: Buffer): Buffer {
  return sequence(oid(...id), tlv(0x04, value))
}

function name(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid(2, 5, 4, 3), tlv(0x0c, Buffer.from(commonName)))))
}

function utcTime(ms: number): Buffer {
  return tlv(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`))
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

function oid(first: number, second: number, ...rest: number[]): Buffer {
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return tlv(0x06, Buffer.from(bytes))
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts)
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value])
  const size = value.length < 0x100 ? [0x81, value.length] : [0x82, value.length >> 8, value.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), value])
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
