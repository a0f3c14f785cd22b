import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginConsent, type ConsentDeps, type EndedConsent, hashOf, type MadeLink } from '../../src/connect/consent.ts'
import { consentRoutes } from '../../src/connect/consent-routes.ts'
import { redirectUri } from '../../src/connect/redirect.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { openDoor } from '../../src/net/door.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { ConnectionResult, ConsentFailure, ConsentOutcome, ConsentWish } from '../../src/store/consent-ops.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { type BrowserPage, openBrowser } from './browser.ts'
import { type OAuthProvider, openProvider } from './oauth-provider.ts'

/** One whs process as far as consents go: a store, a door, and what it was told. */
export interface ConsentProcess {
  deps: ConsentDeps
  store: Store
  port: number
  ended: EndedConsent[]
}

export interface ConsentWorld extends ConsentProcess {
  home: string
  provider: OAuthProvider
  /** Added to the clock of all processes, in ms. */
  clock: { ahead: number }
  makeLink(wish?: Partial<ConsentWish>): Promise<MadeLink>
  /** A whole consent in a browser of its own. */
  connect(wish?: Partial<ConsentWish>): Promise<{ page: BrowserPage; outcome: ConsentOutcome }>
  /** How a consent ended; null while it has not. */
  outcomeOf(link: string): Promise<ConsentOutcome | null>
  /** How many codes were exchanged at the provider. */
  exchanges(): number
  /** One more process on the same home. */
  another(changed?: Partial<ConsentDeps>): Promise<ConsentProcess>
  close(): Promise<void>
}

export interface WorldOptions {
  definition?: ProviderDefinition
  deps?: Partial<ConsentDeps>
  /** Of the link, in ms. */
  lifeMs?: number
}

/** The wish for one tenant by name. */
export function named(tenant: string): Pick<ConsentWish, 'tenants'> {
  return { tenants: [{ tenant, account: null }] }
}

/** @throws where the consent failed */
export function connectionOf(outcome: ConsentOutcome): ConnectionResult {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return outcome.connection
}

/** @throws where the consent did not fail */
export function failureOf(outcome: ConsentOutcome): ConsentFailure {
  if (outcome.ok) throw new Error(JSON.stringify(outcome.connection))
  return outcome.failure
}

const client = { id: 'client-1', secret: 'very-secret_client.value' }

/** A store with one app of a provider that runs on loopback, and an open door. */
export async function openConsentWorld(options: WorldOptions = {}): Promise<ConsentWorld> {
  const home = mkdtempSync(join(tmpdir(), 'whs-connect-'))
  const provider = await openProvider(client)
  const definition = options.definition ?? quickbooks
  const clock = { ahead: 0 }
  const now = (): number => Date.now() + clock.ahead
  const undo: (() => Promise<unknown>)[] = [provider.close]

  async function another(changed: Partial<ConsentDeps> = {}): Promise<ConsentProcess> {
    const store = openStore({ home, now })
    undo.unshift(() => store.close())
    const ended: EndedConsent[] = []
    const deps: ConsentDeps = {
      store,
      http: makeHttpCall({}),
      definitionOf: () => definition,
      secretsOf: ({ id }, name) => store.read('readSecrets', { appId: id, name }),
      clientIdOf: app => app.clientId,
      now,
      randomBytes,
      onOutcome: one => ended.push(one),
      ...changed,
    }
    const door = await openDoor({ port: 0, routes: consentRoutes(deps) })
    undo.unshift(door.close)
    return { deps, store, port: door.port, ended }
  }

  const main = await another(options.deps)
  await main.store.write('addApp', {
    name: 'qbo',
    provider: definition.id,
    env: 'simulator',
    clientId: client.id,
    hosts: { authorize: provider.origin, token: provider.origin, platform: provider.origin, api: provider.origin },
    settings: {},
    secrets: { client: client.secret },
  })

  function makeLink(wish: Partial<ConsentWish> = {}): Promise<MadeLink> {
    const redirect = redirectUri(definition, { name: 'qbo', env: 'simulator' }, { port: main.port, publicUrl: null })
    return beginConsent(main.deps, {
      app: 'qbo',
      redirect,
      wish: { tenants: [], accounts: [], claim: null, release: true, ...wish },
      scopes: null,
      lifeMs: options.lifeMs ?? 600_000,
    })
  }

  async function outcomeOf(link: string): Promise<ConsentOutcome | null> {
    return (await main.store.read('findConsent', { linkHash: hashOf(link) }))?.outcome ?? null
  }

  async function connect(wish?: Partial<ConsentWish>): Promise<{ page: BrowserPage; outcome: ConsentOutcome }> {
    const { link, url } = await makeLink(wish)
    const page = await openBrowser().post(url)
    return { page, outcome: (await outcomeOf(link)) as ConsentOutcome }
  }

  function exchanges(): number {
    return provider.requests.filter(request => request === 'POST /oauth2/v1/tokens/bearer').length
  }

  async function close(): Promise<void> {
    for (const step of undo) await step()
    rmSync(home, { recursive: true })
  }

  return { ...main, home, provider, clock, makeLink, connect, outcomeOf, exchanges, another, close }
}
