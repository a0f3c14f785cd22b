import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { holds } from '../core/holds.ts'
import { rawAt } from '../core/json-scan.ts'
import { find } from '../core/path.ts'
import { answerContext, type ItemContext, readValue } from '../core/value.ts'
import type { Path } from '../core/value-definition.ts'

/** What a token endpoint is asked for: tokens for a code, or new ones. */
export type TokenUse = 'code' | 'refresh'

/** A token endpoint's answer: as RFC 6749 has it, and what the OAuth library is not told of. */
export interface TokenAnswer {
  standard: Response
  /** As it came, for the accounts that it names. */
  bytes: Buffer
  /** When the tokens end, in ms; null where the answer does not say. */
  accessExpiresAt: number | null
  refreshExpiresAt: number | null
}

/**
 * Normalises a token endpoint's answer for the OAuth library: the one place that knows how providers deviate from
 * RFC 6749 section 5. It takes any 2xx, any content type, tokens elsewhere in the answer, any token type, scopes as a
 * list, empty fields, lifetimes as times, errors with 200. The ID token goes unread here: its issuer is not held to anything.
 * @throws WhsError `token-endpoint` (exit 10) for a server's failure and for what is no JSON object
 */
export async function readTokenReply(
  { company, oauth: { reply = {} } }: ProviderDefinition,
  response: Response,
  { now, use }: { now: number; use: TokenUse },
): Promise<TokenAnswer> {
  const { status } = response
  const bytes = Buffer.from(await response.arrayBuffer())
  const context = objectContext(bytes)
  if (status >= 500 || status === 429 || (!context && status < 400)) {
    const why = status < 400 ? `its answer (${status}) is no JSON object` : `it answered ${status}`
    throw endpointFailed(company, why, use)
  }
  const none = { bytes, accessExpiresAt: null, refreshExpiresAt: null }
  if (!context) return { ...none, standard: json(status, { error: plainError(status) }) }
  const at = (path: Path): unknown => jsonAt(context, path)
  const access = at(reply.access ?? '$.access_token')
  const failed = status >= 400 || (reply.failedWhen !== undefined && holds(context, reply.failedWhen))
  if (failed || typeof access !== 'string' || access === '') {
    const said = reply.error === undefined ? undefined : readValue(context, reply.error)?.text
    const error = said ?? errorOf(at('$.error'), at('$.errors'), status)
    const described = textOr(at('$.error_description'), undefined)
    const body = { error, ...(described === undefined ? {} : { error_description: described }) }
    return { ...none, standard: json(Math.max(status, 400), body) }
  }
  const clock = { now, theirs: Date.parse(response.headers.get('date') ?? '') || now }
  const refresh = textOr(at(reply.refresh ?? '$.refresh_token'), undefined)
  const scope = scopeText(at(reply.scope ?? '$.scope'))
  return {
    bytes,
    accessExpiresAt: endOf(context, clock, { at: reply.expiresAt, in: reply.expiresIn ?? '$.expires_in' }),
    refreshExpiresAt: endOf(context, clock, { at: reply.refreshExpiresAt, in: reply.refreshExpiresIn }),
    standard: json(200, {
      access_token: access,
      token_type: 'bearer',
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
      ...(scope === undefined ? {} : { scope }),
    }),
  }
}

function endpointFailed(company: string, why: string, use: TokenUse): WhsError {
  const base = { code: 'token-endpoint', exit: exits.api }
  if (use === 'refresh') {
    const next = 'wait a moment, then try again; the consent holds'
    return new WhsError({ ...base, what: `${company} could not refresh the token`, why, next })
  }
  return new WhsError({
    ...base,
    what: `${company} could not exchange the code`,
    why: `${why}; a code is good for one try, so the consent must be given again`,
    next: 'wait a moment, then connect again',
  })
}

function objectContext(bytes: Buffer): ItemContext | undefined {
  const context = answerContext(bytes)
  return context && rawAt(context.doc, 0).startsWith('{') ? context : undefined
}

function jsonAt({ doc, item }: ItemContext, path: Path): unknown {
  const found = find(doc, path, item)
  return found && (JSON.parse(rawAt(doc, found.node)) as unknown)
}

function textOr<Other>(value: unknown, other: Other): string | Other {
  return typeof value === 'string' && value !== '' ? value : other
}

function scopeText(value: unknown): string | undefined {
  return Array.isArray(value) ? value.join(' ') : textOr(value, undefined)
}

function errorOf(error: unknown, errors: unknown, status: number): string {
  return textOr(error, undefined) ?? (errors ? 'errors' : status < 400 ? 'no_access_token' : plainError(status))
}

function plainError(status: number): string {
  return status === 401 ? 'invalid_client' : `status_${status}`
}

/** Clocks that differ by less agree. */
const apartMs = 60_000

/**
 * An end by our clock, from a time (ISO, or Unix seconds) of theirs or from seconds; a lifetime of 0 says nothing. That the
 * two clocks agree is not taken for granted: the answer's `Date` says how late it is there.
 */
function endOf(
  context: ItemContext,
  { now, theirs }: { now: number; theirs: number },
  paths: { at?: Path | undefined; in?: Path | undefined },
): number | null {
  const time = paths.at === undefined ? undefined : readValue(context, paths.at)?.text
  if (time !== undefined) {
    const zoned = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(time) ? `${time}Z` : time
    const end = /^\d+$/.test(time) ? Number(time) * 1000 : Date.parse(zoned)
    const isApart = Math.abs(theirs - now) > apartMs
    if (Number.isFinite(end) && (!isApart || end > theirs)) return isApart ? now + (end - theirs) : end
  }
  const seconds = paths.in === undefined ? 0 : Number(readValue(context, paths.in)?.text ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? now + seconds * 1000 : null
}

function json(status: number, body: Record<string, unknown>): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
