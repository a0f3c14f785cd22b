import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import { type Door, openDoor, type Reply, type Route, type RouteRequest } from '../net/door.ts'
import { answerApi, answerOtherApi } from './answers/api.ts'
import { showConsent, takeConsent } from './answers/consent.ts'
import { matchUrl, type Place, placeOf } from './answers/match-url.ts'
import { takeRevocation, takeTokenRequest } from './answers/token-endpoint.ts'
import { controlRoutes } from './control.ts'
import { guarded } from './guard.ts'
import { simulatorHosts } from './hosts.ts'
import { indexPage } from './pages/index-page.ts'
import { portalRoutes } from './portal.ts'
import { openWorlds, type World, type WorldOptions, type Worlds } from './world.ts'

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
 * @throws WhsError `port-taken` (exit 7)
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  let worlds: Worlds | undefined
  const door = await openDoor({ port: options.port, routes: routes(() => worlds as Worlds) })
  const base = `http://127.0.0.1:${door.port}`
  try {
    worlds = openWorlds(options.providers, options.fixtures, base, options)
  } catch (error) {
    await door.close()
    throw error
  }
  const opened = worlds
  return {
    port: door.port,
    base,
    hosts: definition => simulatorHosts(base, definition),
    close: () => close(opened, door),
  }
}

async function close(worlds: Worlds, door: Door): Promise<void> {
  for (const world of worlds.open()) world.deliveries.close()
  await door.close()
}

const methods: Route['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

function routes(worlds: () => Worlds): Route[] {
  const worldOf = (id: string): World | undefined => worlds().get(id)
  const own = [
    { method: 'GET' as const, path: '/', handle: () => indexPage(worlds()) },
    ...controlRoutes(worldOf),
    ...portalRoutes(worldOf),
    ...methods.map(method => ({ method, path: '/:provider/:role/*rest', handle: lookAlike(worldOf) })),
  ]
  return own.map(guarded)
}

/** What the provider itself would answer at one of its hosts. */
function lookAlike(worldOf: (id: string) => World | undefined): (request: RouteRequest) => Promise<Reply> | Reply {
  return request => {
    const world = worldOf(request.params.provider ?? '')
    const place = world && placeOf(world.definition, request)
    return (world && place && answer(world, place, request)) ?? nothing
  }
}

function answer(world: World, place: Place, request: RouteRequest): Promise<Reply> | Reply | undefined {
  const { authorizeUrl, tokenUrl, revoke } = world.definition.oauth
  const isAt = (template: string | undefined): boolean =>
    template !== undefined && matchUrl(template, place) !== undefined
  if (request.method === 'GET' && isAt(authorizeUrl)) return showConsent(world, request)
  if (request.method === 'POST' && isAt(tokenUrl)) return takeTokenRequest(world, place, request)
  const revokeUrl = revoke && 'url' in revoke ? revoke.url : undefined
  if (request.method === 'POST' && isAt(revokeUrl)) return takeRevocation(world, place, request)
  const called = answerApi(world, place, request)
  if (called) return called
  if (revoke && 'call' in revoke) {
    const revoked = takeRevocation(world, place, request)
    if (revoked) return revoked
  }
  if (request.method === 'POST' && isAt(authorizeUrl)) return takeConsent(world, request)
  if (request.method === 'GET' && keySetUrls(world.definition).some(isAt)) return keySet(world)
  return answerOtherApi(world, place, request)
}

/** Where the keys of the definition's JWT schemes are published (RFC 7517). */
function keySetUrls({ webhook }: ProviderDefinition): string[] {
  return webhook.verify.flatMap(scheme => (scheme.scheme === 'jwt' && 'jwks' in scheme.key ? [scheme.key.jwks] : []))
}

function keySet({ keys }: World): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(keys.rsa().jwks) }
}

const nothing: Reply = { status: 404, body: 'The simulator plays nothing here.\n' }
