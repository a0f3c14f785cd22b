import { Buffer } from 'node:buffer'
import { createHmac, randomBytes } from 'node:crypto'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { EventKind } from '../../src/simulate/catalogue.ts'
import type { SentDelivery } from '../../src/simulate/deliveries.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulate/simulator.ts'
import { fixtureDir } from './fixtures.ts'

export interface PortalApp {
  clientId: string
  clientSecret: string
  webhookSecret: string
  secrets: Record<string, string>
  settings: Record<string, string>
  redirectUris: string[]
  callbackUrl: string | null
  shape: string
  hosts: Record<string, string>
}

export interface Simulated extends Simulator {
  url(path: string): string
  /** JSON to the simulator; the answer's status and JSON. */
  json(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }>
  app(settings?: object): Promise<PortalApp>
  /** Makes a change; throws with the simulator's words where it is refused. */
  change(wish: object): Promise<SentDelivery[]>
  /** All events that can be sent. */
  events(): Promise<EventKind[]>
}

/** A simulator on a free port, by default of QuickBooks alone. */
export async function startSimulated(
  options: Partial<SimulatorOptions> & { definition?: ProviderDefinition } = {},
): Promise<Simulated> {
  const { definition = quickbooks, ...rest } = options
  const simulator = await startSimulator({
    port: 0,
    providers: [definition],
    fixtures: fixtureDir,
    now: Date.now,
    randomBytes,
    timeScale: 1,
    httpCall: makeHttpCall({}),
    ...rest,
  })
  const url = (path: string): string => `${simulator.base}/${definition.id}${path}`
  const json: Simulated['json'] = async (method, path, body) => {
    const answer = await fetch(url(path), { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    return { status: answer.status, body: (await answer.json()) as never }
  }
  return {
    ...simulator,
    url,
    json,
    async change(wish) {
      const { status, body } = await json('POST', '/control/change', wish)
      if (status !== 200) throw new Error(`${status}: ${(body as { error: string }).error}`)
      return (body as { deliveries: SentDelivery[] }).deliveries
    },
    events: async () => ((await json('GET', '/control/events')).body as { events: EventKind[] }).events,
    app: async settings =>
      (await json('PUT', '/portal/apps/default', { redirectUris: [redirectUri], ...settings })).body,
  }
}

export const acme = '9341453900000001234'
export const globex = '9341453900000005678'
export const initech = '9341453900000009999'
export const redirectUri = 'http://localhost:4400/oauth/callback/quickbooks'

/** The consent page's URL for an app, with parameters changed or (`null`) left out. */
export function authorizeUrl(app: PortalApp, changes: Record<string, string | null> = {}): string {
  const url = new URL(`${app.hosts.authorize}/connect/oauth2`)
  const usual = {
    client_id: app.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'com.intuit.quickbooks.accounting',
    state: 'st4te',
  }
  for (const [name, value] of Object.entries({ ...usual, ...changes }))
    if (value !== null) url.searchParams.set(name, value)
  return url.href
}

/** A person's decision at the consent page; where it leads. */
export async function decide(url: string, decision: 'allow' | 'refuse', ...accounts: string[]): Promise<URL> {
  const body = new URLSearchParams({ decision })
  for (const account of accounts) body.append('account', account)
  const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' })
  if (answer.status !== 302) throw new Error(`${answer.status}: ${await answer.text()}`)
  return new URL(answer.headers.get('location') as string)
}

/** A consent from the page (its URL changed as `authorizeUrl` does) to the tokens; the access token. */
export async function connect(
  app: PortalApp,
  account: string,
  changes: Record<string, string | null> = {},
): Promise<string> {
  const back = await decide(authorizeUrl(app, changes), 'allow', account)
  const code = back.searchParams.get('code') as string
  const answer = await fetch(`${app.hosts.token}/oauth2/v1/tokens/bearer`, {
    method: 'POST',
    headers: { authorization: basicOf(app) },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

export function basicOf({ clientId, clientSecret }: PortalApp): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
}

export interface Arrived {
  method: string
  url: string
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  body: Buffer
}
export interface Handler {
  url: string
  arrived: Arrived[]
  /** Resolves when so many have arrived. */
  count(wanted: number): Promise<void>
  close(): Promise<void>
}

export interface HandlerAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
}

/**
 * A callback URL; `answer` gets the number of the request, from 1, and the request, and gives a status or an answer, or
 * null to stay silent.
 */
export async function startHandler(
  answer: (number: number, arrived: Arrived) => number | HandlerAnswer | null = () => 200,
): Promise<Handler> {
  const arrived: Arrived[] = []
  const waiting: { wanted: number; done: () => void }[] = []
  const server: Server = createServer((request, response) => void take(request, response))
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers, rawHeaders } = request
    const one = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) }
    arrived.push(one)
    const given = answer(arrived.length, one)
    const said = typeof given === 'number' ? { status: given, body: `answer ${arrived.length}` } : given
    if (said !== null) response.writeHead(said.status, said.headers).end(said.body)
    for (const { wanted, done } of waiting) if (arrived.length >= wanted) done()
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/quickbooks`,
    arrived,
    count: wanted =>
      new Promise(done => {
        waiting.push({ wanted, done })
        if (arrived.length >= wanted) done()
      }),
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** Intuit's scheme in one line, so that no code of ours judges what code of ours signed. */
export function isSigned({ headers, body }: Arrived, secret: string): boolean {
  return headers['intuit-signature'] === createHmac('sha256', secret).update(body).digest('base64')
}
