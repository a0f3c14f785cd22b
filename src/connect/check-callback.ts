import { isSignedCallback } from '../core/callback-signature.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'

/**
 * Checks the signature of a callback's parameters, where the provider signs them, with every valid secret.
 * @throws WhsError `callback-forged` (exit 4)
 */
export function checkCallback(
  { oauth, company }: Pick<ProviderDefinition, 'oauth' | 'company'>,
  callback: URLSearchParams,
  secrets: Record<string, string[]>,
): void {
  const scheme = oauth.callbackSignature
  if (!scheme) return
  const keys = secrets[scheme.secret] ?? []
  if (keys.some(key => isSignedCallback(scheme, callback, key))) return
  const isThere = callback.has(scheme.parameter)
  throw new WhsError({
    code: 'callback-forged',
    exit: exits.consent,
    what: `what the browser brought back was not signed by ${company}`,
    why: isThere ? `its ${scheme.parameter} fits no secret of the app` : `it has no ${scheme.parameter}`,
    next: 'connect again; if it stays so, the client secret of the app is another one',
  })
}
