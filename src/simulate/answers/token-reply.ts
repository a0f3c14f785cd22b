import { Buffer } from 'node:buffer'
import type { TokenReply } from '../../core/oauth-definition.ts'
import { compilePath } from '../../core/path.ts'
import type { Path } from '../../core/value-definition.ts'
import type { Reply } from '../../net/door.ts'
import type { TokenPair } from '../grants.ts'
import { makeJwt } from '../keys.ts'
import type { World } from '../world.ts'
import { writeIdentity } from './identity.ts'
import { putJson } from './put-json.ts'
import { readAnswer } from './read-answer.ts'
import { makeHold, writeAnswer } from './write-answer.ts'

export const noStore = { 'cache-control': 'no-store' }

/** The token reply as the fixture has it, filled in: tokens, lifetimes, what it tells of accounts. */
export function tokenReply(world: World, pair: TokenPair, clientId: string): Reply {
  const { definition, fixtures, now } = world
  const { reply = {}, refresh } = definition.oauth
  const { companies, scope } = pair.grant
  let body = putJson(fixtures.token, reply.access ?? '$.access_token', pair.access)
  if (pair.refresh !== null && refresh.kind !== 'none') {
    body = putJson(body, reply.refresh ?? '$.refresh_token', pair.refresh)
  }
  body = lifetime(body, reply.expiresIn ?? '$.expires_in', pair.accessSeconds)
  body = moment(body, reply.expiresAt, pair.accessSeconds, now())
  body = lifetime(body, reply.refreshExpiresIn, pair.refreshSeconds)
  body = moment(body, reply.refreshExpiresAt, pair.refreshSeconds, now())
  const scopeAt = reply.scope ?? '$.scope'
  if (scope !== '' && readAnswer(body, scopeAt) !== undefined) body = putJson(body, scopeAt, scope)
  for (const [slot, value] of Object.entries(reply.learn ?? {})) {
    const text = companies[0]?.slots[slot]
    if (text !== undefined) body = writeAnswer(body, value, text)
  }
  if (definition.identity.from === 'token') body = writeIdentity(definition, body, companies)
  if (definition.identity.from === 'id-token' || readAnswer(body, '$.id_token') !== undefined) {
    body = putJson(body, '$.id_token', idToken(world, pair, clientId))
  }
  const headers = { ...noStore, 'content-type': 'application/json;charset=UTF-8' }
  return { status: 200, headers, body }
}

/** Seconds are filled in where the fixture has them. */
function lifetime(body: Buffer, path: Path | undefined, seconds: number | null): Buffer {
  if (path === undefined || seconds === null) return body
  const old = readAnswer(body, path)
  return old === undefined || Number(old) <= 0 ? body : putJson(body, path, seconds)
}

function moment(body: Buffer, path: Path | undefined, seconds: number | null, now: number): Buffer {
  if (path === undefined || seconds === null) return body
  const at = now + seconds * 1000
  const isIso = readAnswer(body, path)?.includes('-') ?? false
  return putJson(body, path, isIso ? new Date(at).toISOString() : Math.floor(at / 1000))
}

/** An ID token (OpenID Connect Core 1.0 section 2), signed by the simulator's own key. */
function idToken(
  { definition, hosts, keys, now }: World,
  { grant, accessSeconds }: TokenPair,
  clientId: string,
): string {
  const seconds = Math.floor(now() / 1000)
  const claims = { iss: Object.values(hosts)[0], aud: clientId, iat: seconds, exp: seconds + (accessSeconds ?? 3600) }
  const [company] = grant.companies
  const subject = company?.values[definition.accounts[0]?.kind ?? ''] ?? company?.name
  const plain = Buffer.from(JSON.stringify({ ...claims, sub: subject }))
  const told = definition.identity.from === 'id-token' ? writeIdentity(definition, plain, grant.companies) : plain
  return makeJwt(keys.rsa(), JSON.parse(told.toString()) as Record<string, unknown>, now())
}

/** A refusal of RFC 6749 section 5.2, or what the definition calls a failure with status 200. */
export function tokenError(reply: TokenReply | undefined, status: number, error: string, description: string): Reply {
  const headers = { ...noStore, 'content-type': 'application/json;charset=UTF-8' }
  const plain = { error, error_description: description }
  if (!reply?.failedWhen) return { status, headers, body: JSON.stringify(plain) }
  const failed = makeHold(Buffer.from(isErrorAt(reply) ? JSON.stringify(plain) : '{}'), reply.failedWhen)
  return { status: 200, headers, body: reply.error === undefined ? failed : writeAnswer(failed, reply.error, error) }
}

/** Whether the usual name of an error is not read as something else. */
function isErrorAt({ error }: TokenReply): boolean {
  if (typeof error !== 'string') return true
  const { steps } = compilePath(error)
  return steps.length === 1
}
