import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the provider does next; tests change it. */
export interface ProviderMood {
  /** The company that the person chooses, and its name. */
  realm: string
  companyName: string
  /** What the callback says instead of the chosen realm, as somebody who edits the address would. */
  claimedRealm?: string
  /** The person presses Refuse. */
  refuses?: boolean
  /** Statuses in the place of what the endpoints would say. */
  tokenStatus?: number
  proofStatus?: number
  revokeStatus?: number
  /** Merged into the token reply; null takes a field out. */
  tokenReply?: Record<string, unknown>
}

/** How this provider's OAuth differs from the usual one. */
export interface Dialect {
  /** How the token request must be written; another one is refused. */
  body: 'form' | 'json'
  auth: 'basic' | 'post'
  /** Where the browser is sent back to if the authorization URL does not say, as registered in a portal. */
  registeredRedirect?: string
  /** What a refusal brings as `error`. */
  denial: string
  /** The parameters of the callback, besides the state. Without `code` there is nothing to exchange. */
  callback(code: string, mood: ProviderMood): Record<string, string>
  /** The parameter in which the callback is signed with the client secret. */
  signs?: string
  /** Who it says it is, in the `iss` of every callback. */
  issuer?: string
  /** The token endpoint's answer and status. */
  reply(tokens: { access: string; refresh: string }): { status?: number; body: unknown }
}

export interface FakeRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: string
  /** The bearer token; empty without one. */
  bearer: string
}
export interface FakeAnswer {
  status?: number
  headers?: Record<string, string>
  body: unknown
}

export interface OAuthProvider {
  origin: string
  mood: ProviderMood
  dialect: Dialect
  /** Answers of its API by `METHOD path`. */
  api: Record<string, (request: FakeRequest) => FakeAnswer>
  /** Every request it got: `METHOD path`. */
  requests: string[]
  /** The authorization URLs' parameters, and the fields of the token requests. */
  authorized: Record<string, string>[]
  exchanged: Record<string, string>[]
  /** Every token that it gave. */
  tokens: string[]
  revoked: string[]
  close(): Promise<void>
}

interface Grant {
  realm: string
  redirectUri: string | null
  challenge: string | null
}

