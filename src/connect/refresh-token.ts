import * as oauth from 'oauth4webapi'
import { exits, WhsError } from '../core/errors.ts'
import { clip, safeText } from '../core/text.ts'
import { answerContext } from '../core/value.ts'
import { type CallDeps, type CallPlace, secretSlot } from './call-place.ts'
import { type TokenSet, tokensIn } from './exchange.ts'
import { refreshTimeoutMs } from './refreshes.ts'
import { learnedSlots } from './slots.ts'
import { clientRefused, isClientRefused, saidBy, tokenEndpoint } from './token-request.ts'

/** What came of one request with a refresh token. */
export type RefreshAnswer =
  | { refreshed: true; tokens: Omit<TokenSet, 'scopes'>; scopes: string[] | null; slots: Record<string, string> }
  /** The refresh token is no good any more; what the provider said. */
  | { refreshed: false; said: string }

/**
 * Asks the token endpoint for new tokens (RFC 6749 section 6). An answer without a refresh token leaves the present one
 * valid, for as long as it was.
 * @throws WhsError `no-client-id`, `no-client-secret` (exit 3), `client-refused` (exit 4), `unreachable`,
 * `token-endpoint` (exit 10): none of them says that the consent is over
 */
export async function requestRefresh(deps: CallDeps, place: CallPlace, refreshToken: string): Promise<RefreshAnswer> {
  const { definition, connection } = place
  const { refresh, reply = {} } = definition.oauth
  const { parameters = {} } = refresh
  const slots = { ...place.slots, ...(await secretSlot(deps, place, 'client')) }
  const http: CallDeps['http'] = request => deps.http({ timeoutMs: refreshTimeoutMs, ...request })
  const endpoint = tokenEndpoint({ ...deps, http }, place, { use: 'refresh', parameters, slots })
  const { server, client, auth, options, answer } = endpoint
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, auth, refreshToken, options)
    const read = await oauth.processRefreshTokenResponse(server, client, response)
    const { scopes, ...fresh } = tokensIn(definition.oauth, read, answer(), deps.now())
    const context = answerContext(answer().bytes)
    const learned = context && reply.learn ? learnedSlots(context, reply.learn, definition.company) : {}
    const kept = { refresh: refreshToken, refreshExpiresAt: answer().refreshExpiresAt ?? connection.refreshExpiresAt }
    return { refreshed: true, tokens: fresh.refresh === null ? { ...fresh, ...kept } : fresh, scopes, slots: learned }
  } catch (error) {
    if (error instanceof WhsError) throw error
    const refusal = saidBy(error, { ...slots, refreshToken })
    if (!refusal) throw notUnderstood(place, (error as Error).message)
    // Some say of a dead refresh token what others say of an unknown client.
    const words = ['invalid_grant', ...(refresh.refused ?? [])]
    if (words.includes(refusal.error)) return { refreshed: false, said: refusal.said }
    if (isClientRefused(refusal)) throw clientRefused(place, refusal.said, error)
    throw notUnderstood(place, `it answered ${refusal.status}: ${refusal.said}`)
  }
}

function notUnderstood({ definition }: CallPlace, why: string): WhsError {
  return new WhsError({
    code: 'token-endpoint',
    exit: exits.api,
    what: `${definition.company} did not refresh the token`,
    why: clip(safeText(why), 200),
    next: 'try again later; the consent holds as long as nothing else is said',
  })
}
