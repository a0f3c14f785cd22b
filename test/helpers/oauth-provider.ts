import { createHash, randomBytes } from 'node:crypto'
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

export interface OAuthProvider {
  origin: string
  mood: ProviderMood
  /** Every request it got: `METHOD path`. */
  requests: string[]
  /** Every token that it gave. */
  tokens: string[]
  revoked: string[]
  close(): Promise<void>
}

interface Grant {
  realm: string
  redirectUri: string
  challenge: string | null
}

/** A provider in the manner of QuickBooks on loopback: authorize, token, companyinfo and revoke, as strict as the real one. */
export async function openProvider(client: { id: string; secret: string }): Promise<OAuthProvider> {
  const grants = new Map<string, Grant>()
  const realms = new Map<string, string>()
  const provider: OAuthProvider = {
    origin: '',
    mood: { realm: '9341453900000001234', companyName: 'Acme Holdings' },
    requests: [],
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
    const send = (status: number, reply: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
    }
    if (url.pathname === '/connect/oauth2') return authorize(url.searchParams, response)
    if (url.pathname === '/oauth2/v1/tokens/bearer') return token(request, new URLSearchParams(body), send)
    if (url.pathname === '/v2/oauth2/tokens/revoke') {
      if (provider.mood.revokeStatus) return send(provider.mood.revokeStatus, {})
      if (request.headers.authorization !== basic()) return send(401, {})
      provider.revoked.push((JSON.parse(body) as { token: string }).token)
      return send(200, {})
    }
    const realm = /^\/v3\/company\/(\d+)\/companyinfo\/\1$/.exec(url.pathname)?.[1]
    if (!realm) return send(404, {})
    if (provider.mood.proofStatus) return send(provider.mood.proofStatus, { Fault: {} })
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? ''
    if (realms.get(bearer) !== realm) return send(403, { Fault: { type: 'AUTHENTICATION' } })
    return send(200, { CompanyInfo: { CompanyName: provider.mood.companyName, Id: '1' } })
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    if (query.get('client_id') !== client.id || query.get('response_type') !== 'code') {
      response.writeHead(400).end()
      return
    }
    const redirectUri = query.get('redirect_uri') ?? ''
    const back = new URL(redirectUri)
    back.searchParams.set('state', query.get('state') ?? '')
    if (provider.mood.refuses) back.searchParams.set('error', 'access_denied')
    else {
      const code = randomBytes(12).toString('hex')
      grants.set(code, { realm: provider.mood.realm, redirectUri, challenge: query.get('code_challenge') })
      back.searchParams.set('code', code)
      back.searchParams.set('realmId', provider.mood.claimedRealm ?? provider.mood.realm)
    }
    response.writeHead(302, { location: back.href }).end()
  }

  function token(
    request: IncomingMessage,
    form: URLSearchParams,
    send: (status: number, reply: unknown) => void,
  ): void {
    if (provider.mood.tokenStatus) return send(provider.mood.tokenStatus, { error: 'server_error' })
    if (request.headers.authorization !== basic()) return send(401, { error: 'invalid_client' })
    const code = form.get('code') ?? ''
    const grant = grants.get(code)
    grants.delete(code)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const fits = grant?.redirectUri === form.get('redirect_uri') && (grant.challenge ?? challenge) === challenge
    if (!grant || !fits || form.get('grant_type') !== 'authorization_code') {
      return send(400, { error: 'invalid_grant', error_description: 'the code is \u001b[31mnot\u001b[0m known' })
    }
    const access = `access-${randomBytes(16).toString('hex')}`
    const refresh = `refresh-${randomBytes(16).toString('hex')}`
    realms.set(access, grant.realm)
    provider.tokens.push(access, refresh)
    const reply = { access_token: access, refresh_token: refresh, token_type: 'bearer', expires_in: 3600 }
    send(200, { ...reply, x_refresh_token_expires_in: 8726400, ...provider.mood.tokenReply })
  }

  function basic(): string {
    return `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  provider.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return provider
}
