import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import { type Door, openDoor, type Reply, type Route, type RouteRequest } from '../net/door.ts'
import { answerApi } from './api.ts'
import { showConsent, takeConsent } from './consent.ts'
import { controlRoutes } from './control.ts'
import { guarded } from './guard.ts'
import { simulatorHosts } from './hosts.ts'
import { indexPage } from './index-page.ts'
import { matchUrl } from './match-url.ts'
import { portalRoutes } from './portal.ts'
import { takeRevocation, takeTokenRequest } from './token-endpoint.ts'
import { openWorld, type World, type WorldOptions } from './world.ts'

export interface SimulatorOptions extends WorldOptions {
  /** 0: any that is free. */
  port: number
  providers: ProviderDefinition[]
  /** The folder of a provider's fixtures. */
  fixtures(id: string): string
}
export interface Simulator {
  port: number
  /** `http://127.0.0.1:<port>`; a person opens it, and every provider's page is at `/<provider>`. */
  base: string
  /** What the hosts of an app in the environment `simulator` are. */
  hosts(definition: ProviderDefinition): Hosts
  close(): Promise<void>
}

/**
 * Opens look-alikes of providers on loopback: consent page, token endpoint, API and signed deliveries, all read from the
 * definitions, with a page to change records by hand. Everything is kept in memory, and it speaks over HTTP alone.
 * @throws WhsError `port-taken` (exit 7), `no-fixtures` (exit 2)
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const worlds = new Map<string, World>()
  const door = await openDoor({ port: options.port, routes: routes(worlds) })
  const base = `http://127.0.0.1:${door.port}`
  try {
    for (const definition of options.providers) {
      worlds.set(definition.id, openWorld(definition, options.fixtures(definition.id), base, options))
    }
  } catch (error) {
    await door.close()
    throw error
  }
  return {
    port: door.port,
    base,
    hosts: definition => simulatorHosts(base, definition),
    close: () => close(worlds, door),
  }
}

async function close(worlds: Map<string, World>, door: Door): Promise<void> {
  for (const world of worlds.values()) world.deliveries.close()
  await door.close()
}

function routes(worlds: Map<string, World>): Route[] {
  const own = [
    { method: 'GET' as const, path: '/', handle: () => indexPage([...worlds.values()]) },
    ...controlRoutes(worlds),
    ...portalRoutes(worlds),
    { method: 'GET' as const, path: '/:provider/:role/*rest', handle: lookAlike(worlds) },
    { method: 'POST' as const, path: '/:provider/:role/*rest', handle: lookAlike(worlds) },
  ]
  return own.map(guarded)
}

/** What the provider itself would answer at one of its hosts. */
function lookAlike(worlds: Map<string, World>): (request: RouteRequest) => Reply {
  return request => {
    const { provider = '', role = '' } = request.params
    const world = worlds.get(provider)
    if (!world) return nothing
    const path = request.path.slice(`/${provider}/${role}`.length)
    const { authorizeUrl, tokenUrl, revoke } = world.definition.oauth
    const isAt = (template: string | undefined): boolean =>
      template !== undefined && matchUrl(template, role, path, request.query) !== undefined
    if (isAt(authorizeUrl)) return request.method === 'GET' ? showConsent(world, request) : takeConsent(world, request)
    if (request.method === 'POST' && isAt(tokenUrl)) return takeTokenRequest(world, request)
    if (request.method === 'POST' && isAt(revoke?.url)) return takeRevocation(world, request)
    return answerApi(world, role, path, request) ?? nothing
  }
}

const nothing: Reply = { status: 404, body: 'The simulator plays nothing here.\n' }
