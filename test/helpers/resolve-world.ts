import { createHmac } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { App } from '../../src/app/app.ts'
import type { Fact, ResolutionFact } from '../../src/app/facts.ts'
import { type ListenOptions, listen, type Session } from '../../src/app/listen.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Resolve } from '../../src/core/resolve-definition.ts'
import { parseRule } from '../../src/core/rule.ts'
import type { StoredEvent } from '../../src/store/event-ops.ts'
import { type HookAnswer, type HookRequest, serve } from './hook-provider.ts'
import { appHere, listenOptions } from './listener-here.ts'
import { type Handler, startHandler } from './simulated.ts'
import { smallDefinition, smallShape } from './small-definition.ts'
import { finishConsent } from './store-facts.ts'
import { tempHome } from './temp-home.ts'

/** What the provider's API knows, and does next; tests change it. */
export interface ThingsApi {
  origin: string
  /** Thing → the tokens that open it. */
  owners: Record<string, string[]>
  /** Thing → the accounts that it stands for, as the app is told. */
  accounts: Record<string, string[]>
  /** Every request: who asked, and for what. */
  asked: { token: string; basic: string; thing: string }[]
  /** Answers in the place of its own. */
  answer?: (request: HookRequest) => Promise<HookAnswer | undefined> | HookAnswer | undefined
}

export interface ResolveWorld {
  home: string
  app: App
  api: ThingsApi
  handler: Handler
  clock: { ahead: number }
  /** A tenant's consent, whose token is `token-<tenant>` and whose account `acc-<tenant>`. */
  consent(tenant: string, account?: string): Promise<void>
  listen(changes?: Partial<ListenOptions>): Promise<ResolvingListener>
  /** Stored events, oldest first, without those of our own. */
  events(): Promise<StoredEvent[]>
  /** Whose each of them is, and why it waits. */
  whose(): Promise<[tenant: string | null, reason: string | null][]>
}

export interface ResolvingListener {
  session: Session
  facts: Fact[]
  resolutions(): ResolutionFact[]
  /** Posts a delivery of things, each as an event, signed; the status. */
  post(things: (string | ThingEvent)[]): Promise<number>
  stop(): Promise<void>
}

export interface ThingEvent {
  thing?: string
  account_id?: string
  id?: string
}

const secret = 'webhook-s3cret-5ec2e7'

/** As the definitions of these tests ask. */
export const byTenant: Resolve = {
  name: 'thing',
  from: '@.thing',
  as: 'tenant',
  call: { method: 'GET', url: '{api}/things/{value}' },
}
export const byApp: Resolve = {
  name: 'thing',
  from: '@.thing',
  as: 'app',
  call: { method: 'GET', url: '{api}/whose/{value}', auth: { basic: ['{clientId}', '{secret.client}'] } },
  items: '$.accounts[*]',
  account: { kind: 'account', at: '@.id' },
}

export function resolvingDefinition(resolve: Resolve[]): ProviderDefinition {
  const small = smallDefinition({ shapes: [{ ...smallShape, id: '@.id' }] })
  return {
    ...small,
    hosts: { production: { authorize: 'https://small.example', api: 'https://api.small.example' } },
    activation: { per: 'app', by: 'portal', steps: ['Paste {callback}'] },
    resolve,
  }
}

async function openThingsApi(): Promise<ThingsApi> {
  const api: ThingsApi = { origin: '', owners: {}, accounts: {}, asked: [] }
  api.origin = await serve(async request => {
    const [, , kind, thing = ''] = request.path.split('/')
    const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    api.asked.push({ token: request.token, basic: Buffer.from(basic, 'base64').toString(), thing })
    const given = await api.answer?.(request)
    if (given) return given
    if (kind === 'whose') {
      const accounts = api.accounts[thing]
      return accounts ? { status: 200, body: { accounts: accounts.map(id => ({ id })) } } : { status: 404 }
    }
    return api.owners[thing]?.includes(request.token) ? { status: 200, body: { id: thing } } : { status: 404 }
  })
  return api
}

export async function openResolveWorld(...resolve: Resolve[]): Promise<ResolveWorld> {
  const api = await openThingsApi()
  const home = tempHome()
  const clock = { ahead: 0 }
  const now = (): number => Date.now() + clock.ahead
  const app = appHere(home, {}, now)
  const definition = resolvingDefinition(resolve.length > 0 ? resolve : [byTenant])
  await app
    .store()
    .write('addCustomProvider', { id: 'small', definition: JSON.stringify(definition), hash: 'h', replace: false })
  await app.store().write('addApp', {
    name: 'small',
    provider: 'small',
    env: 'simulator',
    clientId: 'client-1',
    hosts: { authorize: api.origin, api: `${api.origin}/api` },
    settings: {},
    secrets: { client: 'client-s3cret-5ec2e7', webhook: secret },
  })
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  let count = 0

  async function post(url: string, things: (string | ThingEvent)[]): Promise<number> {
    const events = things.map(one => {
      const thing = typeof one === 'string' ? { thing: one } : one
      return { type: 'thing.updated', id: `e${++count}`, ...thing }
    })
    const body = JSON.stringify({ events })
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-signature': signature }
    return (await fetch(`${url}/hooks/small`, { method: 'POST', headers, body })).status
  }

  async function events(): Promise<StoredEvent[]> {
    const all = await app.store().read('listEvents', { filter: {}, order: 'oldest', limit: 1_000 })
    return all.filter(({ source }) => source !== 'lifecycle')
  }

  return {
    home,
    app,
    api,
    handler,
    clock,
    async consent(tenant, account = `acc-${tenant}`) {
      const tokens = { access: `token-${tenant}`, refresh: null, accessExpiresAt: null, refreshExpiresAt: null }
      await finishConsent(app.store(), [{ tenant, accounts: [`account:${account}`] }], { app: 'small', ...tokens })
    },
    async listen(changes = {}) {
      const facts: Fact[] = []
      const here = appHere(home, {}, now)
      const rules = [parseRule(new URL(handler.url).port)]
      const session = await listen(here, { ...listenOptions(), rules, ...changes }, fact => void facts.push(fact))
      let ended: Promise<unknown> | undefined
      const stop = async (): Promise<void> => {
        ended ??= session.stop('the test is over')
        await ended
      }
      onTestFinished(stop)
      return {
        session,
        facts,
        resolutions: () => facts.filter((fact): fact is ResolutionFact => fact.kind === 'resolution'),
        post: things => post(session.ready.url, things),
        stop,
      }
    },
    events,
    async whose() {
      return (await events()).map(({ tenant, reason }) => [tenant, reason])
    },
  }
}
