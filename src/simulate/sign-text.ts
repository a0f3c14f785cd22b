import { Buffer } from 'node:buffer'
import { signatureOf } from '../core/sign.ts'

/** A text signed by HMAC-SHA256 in hex, for what is no delivery: a callback's parameters, an echo. */
export function signText(text: string, secret: string): string {
  const scheme = { scheme: 'hmac', hash: 'sha256', encoding: 'hex', signs: [{ text }], key: { secret: '' } } as const
  const message = { method: 'GET', url: '', headers: [], body: Buffer.alloc(0) }
  return signatureOf({ ...scheme, signs: [...scheme.signs], header: { names: [] } }, message, null, secret)
}
