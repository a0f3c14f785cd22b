import { hashOfKey } from '../../src/core/activation-key.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { WhsError } from '../../src/core/errors.ts'
import type { Keyring, PublicKeys } from '../../src/core/keyring.ts'
import type { ReceivingApp } from '../../src/receive/receiving-app.ts'
import type { Store } from '../../src/store/store.ts'
import { addFixtureApp, keyPathOf, longKey, receivingFixtureApp } from './fixture-app.ts'
import { type DeliveryFixture, deliveryFixtures, sampleFixtures } from './fixtures.ts'
import type { FuzzRequest } from './mutate.ts'
import { keyringFor, signedDelivery } from './provider-deliveries.ts'
import { receivingApp } from './receiving.ts'

/** An app that is sent made-up requests, and the good ones that they are made of. */
export interface FuzzApp {
  definition: ProviderDefinition
  receiving: ReceivingApp
  /** The time at which the good requests are good. */
  at: number
  keys: PublicKeys
  good: FuzzRequest[]
  /** Whether a request that is not one of the good ones can have no right signature. */
  isWholeBodySigned: boolean
  /** Signs a changed request anew, so that what reads verified deliveries sees it. */
  sign(request: FuzzRequest): FuzzRequest
}

/** Every app that may be fuzzed, made when it is first asked for: one of each delivery of the fixtures, one of each provider's samples. */
export function fuzzApps(store: Store, providers: readonly ProviderDefinition[]): (() => Promise<FuzzApp>)[] {
  let count = 0
  const ofFixtures = providers.flatMap(definition =>
    deliveryFixtures(definition.id).map(fixture => () => fixtureApp(store, definition, fixture, `f${++count}`)),
  )
  const ofSamples = providers.map(definition => () => sampleApp(store, definition, `s${++count}`))
  return [...ofFixtures, ...ofSamples, ...Array.from({ length: 8 }, () => ofSamples).flat()].map(make => once(make))
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

async function fixtureApp(
  store: Store,
  definition: ProviderDefinition,
  fixture: DeliveryFixture,
  name: string,
): Promise<FuzzApp> {
  const { at, keys, expect: wanted } = fixture
  const app = await addFixtureApp(store, definition, fixture, name, tenant => `${name}-${tenant}`)
  const items = wanted.outcome === 'accepted' ? (wanted.items as { accounts?: string[] }[]) : []
  const named = new Set(items.flatMap(({ accounts = [] }) => accounts))
  for (const [index, agreeing] of [...named].entries()) {
    for (const account of agreeing.split(' = ')) {
      const colon = account.indexOf(':')
      const [kind, value] = [account.slice(0, colon), account.slice(colon + 1)]
      const owners = await store.read('ownersOf', { appId: app.id, kind, value })
      if (owners.length > 0) continue
      await store.write('mapAccount', { app: name, kind, value, tenant: `${name}-t${index}`, release: false })
    }
  }
  const isGood = wanted.outcome === 'accepted' && wanted.verified === 'signature'
  const { method, headers, body } = fixture
  const suffix = keyPathOf(name, fixture) + fixture.suffix
  return {
    definition,
    receiving: await receivingFixtureApp(store, app, definition, fixture),
    at,
    keys,
    good: [{ method, headers, body, suffix }],
    isWholeBodySigned: isGood && isBodySigned(definition),
    sign: request => request,
  }
}

/** With keys of ours: what is signed with them verifies whatever it says. */
async function sampleApp(store: Store, definition: ProviderDefinition, name: string): Promise<FuzzApp> {
  const keyring: Keyring = keyringFor(definition, null)
  const own = keyring.secrets.filter(({ activation }) => activation === null)
  const secrets = Object.fromEntries(own.map(({ name: secret, value }) => [secret, value]))
  const common = { name, provider: definition.id, env: 'production' as const, clientId: 'client' }
  const app = await store.write('addApp', { ...common, hosts: {}, settings: {}, secrets })
  const hookSecret = keyring.secrets.find(({ activation, value }) => activation !== null && value !== undefined)
  await store.write('addActivation', {
    app: name,
    tenant: `${name}-hook`,
    kind: definition.activation.kind ?? null,
    providerId: null,
    keyHash: hashOfKey(longKey(name, 'hook')),
    state: 'active',
    secret: hookSecret ? { name: hookSecret.name, value: hookSecret.value } : null,
    release: false,
  })
  const key = definition.activation.keyed ? `/${longKey(name, 'hook')}` : ''
  const [url = ''] = keyring.urls
  return {
    definition,
    receiving: await receivingApp(store, app, definition, {
      urls: [url],
      slots: { ...keyring.slots, 'setting.callback': url },
      hosts: keyring.hosts,
    }),
    at: keyring.now,
    keys: keyring.keys,
    good: sampleFixtures(definition.id).map(({ headers, body }) => ({ method: 'POST', headers, body, suffix: '' })),
    isWholeBodySigned: false,
    sign(request) {
      try {
        const signed = signedDelivery(definition, request, keyring)
        return { ...signed, suffix: key + signed.suffix }
      } catch (error) {
        // Where each item brings its own token, nothing can be written into what has none.
        if (!(error instanceof WhsError)) throw error
        return { ...request, suffix: key + request.suffix }
      }
    },
  }
}

function isBodySigned({ webhook }: ProviderDefinition): boolean {
  return webhook.verify.every(scheme => 'signs' in scheme && scheme.signs.includes('body') && !scheme.when)
}