/** A provider on loopback: authorize, token, companyinfo and revoke in the manner of QuickBooks, as strict as the real one. */
export async function openProvider(client: { id: string; secret: string }): Promise<OAuthProvider> {
  const grants = new Map<string, Grant>()
  const realms = new Map<string, string>()
  const provider: OAuthProvider = {
    origin: '',
    mood: { realm: '9341453900000001234', companyName: 'Acme Holdings' },
    dialect: {
      body: 'form',
      auth: 'basic',
      denial: 'access_denied',
      callback: (code, { realm, claimedRealm }) => ({ code, realmId: claimedRealm ?? realm }),
      reply: ({ access, refresh }) => ({
        body: {
          access_token: access,
          refresh_token: refresh,
          token_type: 'bearer',
          expires_in: 3600,
          x_refresh_token_expires_in: 8726400,
        },
      }),
    },
    api: {},
    requests: [],
    authorized: [],
    exchanged: [],
    tokens: [],
    revoked: [],
    close: () => new Promise(resolve => void server.close(() => resolve())),
  }
  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', provider.origin)
    let body = ''
    for await (const chunk of request) body += chunk
    provider.requests.push(`${request.method} ${url.pathname}`)
    response.setHeader('connection', 'close')
    const send = (status: number, reply: unknown, headers: Record<string, string> = {}): void => {
      const text = typeof reply === 'string' ? reply : JSON.stringify(reply)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
    }
    if (url.pathname.endsWith('/connect/oauth2')) return authorize(url.searchParams, response)
    if (url.pathname.endsWith('/oauth2/v1/tokens/bearer')) return token(request, body, send)
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? ''
    const own = provider.api[`${request.method} ${url.pathname}`]
    if (own) {
      const { method = '', headers } = request
      const asked = { method, path: url.pathname, query: url.searchParams, headers, body, bearer }
      const { status = 200, headers: more, body: reply } = own(asked)
      return send(status, reply, more)
    }
    if (url.pathname === '/v2/oauth2/tokens/revoke') {
      if (provider.mood.revokeStatus) return send(provider.mood.revokeStatus, {})
      if (request.headers.authorization !== basic()) return send(401, {})
      provider.revoked.push((JSON.parse(body) as { token: string }).token)
      return send(200, {})
    }
    const realm = /^\/v3\/company\/(\d+)\/companyinfo\/\1$/.exec(url.pathname)?.[1]
    if (!realm) return send(404, {})
    if (provider.mood.proofStatus) return send(provider.mood.proofStatus, { Fault: {} })
    if (realms.get(bearer) !== realm) return send(403, { Fault: { type: 'AUTHENTICATION' } })
    return send(200, { CompanyInfo: { CompanyName: provider.mood.companyName, Id: '1' } })
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    provider.authorized.push(Object.fromEntries(query))
    const { dialect, mood } = provider
    const redirectUri = query.get('redirect_uri')
    const back = new URL(redirectUri ?? dialect.registeredRedirect ?? '')
    if (mood.refuses) back.searchParams.set('error', dialect.denial)
    else {
      const code = randomBytes(12).toString('hex')
      grants.set(code, { realm: mood.realm, redirectUri, challenge: query.get('code_challenge') })
      for (const [name, value] of Object.entries(dialect.callback(code, mood))) back.searchParams.set(name, value)
    }
    back.searchParams.set('state', query.get('state') ?? '')
    if (dialect.issuer !== undefined) back.searchParams.set('iss', dialect.issuer)
    if (dialect.signs) back.searchParams.set(dialect.signs, signed(back.searchParams))
    response.writeHead(302, { location: back.href }).end()
  }

  /** The parameters as a provider signs them, made without code of the program. */
  function signed(parameters: URLSearchParams): string {
    const pairs = [...parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    return createHmac('sha256', client.secret).update(pairs.sort().join('&')).digest('hex')
  }

  function token(request: IncomingMessage, body: string, send: (status: number, reply: unknown) => void): void {
    const { mood, dialect } = provider
    if (mood.tokenStatus) return send(mood.tokenStatus, { error: 'server_error' })
    const isJson = request.headers['content-type'] === 'application/json'
    if (isJson !== (dialect.body === 'json')) return send(415, { error: 'unsupported_media_type' })
    const fields = isJson
      ? (JSON.parse(body) as Record<string, string>)
      : (Object.fromEntries(new URLSearchParams(body)) as Record<string, string>)
    provider.exchanged.push(fields)
    const isPosted = fields.client_id === client.id && fields.client_secret === client.secret
    if (dialect.auth === 'basic' ? request.headers.authorization !== basic() : !isPosted) {
      return send(401, { error: 'invalid_client' })
    }
    const grant = grants.get(fields.code ?? '')
    grants.delete(fields.code ?? '')
    const challenge = createHash('sha256')
      .update(fields.code_verifier ?? '')
      .digest('base64url')
    const fits =
      (grant?.redirectUri ?? undefined) === fields.redirect_uri && (grant?.challenge ?? challenge) === challenge
    if (!grant || !fits || fields.grant_type !== 'authorization_code') {
      return send(400, { error: 'invalid_grant', error_description: 'the code is \u001b[31mnot\u001b[0m known' })
    }
    const access = `access-${randomBytes(16).toString('hex')}`
    const refresh = `refresh-${randomBytes(16).toString('hex')}`
    realms.set(access, grant.realm)
    provider.tokens.push(access, refresh)
    const { status = 200, body: reply } = dialect.reply({ access, refresh })
    send(status, mood.tokenReply ? { ...(reply as object), ...mood.tokenReply } : reply)
  }

  function basic(): string {
    return `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  provider.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return provider
}
