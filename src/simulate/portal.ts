import { WhsError } from '../core/errors.ts'
import type { Reply, Route, RouteRequest } from '../net/door.ts'
import type { SimulatedApp } from './apps.ts'
import type { World } from './world.ts'

/**
 * What a person does by hand in the provider's portal, as JSON. An app is `clientId`, `clientSecret`, `webhookSecret`,
 * `redirectUris`, `callbackUrl`, `shape`, `hosts`.
 * - `POST /<provider>/portal/apps` makes one, `GET` lists them
 * - `PUT /<provider>/portal/apps/<clientId>` changes it, or makes it with the id and secrets that are given
 * - `GET /<provider>/portal/apps/<clientId>`; the client id `default` is the app that is there from the start
 */
export function portalRoutes(worlds: Map<string, World>): Route[] {
  const route = (
    method: Route['method'],
    path: string,
    act: (world: World, request: RouteRequest) => Reply,
  ): Route => ({
    method,
    path,
    handle(request) {
      const world = worlds.get(request.params.provider ?? '')
      return world ? answer(() => act(world, request)) : jsonReply(404, { error: 'no such provider' })
    },
  })
  return [
    route('GET', '/:provider/portal/apps', world =>
      jsonReply(
        200,
        world.apps.list().map(app => shown(world, app)),
      ),
    ),
    route('POST', '/:provider/portal/apps', (world, { body }) => put(world, undefined, body.toString())),
    route('GET', '/:provider/portal/apps/:client', (world, { params }) => {
      const app = world.apps.get(params.client ?? '')
      return app ? jsonReply(200, shown(world, app)) : jsonReply(404, { error: 'no such app' })
    }),
    route('PUT', '/:provider/portal/apps/:client', (world, { params, body }) =>
      put(world, params.client, body.toString()),
    ),
  ]
}

function put(world: World, clientId: string | undefined, text: string): Reply {
  return jsonReply(200, shown(world, world.apps.put(clientId, parseJson(text))))
}

function shown(world: World, app: SimulatedApp): object {
  return { ...app, hosts: world.hosts }
}

/** A body as JSON; undefined where it is none, which no reader takes. An empty one is an empty object. */
export function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An answer, or 400 with what was wrong with the question. */
function answer(act: () => Reply): Reply {
  try {
    return act()
  } catch (error) {
    return wrongReply(error)
  }
}

/** 400 with what was wrong with the question. Anything that is not the asker's fault is thrown on. */
export function wrongReply(error: unknown): Reply {
  if (!(error instanceof WhsError)) throw error
  return jsonReply(400, { error: `${error.message}: ${error.why}` })
}

export function jsonReply(status: number, body: unknown): Reply {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return { status, headers, body: `${JSON.stringify(body)}\n` }
}
