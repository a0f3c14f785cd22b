import { WhsError } from '../core/errors.ts'
import type { Reply, Route, RouteRequest } from '../net/door.ts'
import { type SimulatedApp, shownApp } from './apps.ts'
import { accountOf } from './companies.ts'
import { testUrl } from './handshake.ts'
import type { Hook } from './hooks.ts'
import type { World } from './world.ts'

/**
 * What a person does by hand in the provider's portal, as JSON. An app is `clientId`, `secrets`, `settings`,
 * `redirectUris`, `callbackUrl`, `shape`, `hosts` (and `clientSecret`, `webhookSecret`, the two usual secrets). A hook is
 * `id`, `clientId`, `account`, `company` (both null where it is the app's), `url`, `secret`, `resource`, `expiresAt` (an ISO
 * time, or null), and `kept`, which is shown alone: what the API told when it was made.
 * - `POST /<provider>/portal/apps` makes an app, `GET` lists them
 * - `PUT /<provider>/portal/apps/<clientId>` changes it, or makes it with the id and secrets that are given
 * - `GET /<provider>/portal/apps/<clientId>`; the client id `default` is the app that is there from the start
 * - `GET /<provider>/portal/keys` lists the companies' own keys, by which they connect without a consent
 * - `POST /<provider>/portal/hooks` makes a company's hook, or changes the one with the `id`; `key` is put behind `url`
 * - `POST /<provider>/portal/handshakes` tests a URL as the provider does when it is saved: `hook` (an id) or `clientId`,
 *   and `kind` for one of several; answers `{ handshakes }` with `kind`, `url`, `status`, `ok`, `body`
 * - `GET /<provider>/portal/hooks` lists them; `DELETE /<provider>/portal/hooks/<id>` (or with `?id=`) ends one
 */
export function portalRoutes(worldOf: (id: string) => World | undefined): Route[] {
  const route = (
    method: Route['method'],
    path: string,
    act: (world: World, request: RouteRequest) => Promise<Reply> | Reply,
  ): Route => ({
    method,
    path: `/:provider/portal${path}`,
    handle(request) {
      const world = worldOf(request.params.provider ?? '')
      return world ? answer(() => act(world, request)) : jsonReply(404, { error: 'no such provider' })
    },
  })
  return [
    route('GET', '/apps', world =>
      jsonReply(
        200,
        world.apps.list().map(app => shown(world, app)),
      ),
    ),
    route('POST', '/apps', (world, { body }) => put(world, undefined, body.toString())),
    route('GET', '/apps/:client', (world, { params }) => {
      const app = world.apps.get(params.client ?? '')
      return app ? jsonReply(200, shown(world, app)) : jsonReply(404, { error: 'no such app' })
    }),
    route('PUT', '/apps/:client', (world, { params, body }) => put(world, params.client, body.toString())),
    route('GET', '/keys', world =>
      jsonReply(
        200,
        world.companies.map(company => ({ company: company.name, key: world.grants.keyOf(company) })),
      ),
    ),
    route('GET', '/hooks', world =>
      jsonReply(
        200,
        world.hooks.list().map(hook => shownHook(world, hook)),
      ),
    ),
    route('POST', '/hooks', (world, { body }) =>
      jsonReply(200, shownHook(world, world.hooks.put(parseJson(body.toString())))),
    ),
    route('POST', '/handshakes', async (world, { body }) =>
      jsonReply(200, { handshakes: await testUrl(world, readTest(parseJson(body.toString()))) }),
    ),
    route('DELETE', '/hooks', (world, { query }) => removeHook(world, query.get('id') ?? '')),
    route('DELETE', '/hooks/:id', (world, { params }) => removeHook(world, params.id ?? '')),
  ]
}

function put(world: World, clientId: string | undefined, text: string): Reply {
  return jsonReply(200, shown(world, world.apps.put(clientId, parseJson(text))))
}

function removeHook(world: World, id: string): Reply {
  return world.hooks.remove(id) ? { status: 204 } : jsonReply(404, { error: 'no such hook' })
}

function shown(world: World, app: SimulatedApp): object {
  return { ...shownApp(app), hosts: world.hosts }
}

function shownHook({ definition }: World, { company, expiresAt, ...hook }: Hook): object {
  return {
    ...hook,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    account: company && accountOf(definition, company),
    company: company && company.name,
  }
}

/** A body as JSON; undefined where it is none, which no reader takes. An empty one is an empty object. */
export function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}

function readTest(wish: unknown): { hook?: string; clientId?: string; kind?: string } {
  const fields = typeof wish === 'object' && wish !== null ? Object.entries(wish) : []
  return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string' && value !== ''))
}

/** An answer, or 400 with what was wrong with the question. */
async function answer(act: () => Promise<Reply> | Reply): Promise<Reply> {
  try {
    return await act()
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
