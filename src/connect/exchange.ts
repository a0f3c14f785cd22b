import type { Buffer } from 'node:buffer'
import * as oauth from 'oauth4webapi'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import type { OAuth } from '../core/oauth-definition.ts'
import { clip, safeText } from '../core/text.ts'
import { fillUrl } from '../core/url-template.ts'
import { makeFetch } from '../net/call.ts'
import { basicCredentials } from './client-auth.ts'
import { type ConsentContext, type ConsentDeps, clientIdOf } from './consent.ts'
import { filledParameters } from './slots.ts'
import { readTokenReply, type TokenAnswer } from './token-reply.ts'

/** Tokens in clear, on their way into the store; without any where the consent gives none. Times in ms. */
export interface TokenSet {
  access: string | null
  refresh: string | null
  scopes: string[]
  /** Null: until it is revoked. */
  accessExpiresAt: number | null
  refreshExpiresAt: number | null
}

export interface Exchanged {
  tokens: TokenSet & { access: string }
  /** The token endpoint's answer as it came. */
  reply: Buffer
}

export interface Exchange {
  /** What the callback brought; its state has matched already. */
  callback: URLSearchParams
  verifier: string | null
  /** With `secret.client` and the callback's parameters. */
  slots: Slots
}

/**
 * Exchanges a code for tokens (RFC 6749 section 4.1.3), in the form that the definition names.
 * @throws WhsError `code-refused`, `client-refused` (exit 4), `unreachable`, `token-endpoint` (exit 10)
 */
export async function exchangeCode(
  deps: ConsentDeps,
  context: ConsentContext,
  { callback, verifier, slots }: Exchange,
): Promise<Exchanged> {
  const { app, definition, hosts, consent } = context
  const tokenUrl = fillUrl(definition.oauth.tokenUrl ?? '', hosts, slots)
  const { origin, protocol } = new URL(tokenUrl)
  const server: oauth.AuthorizationServer = { issuer: origin, token_endpoint: tokenUrl }
  const client: oauth.Client = { client_id: clientIdOf(deps, app) }
  const fetch = makeFetch({ call: deps.http, allow: url => url.origin === origin })
  let answer: TokenAnswer | undefined
  const send = async (url: string, init: TokenRequest): Promise<Response> => {
    answer = await readTokenReply(definition, await fetch(url, formed(definition.oauth, init, slots)), deps.now())
    return answer.standard
  }
  // The state is known by its hash, and has met its consent. Each app has its own redirect URI, which is what keeps
  // servers from being mixed up where none says who it is (RFC 9700 section 4.4.2.2): `iss` has nothing to be held to.
  const parameters = new URLSearchParams(callback)
  parameters.delete('iss')
  try {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientAuth(definition.oauth, slots['secret.client'] ?? ''),
      oauth.validateAuthResponse(server, client, parameters, oauth.skipStateCheck),
      consent.redirectUri,
      verifier ?? oauth.nopkce,
      // Plain http reaches this far only on this machine (`appHosts`).
      { [oauth.customFetch]: send, [oauth.allowInsecureRequests]: protocol === 'http:' },
    )
    const read = await oauth.processAuthorizationCodeResponse(server, client, response)
    return exchanged(definition.oauth, read, answer as TokenAnswer, { asked: consent.scopes, now: deps.now() })
  } catch (error) {
    throw refusalOf(error, context)
  }
}

function clientAuth({ clientAuth }: OAuth, secret: string): oauth.ClientAuth {
  if (clientAuth === 'post') return oauth.ClientSecretPost(secret)
  return (_server, client, _body, headers) => headers.set('authorization', basicCredentials(client.client_id, secret))
}

type TokenRequest = oauth.CustomFetchOptions<'POST', URLSearchParams>

/** The library's request as this provider wants it: its own parameters, and perhaps JSON. */
function formed(
  { leaveOut = [], tokenParameters = {}, tokenBody = 'form' }: OAuth,
  { method, headers, body }: TokenRequest,
  slots: Slots,
): RequestInit {
  const fields = new URLSearchParams(body)
  // Where the authorization URL had none, the token request must have none (RFC 6749 section 4.1.3).
  if (leaveOut.includes('redirect_uri')) fields.delete('redirect_uri')
  for (const [name, value] of Object.entries(filledParameters(tokenParameters, slots))) fields.set(name, value)
  if (tokenBody === 'form') return { method, headers, body: fields }
  const typed = { ...headers, 'content-type': 'application/json' }
  return { method, headers: typed, body: JSON.stringify(Object.fromEntries(fields)) }
}

function exchanged(
  { accessSeconds }: OAuth,
  read: oauth.TokenEndpointResponse,
  { bytes, accessExpiresAt, refreshExpiresAt }: TokenAnswer,
  { asked, now }: { asked: string[]; now: number },
): Exchanged {
  const byDefault = accessSeconds === null ? null : now + accessSeconds * 1000
  const tokens = {
    access: read.access_token,
    refresh: read.refresh_token ?? null,
    // A reply without a scope granted what was asked for (RFC 6749 section 5.1).
    scopes: read.scope === undefined ? asked : read.scope.split(/[\s,]+/).filter(Boolean),
    accessExpiresAt: accessExpiresAt ?? byDefault,
    refreshExpiresAt,
  }
  return { tokens, reply: bytes }
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
