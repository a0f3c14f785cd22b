import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { myCrm } from './my-crm.ts'

/** What it does next; tests change it. */
export interface TellingMood {
  /** `html`: 200 with a page that holds the tokens that it gave. */
  token: 'good' | 'refused' | 'failing' | 'html'
  revoke: 'good' | 'refused'
  /** Each access token is dead as soon as it was given, or since. */
  isDead: boolean
}

/** A provider that repeats, wherever it says no, every secret that it was sent, and in several forms. */
export interface TellingProvider {
  origin: string
  mood: TellingMood
  /** Each secret that went to it or came from it. */
  secrets: Set<string>
  revoked: string[]
}

/** The bytes that `GET /api/binary` answers with: no text, and a token's worth of everything that is. */
export const binaryAnswer = Buffer.from(Array.from({ length: 1024 }, (_, index) => (index * 7) % 256))

/** Its definition; tenants may have a key as well. */
export const tellingDefinition: ProviderDefinition = {
  ...myCrm,
  oauth: {
    ...myCrm.oauth,
    redirect: { production: 'loopback' },
    revoke: { url: '{api}/oauth/revoke', body: 'form', field: 'token', token: 'refresh' },
  },
  credentials: {
    key: { label: 'API key', where: 'My CRM > Settings > API' },
    identity: { from: { method: 'GET', url: '{api}/me' }, accounts: { account: '$.id' }, name: '$.name' },
  },
}

export async function openTellingProvider(key: string): Promise<TellingProvider> {
  const mood: TellingMood = { token: 'good', revoke: 'good', isDead: false }
  const provider: TellingProvider = { origin: '', mood, secrets: new Set([key]), revoked: [] }
  const good = new Set<string>([key])
  let count = 0
  const made = (kind: string): string => {
    const one = `leak.${kind}-${++count}~5ec2e7/ABC+def=`
    provider.secrets.add(one)
    return one
  }
  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', provider.origin)
    let body = ''
    for await (const chunk of request) body += chunk
    const sent = Object.fromEntries(new URLSearchParams(body))
    const { authorization = '' } = request.headers
    for (const name of ['client_secret', 'code', 'code_verifier', 'refresh_token', 'token']) {
      if (sent[name]) provider.secrets.add(sent[name])
    }
    if (authorization !== '') provider.secrets.add(authorization.split(' ')[1] as string)
    const send = (status: number, reply: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
    }
    /** An error that repeats all. */
    const tell = (status: number, error = 'bad_request'): void => {
      const all = [authorization, ...Object.values(sent), url.href]
      const error_description = `not good: ${all.join(' ')} | ${all.map(encodeURIComponent).join(' ')}`
      response.setHeader('retry-after', '3600')
      response.setHeader('location', `/elsewhere?${all.map(encodeURIComponent).join('&')}`)
      response.setHeader('x-told', JSON.stringify(all.map(encodeURIComponent)))
      response.setHeader('www-authenticate', `Bearer error="invalid_token", error_description="${authorization}"`)
      send(status, { error, error_description, sent, headers: request.headers })
    }
    if (url.pathname === '/oauth/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') as string)
      back.searchParams.set('code', made('code'))
      back.searchParams.set('account_id', 'acc-1')
      back.searchParams.set('state', url.searchParams.get('state') as string)
      return void response.writeHead(302, { location: back.href }).end()
    }
    if (url.pathname === '/oauth/token') {
      if (mood.token === 'refused') return tell(400, 'invalid_grant')
      if (mood.token === 'failing') return tell(500)
      const [access_token, refresh_token] = [made('access'), made('refresh')] as [string, string]
      good.add(access_token)
      if (mood.token === 'html') return void response.end(`<p>${access_token} ${refresh_token}</p>`)
      return send(200, { access_token, refresh_token, token_type: 'bearer', expires_in: 3600 })
    }
    if (url.pathname === '/oauth/revoke') {
      if (mood.revoke === 'refused') return tell(400)
      provider.revoked.push(sent.token ?? '')
      return send(200, {})
    }
    const token = authorization.replace('Bearer ', '')
    if (mood.isDead || !good.has(token)) return tell(401, 'invalid_token')
    if (url.pathname === '/accounts/acc-1') return send(200, { id: 'acc-1', name: 'Acme Holdings' })
    if (url.pathname === '/me') return send(200, { id: 'acc-2', name: 'Globex' })
    if (url.pathname === '/binary') return void response.end(binaryAnswer)
    tell(Number(/^\/tell\/(\d+)$/.exec(url.pathname)?.[1] ?? 404))
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  provider.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return provider
}
