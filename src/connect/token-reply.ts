import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'

/**
 * Normalises a token endpoint's answer for the OAuth library: the one place that knows how providers deviate from
 * RFC 6749 section 5. It takes any 2xx, any content type, a missing token type, scopes as a list, empty fields, errors with
 * 200; an ID token goes unread, since accounts come from elsewhere.
 * @throws WhsError `token-endpoint` (exit 10) for a server's failure and for what is no JSON object
 */
export async function readTokenReply({ company }: ProviderDefinition, response: Response): Promise<Response> {
  const { status } = response
  const reply = objectOf(await response.text())
  if (status >= 500 || status === 429 || (!reply && status < 400)) {
    const why = status < 400 ? `its answer (${status}) is no JSON object` : `it answered ${status}`
    throw new WhsError({
      code: 'token-endpoint',
      exit: exits.api,
      what: `${company} could not exchange the code`,
      why: `${why}; a code is good for one try, so the consent must be given again`,
      next: 'wait a moment, then connect again',
    })
  }
  if (!reply) return json(status, { error: status === 401 ? 'invalid_client' : `status_${status}` })
  if (typeof reply.access_token !== 'string' || status >= 400) {
    return json(Math.max(status, 400), { ...reply, error: errorOf(reply, status) })
  }
  const { id_token: _unread, ...rest } = reply
  return json(200, {
    ...withoutEmpty(rest),
    token_type: typeof reply.token_type === 'string' && reply.token_type ? reply.token_type : 'bearer',
    ...(Array.isArray(reply.scope) ? { scope: reply.scope.join(' ') } : {}),
  })
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {}
  return undefined
}

function errorOf({ error, errors }: Record<string, unknown>, status: number): string {
  if (typeof error === 'string' && error) return error
  return status === 401 ? 'invalid_client' : errors ? 'errors' : 'no_access_token'
}

function withoutEmpty(reply: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(reply).filter(([, value]) => value !== null && value !== ''))
}

function json(status: number, body: Record<string, unknown>): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
