import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginConsent, type ConsentDeps, type EndedConsent, hashOf, type MadeLink } from '../../src/connect/consent.ts'
import { consentRoutes } from '../../src/connect/consent-routes.ts'
import { redirectUri } from '../../src/connect/redirect.ts'
import type { Hosts, ProviderDefinition } from '../../src/core/definition.ts'
import type { OAuth } from '../../src/core/oauth-definition.ts'
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
  /** Of the app, besides its client secret. */
  secrets?: Record<string, string>
  settings?: Record<string, string>
  hosts?: Hosts
  /** Of the link, in ms. */
  lifeMs?: number
}

/** The wish of somebody who says nothing. */
export const anyWish = { tenants: [], accounts: [], claim: null, release: true, each: false, slots: {} }

/** The wish for one tenant by name. */
export function named(tenant: string): Pick<ConsentWish, 'tenants'> {
  return { tenants: [{ tenant, account: null }] }
}

/** All that the consent gave. @throws where the consent failed */
export function connectionsOf(outcome: ConsentOutcome): ConnectionResult[] {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return outcome.connections
}

/** The one connection that the consent gave. @throws where the consent failed or gave several */
export function connectionOf(outcome: ConsentOutcome): ConnectionResult {
  const [only, ...others] = connectionsOf(outcome)
  if (!only || others.length > 0) throw new Error(`${others.length + 1} connections`)
  return only
}

/** @throws where the consent did not fail */
export function failureOf(outcome: ConsentOutcome): ConsentFailure {
  if (outcome.ok) throw new Error(JSON.stringify(outcome.connections))
  return outcome.failure
}

/** The app of every world, as the provider knows it. */
export const client = { id: 'client-1', secret: 'very-secret_client.value' }

/** The provider of these tests with some of its parts changed. */
export function variantOf(
  parts: Partial<Omit<ProviderDefinition, 'oauth'>> & { oauth?: Partial<OAuth> },
): ProviderDefinition {
  const { oauth, ...others } = parts
  return { ...quickbooks, ...others, oauth: { ...quickbooks.oauth, ...oauth } }
}

/** All hosts of a definition at one origin; a slot of a host stands in the path. */
function loopbackHosts({ hosts }: ProviderDefinition, origin: string): Hosts {
  const roles = Object.entries(hosts.production ?? {})
  return Object.fromEntries(
    roles.map(([role, host]) => {
      const slot = /\{[^{}]+\}/.exec(host)?.[0]
      return [role, slot ? `${origin}/${role}~${slot}` : origin]
    }),
  )
}

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
      definitionOf: (): ProviderDefinition => definition,
      secretsOf: ({ id }, name) => store.read('readSecrets', { appId: id, name }),
      clientIdOf: app => app.clientId,
      settingsOf: app => app.settings,
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
    hosts: options.hosts ?? loopbackHosts(definition, provider.origin),
    settings: options.settings ?? {},
    secrets: { client: client.secret, ...options.secrets },
  })

  function makeLink(wish: Partial<ConsentWish> = {}): Promise<MadeLink> {
    const redirect = redirectUri(definition, { name: 'qbo', env: 'simulator' }, { port: main.port, publicUrl: null })
    return beginConsent(main.deps, {
      app: 'qbo',
      redirect,
      wish: { ...anyWish, ...wish },
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
    return provider.requests.filter(request => request.endsWith('/oauth2/v1/tokens/bearer')).length
  }

  async function close(): Promise<void> {
    for (const step of undo) await step()
    rmSync(home, { recursive: true })
  }

  return { ...main, home, provider, clock, makeLink, connect, outcomeOf, exchanges, another, close }
}
