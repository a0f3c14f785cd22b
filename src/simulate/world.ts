import { Buffer } from 'node:buffer'
import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import type { HttpCall } from '../net/call.ts'
import { slotsBehind } from './answers/match-template.ts'
import { type Apps, openApps, type SimulatedApp } from './apps.ts'
import { type Catalogue, openCatalogue } from './catalogue.ts'
import { type Company, openCompanies } from './companies.ts'
import { type Deliveries, openDeliveries } from './deliveries.ts'
import { type ProviderFixtures, readFixtures } from './fixtures.ts'
import { type Grants, openGrants } from './grants.ts'
import { type History, openHistory } from './history.ts'
import { type Hook, type Hooks, openHooks } from './hooks.ts'
import { simulatorHosts } from './hosts.ts'
import { type Keys, makeJwt, openKeys } from './keys.ts'
import type { Knobs } from './knobs.ts'
import { lifetimesOf } from './lifetimes.ts'

/** One simulated provider: its customers, the apps registered with it, their consents, and what it has sent. */
export interface World {
  definition: ProviderDefinition
  hosts: Hosts
  fixtures: ProviderFixtures
  catalogue: Catalogue
  companies: Company[]
  apps: Apps
  hooks: Hooks
  grants: Grants
  deliveries: Deliveries
  keys: Keys
  knobs: Knobs
  history: History
  httpCall: HttpCall
  /** Where a hook's deliveries go: its own URL, else its app's. */
  urlOf(hook: Hook): string | null
  /** The app whose id or secrets (`clientId`, `secret.<name>`) a request brought, all of them right. */
  appOf(slots: Record<string, string>): SimulatedApp | undefined
  now(): number
  randomBytes(length: number): Uint8Array
}

export interface WorldOptions {
  now(): number
  randomBytes(length: number): Uint8Array
  /** Lifetimes of tokens and pauses between retries are divided by this. */
  timeScale: number
  httpCall: HttpCall
}

/** The worlds of a simulator. One is built when it is first asked for, so that many providers cost nothing. */
export interface Worlds {
  definitions: ProviderDefinition[]
  get(id: string): World | undefined
  /** Those that have been asked for. */
  open(): World[]
}

export function openWorlds(
  definitions: ProviderDefinition[],
  dirOf: (id: string) => string,
  base: string,
  options: WorldOptions,
): Worlds {
  const opened = new Map<string, World>()
  const keys = openKeys()
  return {
    definitions,
    open: () => [...opened.values()],
    get(id) {
      const known = opened.get(id)
      const definition = definitions.find(one => one.id === id)
      if (known || !definition) return known
      const world = openWorld(definition, dirOf(id), base, keys, options)
      opened.set(id, world)
      return world
    },
  }
}

function openWorld(
  definition: ProviderDefinition,
  dir: string,
  base: string,
  keys: Keys,
  options: WorldOptions,
): World {
  const { now, randomBytes, timeScale, httpCall } = options
  const fixtures = readFixtures(definition, dir)
  const companies = openCompanies(fixtures.accounts, now())
  const apps = openApps({ definition, randomBytes })
  const claims = slotsBehind(definition, 'access.')
  const accessToken = (random: string): string =>
    claims.length === 0 ? random : makeJwt(keys.rsa(), { ...claimsOf(claims, randomBytes), jti: random }, now())
  return {
    definition,
    hosts: simulatorHosts(base, definition),
    fixtures,
    catalogue: openCatalogue(definition, fixtures),
    companies,
    apps,
    hooks: openHooks({ definition, companies, apps, now, randomBytes }),
    grants: openGrants({
      definition,
      ...lifetimesOf(definition, fixtures),
      accessToken,
      timeScale,
      now,
      randomBytes,
    }),
    deliveries: openDeliveries({ definition, timeScale, now, httpCall }),
    keys,
    knobs: { failures: [], quota: null },
    history: openHistory(),
    httpCall,
    urlOf: ({ url, clientId }) => url ?? apps.get(clientId)?.callbackUrl ?? null,
    appOf: slots => apps.list().find(app => isApp(app, slots)),
    now,
    randomBytes,
  }
}

/** Claims that calls of the definition carry on (`{access.<claim>}`): random ones of this token. */
function claimsOf(names: string[], randomBytes: WorldOptions['randomBytes']): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, Buffer.from(randomBytes(16)).toString('hex')]))
}

function isApp(app: SimulatedApp, slots: Record<string, string>): boolean {
  const secrets = Object.entries(slots).filter(([name]) => name.startsWith('secret.'))
  const named = slots.clientId === undefined ? secrets.length > 0 : slots.clientId === app.clientId
  return named && secrets.every(([name, value]) => app.secrets[name.slice('secret.'.length)] === value)
}
