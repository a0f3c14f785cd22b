import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** The header by which `trigger` marks a delivery as its own; it is read, then dropped. */
export const triggerHeader = 'whs-trigger'

/** The mark for a body, made with the token that only whs processes on this store know. `nonce` is any text without a dot. */
export function makeTriggerMark(body: Uint8Array, token: string, nonce: string): string {
  const hash = createHash('sha256').update(body).digest('hex')
  return `${nonce}.${createHmac('sha256', token).update(`${nonce}.${hash}`).digest('hex')}`
}

/** Whether a mark was made for this body with this token. */
export function isTriggerMark(mark: string, body: Uint8Array, token: string): boolean {
  const dot = mark.lastIndexOf('.')
  if (dot < 1) return false
  const wanted = Buffer.from(makeTriggerMark(body, token, mark.slice(0, dot)))
  const given = Buffer.from(mark)
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}
