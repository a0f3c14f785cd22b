import { Buffer } from 'node:buffer'
import { createHash, createHmac, type JsonWebKey } from 'node:crypto'
import { isSame } from './same.ts'

/** The header by which `trigger` marks a delivery as its own; it is read, then dropped. */
export const triggerHeader = 'whs-trigger'

/**
 * What a sample brings along, since nobody but its provider has it: a public key whose private one the provider keeps, as a
 * stored secret (Ed25519) or as a key of a published set (RS256); or the activation whose key stands in its hook's URL.
 */
export interface TriggerKey {
  secret?: { name: string; value: string }
  jwk?: { url: string; kid: string; key: JsonWebKey }
  activation?: number
}

/**
 * The mark for a body, made with the token that only whs processes on this store know; the key that it brings is covered.
 * `nonce` is any text of letters and digits.
 */
export function makeTriggerMark(body: Uint8Array, token: string, nonce: string, key: TriggerKey | null = null): string {
  const carried = key ? `~${Buffer.from(JSON.stringify(key)).toString('base64url')}` : ''
  return markOf(body, token, nonce + carried)
}

function markOf(body: Uint8Array, token: string, said: string): string {
  const hash = createHash('sha256').update(body).digest('hex')
  return `${said}.${createHmac('sha256', token).update(`${said}.${hash}`).digest('hex')}`
}

/** Whether a mark was made for this body with this token. */
export function isTriggerMark(mark: string, body: Uint8Array, token: string): boolean {
  const dot = mark.lastIndexOf('.')
  return dot >= 1 && isSame(Buffer.from(markOf(body, token, mark.slice(0, dot))), mark)
}

/** The key that a mark brings; to be asked only of a mark that is right. */
export function triggerKeyOf(mark: string): TriggerKey | null {
  const carried = mark.slice(0, mark.lastIndexOf('.')).split('~')[1]
  return carried === undefined ? null : (JSON.parse(Buffer.from(carried, 'base64url').toString()) as TriggerKey)
}
