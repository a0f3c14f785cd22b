import { Buffer } from 'node:buffer'
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CallbackSignature } from './oauth-definition.ts'

type Write = (text: string) => string

/** The signature of a callback's parameters (without the one that carries it), in hex, as a provider makes it. */
export function signCallback(scheme: CallbackSignature, parameters: URLSearchParams, secret: string): string {
  return hmac(scheme, messageOf(scheme, parameters, ambiguousOnly), secret)
}

/**
 * Whether the parameters of a callback were signed with a secret. Values count as they are (with only what would be
 * ambiguous encoded) and as they stand in a URL; a doubled parameter never does, since nobody can say which one counts.
 */
export function isSignedCallback(scheme: CallbackSignature, parameters: URLSearchParams, secret: string): boolean {
  const names = [...parameters.keys()]
  const brought = parameters.get(scheme.parameter) ?? ''
  if (new Set(names).size !== names.length || !/^[0-9a-f]{64}$/i.test(brought)) return false
  return [ambiguousOnly, encodeURIComponent].some(write => {
    const wanted = hmac(scheme, messageOf(scheme, parameters, write), secret)
    return timingSafeEqual(Buffer.from(wanted, 'hex'), Buffer.from(brought, 'hex'))
  })
}

function messageOf({ parameter }: CallbackSignature, parameters: URLSearchParams, write: Write): string {
  const pairs = [...parameters]
    .filter(([name]) => name !== parameter)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return pairs.map(([name, value]) => `${write(name).replaceAll('=', '%3D')}=${write(value)}`).join('&')
}

function ambiguousOnly(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('&', '%26')
}

function hmac({ hash }: CallbackSignature, message: string, secret: string): string {
  return createHmac(hash, secret).update(message).digest('hex')
}
