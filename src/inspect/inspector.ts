import { exits, WhsError } from '../core/errors.ts'
import type { Reply, Route, RouteRequest } from '../net/door.ts'
import type { Store } from '../store/store.ts'
import type { TenantConnection } from '../store/tenant-ops.ts'
import type {
  AppView,
  ClaimAnswer,
  ClaimWish,
  ConnectAnswer,
  ConnectWish,
  EventView,
  Now,
  RejectedView,
  ReplayAnswer,
  ReplayWish,
  TenantView,
} from './api.ts'
import { makeCounts } from './counts.ts'
import { parseCursor } from './cursor.ts'
import { filterOfQuery } from './filter-query.ts'
import { findShown, type Shown } from './find-shown.ts'
import { failureReply, isOurHost, jsonReply, refusalOf, safeHeaders } from './guard.ts'
import { makeLive } from './live.ts'
import { assetReply, pageReply, plainReply } from './page-files.ts'
import { pageOfQuery, readPage } from './read-list.ts'
import { readNow } from './read-now.ts'
import { readParked } from './read-parked.ts'
import { readTenants } from './read-tenants.ts'
import type { RowDeps } from './rows.ts'
import { makeSessions } from './sessions.ts'
import { claimWish, connectWish, replayWish } from './wishes.ts'

/** What the inspector needs of the rest of whs, which hands it in. */
export interface InspectorDeps extends RowDeps {
  store: Store
  version: string
  now(): number
  /** A command as it is typed here: `whs replay …` → `npx whs replay …`. */
  command(text: string): string
  /** The listener that lives now, on whichever process. */
  listener(): Promise<Now['listener']>
  apps(): Promise<AppView[]>
  /** How well a tenant's connection is. */
  connectionView(connection: TenantConnection, tenant: string): TenantView['connections'][number]
  /** All there is to know of an event or a rejected request; null where it is gone. */
  event(shown: Shown): Promise<EventView | null>
  rejected(): Promise<RejectedView[]>
  /** The three that change something. @throws WhsError where that cannot be */
  replay(seq: number, wish: Omit<ReplayWish, 'id'>): Promise<ReplayAnswer>
  claim(wish: ClaimWish): Promise<ClaimAnswer>
  connect(wish: ConnectWish): Promise<ConnectAnswer>
  /** Where the built page is. */
  pageFolder: string
}

/** The server side of the inspector. */
export interface Inspector {
  /** For the local door; `port` is where that is, once it is open. */
  routes(port: () => number): Route[]
  /** A code for `/open?code=…`, for whoever has shown that he is the person at the terminal. */
  makeCode(): string
  /** Ends its streams. */
  close(): void
}

const mostStreams = 64

export function makeInspector(given: InspectorDeps): Inspector {
  const deps = { ...given, counts: makeCounts(given.store) }
  const sessions = makeSessions(deps.now)
  const live = makeLive(deps)

  function routes(port: () => number): Route[] {
    const api = (method: 'GET' | 'POST', path: string, answer: (request: RouteRequest) => Promise<unknown>): Route => ({
      method,
      path: `/api/${path}`,
      handle: request => refusalOf(request, port(), sessions) ?? answered(async () => jsonReply(await answer(request))),
    })
    const page = (path: string, answer: (request: RouteRequest) => Promise<Reply> | Reply): Route => ({
      method: 'GET',
      path,
      handle: request => (isOurHost(request, port()) ? answer(request) : plainReply(403, 'Not under this name.\n')),
    })
    return [
      api('GET', 'now', () => readNow(deps)),
      api('GET', 'events', ({ query }) => readPage(deps, pageOfQuery(query, filterOfQuery(query, deps.now())))),
      api('GET', 'events/:id', ({ params }) => readEvent(params.id ?? '')),
      api('GET', 'tenants', ({ query }) => readTenants(deps, query)),
      api('GET', 'parked', () => readParked(deps)),
      api('GET', 'rejected', () => deps.rejected()),
      api('POST', 'replay', async ({ body }) => {
        const { id, ...wish } = replayWish(body)
        return deps.replay((await findShown(deps.store, id, 'event')).seq, wish)
      }),
      api('POST', 'claim', ({ body }) => deps.claim(claimWish(body))),
      api('POST', 'connect', ({ body }) => deps.connect(connectWish(body))),
      {
        method: 'GET',
        path: '/api/stream',
        handle: request => refusalOf(request, port(), sessions) ?? stream(request),
      },
      page('/open', request => open(request, port())),
      page('/assets/:name', ({ params }) => assetReply(deps.pageFolder, params.name ?? '')),
      page('/', () => pageReply(deps.pageFolder)),
    ]
  }

  async function readEvent(id: string): Promise<EventView> {
    const shown = await findShown(deps.store, id)
    const view = await deps.event(shown)
    if (view) return view
    throw new WhsError({ code: 'no-such-id', exit: exits.unknown, what: 'the event is not there any more' })
  }

  function stream(request: RouteRequest): Promise<Reply> {
    return answered(async () => {
      const asked = filterOfQuery(request.query, deps.now())
      const from = parseCursor(request.headers['last-event-id']) ?? parseCursor(request.query.get('from'))
      if (live.open() >= mostStreams || request.method !== 'GET') {
        return failureReply(503, { code: 'many-streams', what: `${live.open()} pages watch already` })
      }
      const headers = { ...safeHeaders, 'content-type': 'text/event-stream', 'cache-control': 'no-store' }
      return { status: 200, headers, stream: to => live.follow(to, asked, from) }
    })
  }

  /** A browser comes in with a code, which only works once, and goes on without it in its address. */
  function open(request: RouteRequest, port: number): Reply {
    const cookie = request.method === 'GET' ? sessions.enter(request.query.get('code') ?? '', port) : null
    if (cookie === null && !sessions.has(request, port)) {
      const again = deps.command('whs inspect')
      return plainReply(403, `This link was used already, or is older than half a minute. Type: ${again}\n`)
    }
    const headers = { ...safeHeaders, location: '/', 'cache-control': 'no-store' }
    return { status: 303, headers: cookie === null ? headers : { ...headers, 'set-cookie': cookie } }
  }

  /** What goes wrong is told as JSON too; what is a fault of ours says nothing of itself. */
  async function answered(work: () => Promise<Reply>): Promise<Reply> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof WhsError)) return failureReply(500, { code: 'fault', what: 'something went wrong here' })
      const { code, message: what, why, next } = error
      const more = { ...(why ? { why: deps.command(why) } : {}), ...(next ? { next: deps.command(next) } : {}) }
      return failureReply(error.exit === exits.unknown ? 404 : 400, { code, what, ...more })
    }
  }

  return { routes, makeCode: () => sessions.makeCode(), close: () => live.close() }
}
