import { Buffer } from 'node:buffer'
import type { Reply, RouteRequest } from '../net/door.ts'
import type { SimulatedApp } from './apps.ts'
import { fitsChallenge, type TokenPair } from './grants.ts'
import type { World } from './world.ts'

/** The token endpoint (RFC 6749 §4.1.3 and §6), with the errors of §5.2. */
export function takeTokenRequest(world: World, request: RouteRequest): Reply {
  const { form } = request
  const app = clientOf(world, request)
  if (!app) return invalidClient(request)
  const grantType = form.get('grant_type')
  if (grantType === 'authorization_code') return exchange(world, app, form)
  if (grantType === 'refresh_token') {
    const pair = world.grants.refresh(form.get('refresh_token') ?? '', app.clientId)
    return pair ? tokens(world, pair) : oauthError('invalid_grant', 'The refresh token is unknown, revoked or expired.')
  }
  if (!grantType) return oauthError('invalid_request', 'grant_type is missing.')
  return oauthError('unsupported_grant_type', 'It must be authorization_code or refresh_token.')
}

function exchange(world: World, app: SimulatedApp, form: URLSearchParams): Reply {
  const code = form.get('code')
  const redirectUri = form.get('redirect_uri')
  if (!code || !redirectUri) return oauthError('invalid_request', 'code or redirect_uri is missing.')
  const found = world.grants.takeCode(code, app.clientId)
  if (!found) return oauthError('invalid_grant', 'The code is unknown, expired, used or another app’s.')
  if (found.redirectUri !== redirectUri)
    return oauthError('invalid_grant', 'redirect_uri is another than at the consent.')
  if (!fitsChallenge(found.challenge, form.get('code_verifier'))) {
    return oauthError('invalid_grant', 'code_verifier does not fit the code_challenge.')
  }
  return tokens(world, world.grants.issue(found.grant))
}

/** The token reply as the fixture has it, filled in. */
function tokens({ fixtures, definition }: World, pair: TokenPair): Reply {
  const lifetime = definition.oauth.refreshExpiresIn
  const body = {
    ...fixtures.token,
    access_token: pair.access,
    refresh_token: pair.refresh,
    expires_in: pair.accessSeconds,
    ...(lifetime ? { [lifetime]: pair.refreshSeconds } : {}),
  }
  return json(200, body)
}

/** The revocation endpoint (RFC 7009): ends the whole consent, whichever of its tokens comes. */
export function takeRevocation(world: World, request: RouteRequest): Reply {
  const { revoke } = world.definition.oauth
  const app = clientOf(world, request)
  if (!app || !revoke) return invalidClient(request)
  const token = revoke.body === 'form' ? request.form.get(revoke.field) : jsonField(request.body, revoke.field)
  if (!token) return oauthError('invalid_request', `${revoke.field} is missing.`)
  world.grants.revoke(token, app.clientId)
  return { status: 200, headers: noStore }
}

function jsonField(body: Buffer, field: string): string | undefined {
  try {
    const value = (JSON.parse(body.toString()) as Record<string, unknown> | null)?.[field]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** The app whose id and secret came in the one way that the definition says (RFC 6749 §2.3.1). */
function clientOf(world: World, request: RouteRequest): SimulatedApp | undefined {
  const given = world.definition.oauth.clientAuth === 'basic' ? fromBasic(request) : fromForm(request)
  const app = given && given.id !== 'default' ? world.apps.get(given.id) : undefined
  return app && given?.secret === app.clientSecret ? app : undefined
}

interface Credentials {
  id: string
  secret: string
}

function fromBasic({ headers }: RouteRequest): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1]
  const text = Buffer.from(encoded ?? '', 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  return { id: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) }
}

function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? ''
}

function fromForm({ form }: RouteRequest): Credentials {
  return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
}

const noStore = { 'cache-control': 'no-store' }

function json(status: number, body: unknown): Reply {
  const headers = { ...noStore, 'content-type': 'application/json;charset=UTF-8' }
  return { status, headers, body: JSON.stringify(body) }
}

function oauthError(error: string, description: string): Reply {
  return json(400, { error, error_description: description })
}

function invalidClient({ headers }: RouteRequest): Reply {
  const reply = json(401, { error: 'invalid_client', error_description: 'Client id and secret do not fit.' })
  if (!headers.authorization) return reply
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="simulator"' } }
}
