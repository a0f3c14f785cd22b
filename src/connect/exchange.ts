import type { Buffer } from 'node:buffer'
import * as oauth from 'oauth4webapi'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import type { OAuth } from '../core/oauth-definition.ts'
import { clip, safeText } from '../core/text.ts'
import type { ConsentContext, ConsentDeps } from './consent.ts'
import type { TokenAnswer } from './token-reply.ts'
import { clientRefused, isClientRefused, saidBy, tokenEndpoint } from './token-request.ts'

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
  const { definition, consent } = context
  const { tokenParameters: parameters = {} } = definition.oauth
  const { server, client, auth, options, answer } = tokenEndpoint(deps, context, { use: 'code', parameters, slots })
  // The state is known by its hash, and has met its consent; `checkCallback` has looked at `iss`.
  const query = new URLSearchParams(callback)
  query.delete('iss')
  try {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      auth,
      oauth.validateAuthResponse(server, client, query, oauth.skipStateCheck),
      consent.redirectUri,
      verifier ?? oauth.nopkce,
      options,
    )
    const read = await oauth.processAuthorizationCodeResponse(server, client, response)
    const tokens = tokensIn(definition.oauth, read, answer(), deps.now())
    // A reply without a scope granted what was asked for (RFC 6749 section 5.1).
    return { tokens: { ...tokens, scopes: tokens.scopes ?? consent.scopes }, reply: answer().bytes }
  } catch (error) {
    throw refusalOf(error, context, verifier === null ? slots : { ...slots, verifier })
  }
}

/** The tokens of an answer, and when they end: as it says, else as the definition does. Scopes: null where it says none. */
export function tokensIn(
  { accessSeconds, refresh: { seconds } }: OAuth,
  read: oauth.TokenEndpointResponse,
  { accessExpiresAt, refreshExpiresAt }: TokenAnswer,
  now: number,
): Omit<TokenSet, 'scopes' | 'access'> & { access: string; scopes: string[] | null } {
  const refresh = read.refresh_token ?? null
  const after = (life: number | null): number | null => (life === null ? null : now + life * 1000)
  return {
    access: read.access_token,
    refresh,
    scopes: read.scope === undefined ? null : read.scope.split(/[\s,]+/).filter(Boolean),
    accessExpiresAt: accessExpiresAt ?? after(accessSeconds),
    refreshExpiresAt: refresh === null ? null : (refreshExpiresAt ?? after(seconds ?? null)),
  }
}

function refusalOf(error: unknown, context: ConsentContext, slots: Slots): WhsError {
  if (error instanceof WhsError) return error
  const { app, definition } = context
  const next = `whs connect ${app.name}`
  const refusal = saidBy(error, slots)
  if (!refusal) {
    return new WhsError({
      code: 'token-endpoint',
      exit: exits.api,
      what: `${definition.company}'s answer to the code is not understood`,
      why: clip(safeText((error as Error).message), 200),
      next,
      cause: error,
    })
  }
  if (isClientRefused(refusal)) return clientRefused(context, refusal.said, error)
  return new WhsError({
    code: 'code-refused',
    exit: exits.consent,
    what: `${definition.company} refused the code that the browser brought`,
    why: `it said ${refusal.said}`,
    next,
    cause: error,
  })
}
