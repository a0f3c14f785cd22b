import * as oauth from 'oauth4webapi'
import type { OAuth } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { clip, safeText } from '../core/text.ts'
import { fillUrl } from '../core/url-template.ts'
import { makeFetch } from '../net/call.ts'
import { basicCredentials } from './client-auth.ts'
import { type ConsentContext, type ConsentDeps, clientIdOf } from './consent.ts'
import { readTokenReply } from './token-reply.ts'

/** Tokens in clear, on their way into the store. Times in ms. */
export interface TokenSet {
  access: string
  refresh: string | null
  scopes: string[]
  accessExpiresAt: number
  refreshExpiresAt: number | null
}

export interface Exchange {
  /** What the callback brought; its state has matched already. */
  callback: URLSearchParams
  verifier: string | null
  secret: string
}

/**
 * Exchanges a code for tokens (RFC 6749 section 4.1.3).
 * @throws WhsError `code-refused`, `client-refused` (exit 4), `unreachable`, `token-endpoint` (exit 10)
 */
export async function exchangeCode(
  deps: ConsentDeps,
  context: ConsentContext,
  { callback, verifier, secret }: Exchange,
): Promise<TokenSet> {
  const { app, definition, hosts, consent } = context
  const tokenUrl = fillUrl(definition.oauth.tokenUrl, hosts)
  const { origin, protocol } = new URL(tokenUrl)
  const server: oauth.AuthorizationServer = { issuer: origin, token_endpoint: tokenUrl }
  const client: oauth.Client = { client_id: clientIdOf(deps, app) }
  const fetch = makeFetch({ call: deps.http, allow: url => url.origin === origin })
  // The state is known by its hash, and has met its consent. Each app has its own redirect URI, which is what keeps
  // servers from being mixed up where none says who it is (RFC 9700 section 4.4.2.2): `iss` has nothing to be held to.
  const parameters = new URLSearchParams(callback)
  parameters.delete('iss')
  try {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientAuth(definition.oauth, secret),
      oauth.validateAuthResponse(server, client, parameters, oauth.skipStateCheck),
      consent.redirectUri,
      verifier ?? oauth.nopkce,
      {
        [oauth.customFetch]: async (url, init) => readTokenReply(definition, await fetch(url, init)),
        // Plain http reaches this far only on this machine (`appHosts`).
        [oauth.allowInsecureRequests]: protocol === 'http:',
      },
    )
    const reply = await oauth.processAuthorizationCodeResponse(server, client, response)
    return tokensOf(definition.oauth, reply, consent.scopes, deps.now())
  } catch (error) {
    throw refusalOf(error, context)
  }
}

function clientAuth({ clientAuth }: OAuth, secret: string): oauth.ClientAuth {
  if (clientAuth === 'post') return oauth.ClientSecretPost(secret)
  return (_server, client, _body, headers) => headers.set('authorization', basicCredentials(client.client_id, secret))
}

function tokensOf(
  { accessSeconds, refreshExpiresIn }: OAuth,
  reply: oauth.TokenEndpointResponse,
  asked: string[],
  now: number,
): TokenSet {
  const refreshSeconds = refreshExpiresIn === undefined ? Number.NaN : Number(reply[refreshExpiresIn] ?? Number.NaN)
  return {
    access: reply.access_token,
    refresh: reply.refresh_token ?? null,
    // A reply without a scope granted what was asked for (RFC 6749 section 5.1).
    scopes: reply.scope === undefined ? asked : reply.scope.split(/[\s,]+/).filter(Boolean),
    accessExpiresAt: now + (reply.expires_in ?? accessSeconds) * 1000,
    refreshExpiresAt: Number.isFinite(refreshSeconds) ? now + refreshSeconds * 1000 : null,
  }
}

function refusalOf(error: unknown, { app, definition }: ConsentContext): WhsError {
  if (error instanceof WhsError) return error
  const next = `whs connect ${app.name}`
  if (!(error instanceof oauth.ResponseBodyError)) {
    return new WhsError({
      code: 'token-endpoint',
      exit: exits.api,
      what: `${definition.company}'s answer to the code is not understood`,
      why: clip(safeText((error as Error).message), 200),
      next,
      cause: error,
    })
  }
  const said = clip(safeText([error.error, error.error_description].filter(Boolean).join(': ')), 200)
  if (error.error === 'invalid_client' || error.error === 'unauthorized_client' || error.status === 401) {
    return new WhsError({
      code: 'client-refused',
      exit: exits.consent,
      what: `${definition.company} refused the client id or secret of ${app.name}`,
      why: `it said ${said}`,
      next: `whs app set ${app.name} --client-secret -`,
      cause: error,
    })
  }
  return new WhsError({
    code: 'code-refused',
    exit: exits.consent,
    what: `${definition.company} refused the code that the browser brought`,
    why: `it said ${said}`,
    next,
    cause: error,
  })
}
