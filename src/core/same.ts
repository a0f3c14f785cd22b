import { Buffer } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'

/** Whether a given text is a wanted one, byte for byte, in constant time (their lengths are no secret). */
export function isSame(wanted: Buffer, given: string): boolean {
  const bytes = Buffer.from(given)
  return wanted.length === bytes.length && timingSafeEqual(wanted, bytes)
}
