import { Buffer } from 'node:buffer'
import type { Reply, RouteRequest } from '../../net/door.ts'
import type { SimulatedApp } from '../apps.ts'
import { type Company, companiesAt } from '../companies.ts'
import { fitsChallenge } from '../grants.ts'
import { takeFailure } from '../knobs.ts'
import type { World } from '../world.ts'
import { failedReply } from './failed-reply.ts'
import { matchCall } from './match-call.ts'
import { hasSlot } from './match-template.ts'
import type { Place } from './match-url.ts'
import { noStore, tokenError, tokenReply } from './token-reply.ts'

type Fields = Record<string, string>

/** The token endpoint (RFC 6749 §4.1.3 and §6), with the errors of §5.2, in the words of the definition. */
export function takeTokenRequest(world: World, place: Place, request: RouteRequest): Reply {
  const { oauth } = world.definition
  const refuse = (error: string, description: string): Reply => tokenError(oauth.reply, 400, error, description)
  const failure = takeFailure(world.knobs, 'token')
  if (failure) return failedReply(failure)
  const fields = oauth.tokenBody === 'json' ? jsonFields(request.body) : Object.fromEntries(request.form)
  if (!fields) return refuse('invalid_request', 'The body must be JSON.')
  const app = clientOf(world, request, fields)
  if (!app) return invalidClient(world, request)
  const { grant_type: grantType } = fields
  if (grantType === 'refresh_token') {
    const pair = world.grants.refresh(fields.refresh_token ?? '', app.clientId)
    if (pair) return tokenReply(world, pair, app.clientId)
    return refuse('invalid_grant', 'The refresh token is unknown, revoked or expired.')
  }
  if (!grantType) return refuse('invalid_request', 'grant_type is missing.')
  if (grantType !== 'authorization_code') {
    return refuse('unsupported_grant_type', 'It must be authorization_code or refresh_token.')
  }
  return exchange(world, app, fields, place)
}

function exchange(world: World, app: SimulatedApp, fields: Fields, place: Place): Reply {
  const { definition, grants } = world
  const { oauth } = definition
  const refuse = (error: string, description: string): Reply => tokenError(oauth.reply, 400, error, description)
  const { code, redirect_uri: redirectUri } = fields
  const needsRedirect = !oauth.leaveOut?.includes('redirect_uri')
  if (!code || (!redirectUri && needsRedirect)) return refuse('invalid_request', 'code or redirect_uri is missing.')
  for (const [name, template] of Object.entries(oauth.tokenParameters ?? {})) {
    if (!fields[name] || (!hasSlot(template) && fields[name] !== template)) {
      return refuse('invalid_request', `${name} is missing, or not ${template}.`)
    }
  }
  const found = grants.takeCode(code, app.clientId)
  if (!found) return refuse('invalid_grant', 'The code is unknown, expired, used or another app’s.')
  if (found.redirectUri !== null && needsRedirect && found.redirectUri !== redirectUri) {
    return refuse('invalid_grant', 'redirect_uri is another than at the consent.')
  }
  if (!fitsChallenge(found.challenge, fields.code_verifier ?? null)) {
    return refuse('invalid_grant', 'code_verifier does not fit the code_challenge.')
  }
  if (companiesAt(definition, found.grant.companies, place.slots).length === 0) {
    return refuse('invalid_grant', 'The code was given for another account than this address is of.')
  }
  return tokenReply(world, grants.issue(found.grant), app.clientId)
}

/** The revocation endpoint (RFC 7009), or the call of the definition: ends the whole consent, whichever of its tokens comes. */
export function takeRevocation(world: World, place: Place, request: RouteRequest): Reply | undefined {
  const { revoke, reply } = world.definition.oauth
  if (!revoke) return undefined
  if ('call' in revoke) return revokeByCall(world, place, request)
  const fields = revoke.body === 'form' ? Object.fromEntries(request.form) : (jsonFields(request.body) ?? {})
  const app = clientOf(world, request, fields)
  if (!app) return invalidClient(world, request)
  const token = fields[revoke.field]
  if (!token) return tokenError(reply, 400, 'invalid_request', `${revoke.field} is missing.`)
  world.grants.revoke(token, app.clientId)
  return { status: 200, headers: noStore }
}

/** By the call's own words: a token of the consent, or the app's secret with the account. */
function revokeByCall(world: World, place: Place, request: RouteRequest): Reply | undefined {
  const { revoke } = world.definition.oauth
  const matched = revoke && 'call' in revoke ? matchCall(revoke.call, place, request) : undefined
  if (!matched) return undefined
  const { token, refreshToken, ...slots } = matched.slots
  const app = matched.proved ? world.appOf(slots) : undefined
  const given = token ?? refreshToken
  const named = (all: Company[]): Company[] => companiesAt(world.definition, all, slots)
  if (!matched.proved || (given === undefined && !app)) return invalidClient(world, request)
  if (given !== undefined) world.grants.revokeToken(given, named)
  else if (app) world.grants.revokeCompanies(app.clientId, named(world.companies))
  return { status: 200, headers: { ...noStore, 'content-type': 'application/json' }, body: '{}' }
}

function jsonFields(body: Buffer): Fields | undefined {
  try {
    const value = JSON.parse(body.toString()) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.fromEntries(
      Object.entries(value).filter((field): field is [string, string] => typeof field[1] === 'string'),
    )
  } catch {
    return undefined
  }
}

/** The app whose id and secret came in the one way that the definition says (RFC 6749 §2.3.1). */
function clientOf(world: World, request: RouteRequest, fields: Fields): SimulatedApp | undefined {
  const posted = { id: fields.client_id ?? '', secret: fields.client_secret ?? '' }
  const given = world.definition.oauth.clientAuth === 'basic' ? fromBasic(request) : posted
  const app = given && given.id !== 'default' ? world.apps.get(given.id) : undefined
  return app && given?.secret === app.secrets.client ? app : undefined
}

function fromBasic({ headers }: RouteRequest): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1]
  const text = Buffer.from(encoded ?? '', 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  return { id: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) }
}

function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? ''
}

function invalidClient({ definition }: World, { headers }: RouteRequest): Reply {
  const reply = tokenError(definition.oauth.reply, 401, 'invalid_client', 'Client id and secret do not fit.')
  if (!headers.authorization || reply.status === 200) return reply
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="simulator"' } }
}
