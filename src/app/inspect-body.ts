import { type Buffer, isUtf8 } from 'node:buffer'
import type { BodyView } from '../inspect/api.ts'

/** A longer body is shown in part. */
const mostShown = 1_048_576

/**
 * A body as the inspector shows it: of a long one the part in which `around` stands. Text begins and ends with whole
 * characters; what is no text comes in base64. `isJson`: it was read as such.
 */
export function bodyView(body: Buffer, isJson: boolean, around = 0): BodyView {
  if (body.length === 0) return { kind: 'none', text: '', cut: false, from: 0 }
  const isText = isUtf8(body)
  const cut = body.length > mostShown
  const first = cut ? Math.max(0, Math.min(around - mostShown / 2, body.length - mostShown)) : 0
  const from = isText ? characterAt(body, first) : first
  const to = isText ? characterAt(body, from + mostShown) : from + mostShown
  const shown = body.subarray(from, to)
  if (!isText) return { kind: 'binary', text: shown.toString('base64'), cut, from }
  return { kind: isJson ? 'json' : 'text', text: shown.toString('utf8'), cut, from }
}

/** The beginning of the character in which a byte stands (RFC 3629). */
function characterAt(body: Buffer, at: number): number {
  let from = Math.min(at, body.length)
  while (from > 0 && from < body.length && ((body[from] as number) & 0xc0) === 0x80) from--
  return from
}
