import { Buffer } from 'node:buffer'
import { firstOfEach } from './first-of-each.ts'
import { keyBytes } from './sign.ts'
import type { Key } from './webhook-definition.ts'

/** A key that may have been made of a secret in place of the right one. */
export interface SecretVariant {
  kind: 'secret-text' | 'secret-form'
  /** Completes "the key is …". */
  text: string
  bytes: Buffer
}

/** The texts that a secret may have been in place of what is stored, each only once; never itself and never empty. */
export function secretTexts(value: string): { text: string; value: string }[] {
  const bare = value.trim()
  const inner = /^(['"`])(.*)\1$/s.exec(bare)?.[2]
  const assigned = /^(?:export\s+)?[A-Z][A-Z0-9_]*=(.*)$/s.exec(bare)?.[1]
  const all: [text: string, value: string | undefined][] = [
    ['the stored secret without the blanks around it', bare],
    ['the stored secret without the quotes around it', inner],
    ['the stored secret without its name and = in front', assigned?.replace(/^(['"])(.*)\1$/s, '$2')],
    ['the stored secret without any blanks', value.replace(/\s+/g, '')],
    ['the stored secret without invisible characters', value.replace(/[\u00a0\u200b-\u200f\u2060\ufeff]/g, '').trim()],
    ['the first line of the stored secret', value.split(/\r?\n/)[0]],
    ['the stored secret with a line end (LF) behind it', `${bare}\n`],
    ['the stored secret with a line end (CRLF) behind it', `${bare}\r\n`],
    ['the stored secret with a blank behind it', `${bare} `],
    ['the stored secret with a blank before it', ` ${bare}`],
    ['the stored secret in double quotes', `"${bare}"`],
    ['the stored secret in single quotes', `'${bare}'`],
    ['the stored secret without its prefix', /^[A-Za-z]{2,12}_(.+)$/s.exec(bare)?.[1]],
    ['the stored secret with whsec_ before it', `whsec_${bare}`],
    ['the stored secret in small letters', bare.toLowerCase()],
    ['the stored secret in capitals', bare.toUpperCase()],
  ]
  const texts = all.flatMap(([text, one]) => (one === undefined ? [] : [{ text, value: one }]))
  return firstOfEach(texts, one => one.value, ['', value])
}

const forms: [as: NonNullable<Key['as']>, text: string][] = [
  ['text', 'the secret’s text as it is'],
  ['base64', 'the secret decoded from base64'],
  ['hex', 'the secret decoded from hex'],
  ['whsec', 'what stands behind whsec_, decoded from base64'],
]

/** Keys that may have been made of a secret, each only once; never the right one and never of no bytes. */
export function secretVariants(key: Key, value: string): SecretVariant[] {
  const right = keyBytes(key, value)
  const texts = secretTexts(value)
  const found: SecretVariant[] = texts.map(one => ({
    kind: 'secret-text',
    text: one.text,
    bytes: keyBytes(key, one.value),
  }))
  for (const [as, text] of forms) {
    if (as === (key.as ?? 'text')) continue
    found.push({ kind: 'secret-form', text, bytes: keyBytes({ ...key, as }, value.trim()) })
  }
  const encoded: [text: string, value: string][] = [
    ['the stored secret written in base64', Buffer.from(value).toString('base64')],
    ['the stored secret written in hex', Buffer.from(value).toString('hex')],
    ['the bytes of the key written in base64', right.toString('base64')],
    ['the bytes of the key written in hex', right.toString('hex')],
  ]
  for (const [text, one] of encoded) found.push({ kind: 'secret-form', text, bytes: Buffer.from(one) })
  return firstOfEach(found, ({ bytes }) => bytes.toString('latin1'), ['', right.toString('latin1')])
}

/** The 32 bytes of an Ed25519 public key, as hex, base64, or the end of an SPKI structure; undefined where it is none. */
export function publicKeyBytes(value: string): Buffer | undefined {
  const text = value
    .replace(/-----[^-]+-----/g, '')
    .replace(/^\s*(?:export\s+)?[A-Z][A-Z0-9_]*=/, '')
    .replace(/["'\s\u200b-\u200f\ufeff]/g, '')
  const ways = [/^[0-9a-f]+$/i.test(text) ? Buffer.from(text, 'hex') : undefined, Buffer.from(text, 'base64')]
  const found = ways.find(bytes => bytes?.length === 32 || bytes?.length === 44)
  return found?.subarray(found.length - 32)
}
