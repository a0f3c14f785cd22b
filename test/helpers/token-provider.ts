import { type HookAnswer, type HookRequest, serve } from './hook-provider.ts'

/** What the provider does next; tests change it. */
export interface TokenMood {
  /** Answers in the place of its own to token requests, in order. */
  tokenAnswers: (HookAnswer | 'cut' | 'issued, then cut')[]
  /** The same for calls of the API. */
  apiAnswers: HookAnswer[]
  /** Merged into the reply of a refresh. */
  reply: Record<string, unknown>
  /** A used refresh token is good no more; else all are, until `revoked`. */
  isStrict: boolean
  /** Every token is dead. */
  isRevoked: boolean
  /** Awaited in each token request before it is looked at. */
  onRefresh?(): Promise<void>
}

export interface TokenProvider {
  origin: string
  mood: TokenMood
  /** The refresh tokens that came, in order. */
  refreshes: string[]
  /** The client authentication of each. */
  fields: Record<string, unknown>[]
  /** The access tokens of the calls of its API. */
  calls: string[]
  /** Each of them as `METHOD path?query`, with its headers and the body of those that have one. */
  paths: string[]
  headers: Record<string, string>[]
  bodies: string[]
  /** Tokens that are good now. */
  access: Set<string>
  refresh: Set<string>
  /** Every token that it ever gave. */
  given: string[]
}

/** A provider whose tokens end: `POST /api/oauth/token` refreshes them, everything else under `/api/` wants a good one. */
export async function openTokenProvider(): Promise<TokenProvider> {
  const mood: TokenMood = { tokenAnswers: [], apiAnswers: [], reply: {}, isStrict: true, isRevoked: false }
  const provider: TokenProvider = {
    origin: '',
    mood,
    refreshes: [],
    fields: [],
    calls: [],
    paths: [],
    headers: [],
    bodies: [],
    access: new Set(),
    refresh: new Set(),
    given: [],
  }
  let count = 0

  async function answer(request: HookRequest): Promise<HookAnswer | 'cut'> {
    if (request.path === '/api/oauth/token') return token(request)
    provider.calls.push(request.token)
    const query = request.query.toString()
    provider.paths.push(`${request.method} ${request.path}${query === '' ? '' : `?${query}`}`)
    provider.headers.push(request.headers)
    if (request.text !== '') provider.bodies.push(request.text)
    const given = mood.apiAnswers.shift()
    if (given) return given
    if (mood.isRevoked || !provider.access.has(request.token)) return { status: 401, body: { error: 'bad token' } }
    return { status: 200, body: { path: request.path, page: request.query.get('page') ?? '1' } }
  }

  async function token({ body }: HookRequest): Promise<HookAnswer | 'cut'> {
    const used = String(body.refresh_token)
    provider.refreshes.push(used)
    provider.fields.push(body)
    await mood.onRefresh?.()
    const given = mood.tokenAnswers.shift()
    if (given && given !== 'issued, then cut') return given
    if (mood.isRevoked || !provider.refresh.has(used)) {
      return { status: 400, body: { error: 'invalid_grant', error_description: `${used} is not good` } }
    }
    if (mood.isStrict) provider.refresh.delete(used)
    count++
    const [access, refresh] = [`fresh-access-${count}-5ec2e7`, `fresh-refresh-${count}-5ec2e7`]
    provider.access.add(access)
    provider.refresh.add(refresh)
    provider.given.push(access, refresh)
    if (given) return 'cut'
    return { status: 200, body: { access_token: access, refresh_token: refresh, expires_in: 3600, ...mood.reply } }
  }

  provider.origin = await serve(answer)
  return provider
}
