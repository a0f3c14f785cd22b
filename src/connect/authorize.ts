import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { fillUrl } from '../core/url-template.ts'
import { type ConsentContext, type ConsentDeps, clientIdOf, hashOf, randomText } from './consent.ts'
import { filledParameters } from './slots.ts'

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
  const { consent, definition } = context
  const state = randomText(deps, secretBytes)
  const cookie = randomText(deps, secretBytes)
  const verifier = definition.oauth.pkce === 'S256' ? randomText(deps, secretBytes) : null
  const url = authorizeUrl(deps, context)
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

/** The authorization URL with all that the definition says, but no state yet. */
function authorizeUrl(deps: ConsentDeps, { consent, app, definition, hosts, slots }: ConsentContext): URL {
  const { authorizeUrl, parameters = {}, leaveOut = [], scopeParameter = 'scope', scopeSeparator } = definition.oauth
  const url = new URL(fillUrl(authorizeUrl, hosts, slots))
  const standard = {
    response_type: ['response_type', 'code'],
    client_id: ['client_id', clientIdOf(deps, app)],
    redirect_uri: ['redirect_uri', consent.redirectUri],
    scope: [scopeParameter, consent.scopes.join(scopeSeparator)],
  } as const
  for (const [name, [parameter, value]] of Object.entries(standard)) {
    const isLeftOut = leaveOut.some(one => one === name) || value === ''
    if (!isLeftOut) url.searchParams.set(parameter, value)
  }
  for (const [name, value] of Object.entries(filledParameters(parameters, slots))) url.searchParams.set(name, value)
  return url
}
