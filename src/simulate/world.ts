import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import type { HttpCall } from '../net/call.ts'
import { type Apps, openApps } from './apps.ts'
import { type Company, openCompanies } from './companies.ts'
import { type Deliveries, openDeliveries } from './deliveries.ts'
import { type ProviderFixtures, readFixtures } from './fixtures.ts'
import { type Grants, openGrants } from './grants.ts'
import { simulatorHosts } from './hosts.ts'

/** One simulated provider: its customers, the apps registered with it, their consents, and what it has sent. */
export interface World {
  definition: ProviderDefinition
  hosts: Hosts
  fixtures: ProviderFixtures
  companies: Company[]
  apps: Apps
  grants: Grants
  deliveries: Deliveries
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

/**
 * Builds a provider's world from its definition and the folder of its fixtures.
 * @throws WhsError `no-fixtures` (exit 2)
 */
export function openWorld(definition: ProviderDefinition, dir: string, base: string, options: WorldOptions): World {
  const { now, randomBytes, timeScale, httpCall } = options
  const fixtures = readFixtures(definition, dir)
  const lifetime = definition.oauth.refreshExpiresIn
  const refreshSeconds = Number((lifetime && fixtures.token[lifetime]) ?? defaultRefreshSeconds)
  return {
    definition,
    hosts: simulatorHosts(base, definition),
    fixtures,
    companies: openCompanies(fixtures.accounts, now()),
    apps: openApps({ shapes: definition.webhook.shapes.map(({ name }) => name), randomBytes }),
    grants: openGrants({ definition, refreshSeconds, timeScale, now, randomBytes }),
    deliveries: openDeliveries({ definition, timeScale, now, httpCall }),
    now,
    randomBytes,
  }
}

const defaultRefreshSeconds = 31_536_000
