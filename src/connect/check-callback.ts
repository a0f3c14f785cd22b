import { isSignedCallback } from '../core/callback-signature.ts'
import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { issuerFault } from '../core/issuer.ts'
import { clip, safeText } from '../core/text.ts'

interface Asked {
  definition: Pick<ProviderDefinition, 'oauth' | 'company'>
  /** The hosts and slots with which the browser was sent away. */
  hosts: Hosts
  slots: Record<string, string>
}

/**
 * Checks who answered: `iss`, where the provider sends it, and the signature of a callback's parameters, where the provider
 * signs them, with every valid secret.
 * @throws WhsError `callback-forged` (exit 4)
 */
export function checkCallback(asked: Asked, callback: URLSearchParams, secrets: Record<string, string[]>): void {
  checkIssuer(asked, callback)
  const { oauth, company } = asked.definition
  const scheme = oauth.callbackSignature
  if (!scheme) return
  const keys = secrets[scheme.secret] ?? []
  if (keys.some(key => isSignedCallback(scheme, callback, key))) return
  const isThere = callback.has(scheme.parameter)
  throw forged(
    `what the browser brought back was not signed by ${company}`,
    isThere ? `its ${scheme.parameter} fits no secret of the app` : `it has no ${scheme.parameter}`,
    'connect again; if it stays so, the client secret of the app is another one',
  )
}

/**
 * Checks `iss` alone, which a refusal has as well.
 * @throws WhsError `callback-forged` (exit 4)
 */
export function checkIssuer({ definition, hosts, slots }: Asked, callback: URLSearchParams): void {
  const fault = issuerFault(callback, { issuer: definition.oauth.issuer, hosts, slots })
  if (fault === undefined) return
  const what = `what the browser brought back is not an answer of ${definition.company}`
  throw forged(what, clip(safeText(fault), 200), 'connect again, in a browser window of its own')
}

function forged(what: string, why: string, next: string): WhsError {
  return new WhsError({ code: 'callback-forged', exit: exits.consent, what, why, next })
}
