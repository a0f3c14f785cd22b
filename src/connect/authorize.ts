import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { fillUrl } from '../core/url-template.ts'
import { type ConsentContext, type ConsentDeps, clientIdOf, hashOf, randomText } from './consent.ts'

/** A browser (or a person with a terminal) on its way to the provider. */
export interface Departure {
  /** The provider's authorization URL. */
  url: string
  /** What the callback must bring besides the state. */
  cookie: string
}

const secretBytes = 32

/**
 * Sends somebody to the provider with a fresh state (RFC 6749 section 10.12) and, where the definition says so, PKCE
 * S256 (RFC 7636). An earlier state of this consent is void from now on. Null where the consent is past that.
 */
export async function depart(deps: ConsentDeps, context: ConsentContext): Promise<Departure | null> {
  const { consent, app, definition, hosts } = context
  const { oauth } = definition
  const state = randomText(deps, secretBytes)
  const cookie = randomText(deps, secretBytes)
  const verifier = oauth.pkce === 'S256' ? randomText(deps, secretBytes) : null
  const url = new URL(fillUrl(oauth.authorizeUrl, hosts))
  url.searchParams.set('response_type', 'code')
  url.searchParams.set('client_id', clientIdOf(deps, app))
  url.searchParams.set('redirect_uri', consent.redirectUri)
  url.searchParams.set('scope', consent.scopes.join(oauth.scopeSeparator))
  url.searchParams.set('state', state)
  if (verifier) {
    url.searchParams.set('code_challenge', await calculatePKCECodeChallenge(verifier))
    url.searchParams.set('code_challenge_method', 'S256')
  }
  const begun = await deps.store.write('departConsent', {
    linkHash: consent.linkHash,
    cookieHash: hashOf(cookie),
    stateHash: hashOf(state),
    verifier,
  })
  return begun ? { url: url.href, cookie } : null
}
