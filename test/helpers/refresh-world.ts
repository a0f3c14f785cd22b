import type { CallDeps } from '../../src/connect/call-place.ts'
import { tenantCall } from '../../src/connect/tenant-call.ts'
import type { Call } from '../../src/core/value-definition.ts'
import type { CallingConnection } from '../../src/store/connection-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { type DefinitionOptions, refreshDefinition, refreshDeps, things } from './refresh-deps.ts'
import { finishConsent } from './store-facts.ts'
import { tempHome, tempStore } from './temp-home.ts'
import { openTokenProvider, type TokenProvider } from './token-provider.ts'

export const oldTokens = { access: 'old-access-5ec2e7', refresh: 'old-refresh-5ec2e7' }

export interface RefreshWorld {
  home: string
  store: Store
  deps: CallDeps
  provider: TokenProvider
  /** Added to the clock of whs, in ms. */
  clock: { ahead: number }
  /** Acme's connection. */
  connection: string
  /** One call as acme; the statuses of its pages. */
  call(call?: Call): Promise<number[]>
  stored(): Promise<CallingConnection>
}

export interface RefreshWorldOptions extends DefinitionOptions {
  /** How long acme's token is good still, in ms; null: nobody knows an end. */
  leftMs?: number | null
  refresh?: string | null
  /** Others that live of the same consent. */
  others?: string[]
  writer?: boolean
}

/** A store with acme's connection, and the provider whose tokens it holds. */
export async function openRefreshWorld(options: RefreshWorldOptions = {}): Promise<RefreshWorld> {
  const { leftMs = -1000, refresh = oldTokens.refresh, others = [], writer = false } = options
  const provider = await openTokenProvider()
  provider.access.add(oldTokens.access)
  if (refresh !== null) provider.refresh.add(refresh)
  const clock = { ahead: 0 }
  const now = (): number => Date.now() + clock.ahead
  const home = tempHome()
  const store = await tempStore({ home, writer, now })
  await store.write('addApp', {
    name: 'small',
    provider: 'small',
    env: 'simulator',
    clientId: 'client-1',
    hosts: { api: `${provider.origin}/api` },
    settings: {},
    secrets: { client: 'client-s3cret-5ec2e7' },
  })
  const [first] = await finishConsent(
    store,
    ['acme', ...others].map((tenant, index) => ({ tenant, accounts: [`account:acc-${index + 1}`] })),
    {
      app: 'small',
      access: oldTokens.access,
      refresh,
      accessExpiresAt: leftMs === null ? null : now() + leftMs,
      refreshExpiresAt: null,
    },
  )
  const connection = first?.id ?? ''
  const deps = refreshDeps(store, refreshDefinition(options), now)
  return {
    home,
    store,
    deps,
    provider,
    clock,
    connection,
    async call(call = things) {
      const statuses: number[] = []
      for await (const { status } of tenantCall(deps, { connection }, call)) statuses.push(status)
      return statuses
    },
    async stored() {
      return (await store.read('findConnection', { id: connection })) as CallingConnection
    },
  }
}
