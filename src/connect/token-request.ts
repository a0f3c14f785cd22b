import * as oauth from 'oauth4webapi'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import type { OAuth } from '../core/oauth-definition.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { clip, safeText } from '../core/text.ts'
import { fillUrl } from '../core/url-template.ts'
import type { TextTemplate } from '../core/value-definition.ts'
import { makeFetch } from '../net/call.ts'
import type { CallPlace } from './call-place.ts'
import { basicCredentials } from './client-auth.ts'
import { type ConsentDeps, clientIdOf } from './consent.ts'
import { withoutSecrets } from './said.ts'
import { filledParameters } from './slots.ts'
import { readTokenReply, type TokenAnswer, type TokenUse } from './token-reply.ts'

/** A token endpoint, as the OAuth library takes it. */
export interface TokenEndpoint {
  server: oauth.AuthorizationServer
  client: oauth.Client
  auth: oauth.ClientAuth
  options: oauth.TokenEndpointRequestOptions
  /** The last answer, with what the library is not told of. */
  answer(): TokenAnswer
}

export interface TokenEndpointUse {
  use: TokenUse
  /** Of the request, besides those of the grant. */
  parameters: Record<string, TextTemplate>
  /** With `secret.client`. */
  slots: Slots
}

/**
 * The token endpoint of an app in the form that its definition names: client authentication, body, parameters, reply.
 * Redirects are not followed, and only the endpoint's own origin is called.
 * @throws WhsError `no-client-id` (exit 3), those of `fillUrl`
 */
export function tokenEndpoint(
  deps: Pick<ConsentDeps, 'http' | 'clientIdOf' | 'now'>,
  { app, definition, hosts }: Pick<CallPlace, 'app' | 'definition' | 'hosts'>,
  { use, parameters, slots }: TokenEndpointUse,
): TokenEndpoint {
  const tokenUrl = fillUrl(definition.oauth.tokenUrl ?? '', hosts, slots)
  const { origin, protocol } = new URL(tokenUrl)
  const fetch = makeFetch({ call: deps.http, allow: url => url.origin === origin })
  let answer: TokenAnswer | undefined
  const send = async (url: string, init: TokenRequest): Promise<Response> => {
    const request = formed(definition.oauth, init, filledParameters(parameters, slots))
    answer = await readTokenReply(definition, await fetch(url, request), { now: deps.now(), use })
    return answer.standard
  }
  return {
    server: { issuer: origin, token_endpoint: tokenUrl },
    client: { client_id: clientIdOf(deps, app) },
    auth: clientAuth(definition.oauth, slots['secret.client'] ?? ''),
    // Plain http reaches this far only on this machine (`appHosts`).
    options: { [oauth.customFetch]: send, [oauth.allowInsecureRequests]: protocol === 'http:' },
    answer: () => answer as TokenAnswer,
  }
}

function clientAuth({ clientAuth }: OAuth, secret: string): oauth.ClientAuth {
  if (clientAuth === 'post') return oauth.ClientSecretPost(secret)
  return (_server, client, _body, headers) => headers.set('authorization', basicCredentials(client.client_id, secret))
}

type TokenRequest = oauth.CustomFetchOptions<'POST', URLSearchParams>

/** The library's request as this provider wants it: its own parameters, and perhaps JSON. */
function formed(
  { leaveOut = [], tokenBody = 'form' }: OAuth,
  { method, headers, body }: TokenRequest,
  parameters: Record<string, string>,
): RequestInit {
  const fields = new URLSearchParams(body)
  // Where the authorization URL had none, the token request must have none (RFC 6749 section 4.1.3).
  if (leaveOut.includes('redirect_uri')) fields.delete('redirect_uri')
  for (const [name, value] of Object.entries(parameters)) fields.set(name, value)
  if (tokenBody === 'form') return { method, headers, body: fields }
  const typed = { ...headers, 'content-type': 'application/json' }
  return { method, headers: typed, body: JSON.stringify(Object.fromEntries(fields)) }
}

/**
 * What a token endpoint said no with, without what it may repeat of `slots`; undefined for what is no answer of RFC 6749
 * section 5.2.
 */
export function saidBy(error: unknown, slots: Slots): { error: string; said: string; status: number } | undefined {
  if (!(error instanceof oauth.ResponseBodyError)) return undefined
  const text = [error.error, error.error_description].filter(Boolean).join(': ')
  const said = clip(safeText(withoutSecrets(text, slots)), 200)
  return { error: error.error, said, status: error.status }
}

/** Whether it is the app's own id or secret that was refused (RFC 6749 section 5.2). */
export function isClientRefused({ error, status }: { error: string; status: number }): boolean {
  return error === 'invalid_client' || error === 'unauthorized_client' || status === 401
}

export function clientRefused(
  { app, definition }: Pick<CallPlace, 'app' | 'definition'>,
  said: string,
  cause: unknown,
): WhsError {
  return new WhsError({
    code: 'client-refused',
    exit: exits.consent,
    what: `${definition.company} refused the client id or secret of ${app.name}`,
    why: `it said ${said}`,
    next: `whs app set ${app.name} ${secretFlag('client')}`,
    cause,
  })
}
