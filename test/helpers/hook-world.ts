import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { ActivationDeps } from '../../src/connect/activation/activation-deps.ts'
import type { Activation, ActivationApi } from '../../src/core/activation-definition.ts'
import type { Hosts, ProviderDefinition } from '../../src/core/definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { openDoor } from '../../src/net/door.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import type { HandshakeFact } from '../../src/receive/take-handshake.ts'
import type { StoredActivation } from '../../src/store/activation-ops.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { receiverDeps, receivingApp } from './receiving.ts'
import { hmacScheme, smallDefinition } from './small-definition.ts'
import { finishConsent } from './store-facts.ts'
import { tempHome, tempStore } from './temp-home.ts'

const hooks = '{api}/hooks'
const ends = { at: '$.ends', unit: 'iso' as const }

/** The API that `openHookProvider` has, as a definition says it. */
export const hookApi: ActivationApi = {
  resources: {
    call: { method: 'GET', url: '{api}/boards' },
    items: '$.boards[*]',
    id: '@.id',
    name: '@.name',
    usual: { at: '@.main', is: 'true' },
  },
  list: {
    call: { method: 'GET', url: hooks, page: { by: 'cursor', parameter: 'cursor', at: '$.next' } },
    items: '$.hooks[*]',
    id: '@.id',
    url: '@.url',
    resource: '@.board',
    expires: { at: '@.ends', unit: 'iso' },
  },
  create: {
    method: 'POST',
    url: hooks,
    body: { json: { url: '{callback}', board: '{resource}', secret: '{secret}' } },
  },
  made: { id: '$.id', expires: ends },
  renew: { call: { method: 'POST', url: `${hooks}/{activation}/renew` }, expires: ends },
  move: { method: 'PATCH', url: `${hooks}/{activation}`, body: { json: { url: '{callback}' } } },
  remove: { method: 'DELETE', url: `${hooks}/{activation}` },
  scopes: ['hooks:write', 'boards:read'],
}

/** A provider with one hook a board, by API, whose secret we choose and whose URL has a key. */
export function hookDefinition(
  api: Partial<ActivationApi> = {},
  activation: Partial<Activation> = {},
): ProviderDefinition {
  const small = smallDefinition({ verify: [{ ...hmacScheme, key: { secret: 'webhook', of: 'activation' } }] })
  return {
    ...small,
    hosts: { production: { api: 'https://api.small.example' } },
    activation: {
      per: 'resource',
      by: 'api',
      keyed: true,
      secret: 'chosen',
      noun: 'board',
      days: 7,
      steps: ['Paste {callback}'],
      ...activation,
      api: { ...hookApi, ...api },
    },
  }
}

export interface HookWorld {
  deps: ActivationDeps
  store: Store
  app: App
  /** The connection of acme. */
  connection: string
  /** Today's callback URL. */
  callback: string
  /** The time of whs and of the provider. */
  clock: { now: number }
  handshakes: HandshakeFact[]
  rows(): Promise<StoredActivation[]>
}

export interface HookWorldOptions {
  definition: ProviderDefinition
  /** Where its hosts are, or each of them. */
  origin: string | Hosts
  clock: { now: number }
  secrets?: Record<string, string>
  settings?: Record<string, string>
  accounts?: string[]
  /** What the consent asked or learned. */
  slots?: Record<string, string>
  token?: string
  clientId?: string
  scopes?: string[]
  /** Of acme's token. */
  endsAt?: number | null
}

/** A store with one app and acme's connection, and the receiver on a real port. */
export async function openHookWorld(options: HookWorldOptions): Promise<HookWorld> {
  const { definition, origin, clock } = options
  const now = (): number => clock.now
  const store = await tempStore({ home: tempHome(), writer: false, now })
  const roles = Object.keys(definition.hosts.production ?? {})
  const hosts = typeof origin === 'string' ? Object.fromEntries(roles.map(role => [role, `${origin}/${role}`])) : origin
  const app = await store.write('addApp', {
    name: 'small',
    provider: definition.id,
    env: 'simulator',
    clientId: options.clientId ?? 'client-1',
    hosts,
    settings: options.settings ?? {},
    secrets: { client: 'client-s3cret-5ec2e7', ...options.secrets },
  })
  const { kind } = definition.accounts[0] as { kind: string }
  const [connection] = await finishConsent(
    store,
    [{ tenant: 'acme', accounts: options.accounts ?? [`${kind}:acc-1`], slots: options.slots ?? {} }],
    {
      app: 'small',
      scopes: options.scopes ?? ['hooks:write', 'boards:read'],
      access: options.token ?? 'token-of-acme-5ec2e7',
      refresh: null,
      accessExpiresAt: options.endsAt ?? null,
    },
  )
  const handshakes: HandshakeFact[] = []
  const receiver = makeReceiver({
    ...receiverDeps(store),
    loadApps: async () => new Map([['small', await receivingApp(store, app, definition)]]),
    onHandshake: fact => handshakes.push(fact),
    now,
  })
  const door = await openDoor({ port: 0, routes: [], raw: receiver })
  onTestFinished(() => door.close())
  const deps: ActivationDeps = {
    store,
    http: makeHttpCall({}),
    definitionOf: () => definition,
    secretsOf: ({ id }, name) => store.read('readSecrets', { appId: id, name }),
    clientIdOf: one => one.clientId,
    settingsOf: one => one.settings,
    now,
    randomBytes,
  }
  return {
    deps,
    store,
    app,
    connection: connection?.id ?? '',
    callback: `http://127.0.0.1:${door.port}/hooks/small`,
    clock,
    handshakes,
    rows: () => store.read('listActivations', { app: 'small' }),
  }
}
