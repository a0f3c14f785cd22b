import { hashOfKey } from '../core/activation-key.ts'
import { filterHeaders, header, type RawHeaders } from '../core/headers.ts'
import type { RawDelivery } from '../core/keyring.ts'
import { isTriggerMark, triggerHeader, triggerKeyOf } from '../core/trigger-mark.ts'
import type { RawRequest, RawRoutes, Reply } from '../net/door.ts'
import type { ForwardWork } from '../store/forward-ops.ts'
import type { Store } from '../store/store.ts'
import { hookPath } from './hook-path.ts'
import { answerRejected, judgeDelivery } from './judge-delivery.ts'
import type { PublishedKeys } from './published-keys.ts'
import type { ReceivingApp } from './receiving-app.ts'
import { storeDelivery } from './store-delivery.ts'
import { type HandshakeFact, takeHandshake } from './take-handshake.ts'

export interface ReceiverDeps {
  store: Store
  /**
   * Every app by name, with its valid secrets, or what is wrong with it; asked again whenever the configuration changed,
   * and every ten seconds.
   */
  loadApps(): Promise<Map<string, ReceivingApp | Error>>
  publishedKeys: PublishedKeys
  /** The URLs at which the public door is reached, without a path. */
  publicUrls(): string[]
  /** By which `trigger` marks its deliveries. */
  listenerToken: string
  /** Takes deliveries that do not verify too, marked as such. */
  allowUnverified: boolean
  /** The handler's answer to a stored delivery, where that is the product; null where it does not come in time. */
  handlerAnswer?(deliverySeq: number, withinMs: number): Promise<Reply | null>
  /** Every delivery gets the handler's answer, whatever its definition says. */
  answerByHandler?: boolean
  now(): number
  /** A request that fits no callback URL. */
  onStray(stray: Stray): void
  /** A provider tested or set up a callback URL. */
  onHandshake?(fact: HandshakeFact): void
  /** A handshake brought a secret of this app, and it is kept. */
  onSecret?(app: string): void
  /** Something was committed, and this is to be sent because of it. */
  onStored(works: ForwardWork[]): void
  /** A delivery could not be stored and was answered 503, or nothing can be taken at all. */
  onFault(error: unknown): void
}
export interface Stray {
  method: string
  path: string
}

const bodyLimit = 32 * 1_048_576
const queueLimit = 64 * 1_048_576
const appsMs = 10_000
const mostLooks = 5

/**
 * What stands behind the callback URLs: takes a delivery's exact bytes, verifies and reads them, stores all of it in one
 * transaction, and only then gives the answer that the provider wants.
 */
export function makeReceiver(deps: ReceiverDeps): RawRoutes {
  const apps = cachedApps(deps)
  return {
    prefix: '/hooks/',
    maxBytes: bodyLimit,
    maxQueuedBytes: queueLimit,
    async handle(request) {
      try {
        let reply: Reply | null = null
        for (let looks = 1; !reply; looks++) reply = await take(deps, await apps(), request, looks < mostLooks)
        return reply
      } catch (error) {
        deps.onFault(error)
        return { status: 503, headers: { 'retry-after': '5' } }
      }
    },
  }
}

interface LoadedApps {
  apps: Map<string, ReceivingApp | Error>
  /** Of the configuration. */
  version: number
}

/** The apps as they are now; whether something changed is asked once a turn of the event loop. */
function cachedApps({ store, loadApps, now }: ReceiverDeps): () => Promise<LoadedApps> {
  let loaded: Promise<LoadedApps> | undefined
  let isFresh = false
  let configVersion = -1
  let at = 0
  return () => {
    if (!isFresh) {
      isFresh = true
      setImmediate(() => {
        isFresh = false
      })
      const config = store.configVersion()
      if (config !== configVersion || now() - at > appsMs || now() < at) {
        configVersion = config
        at = now()
        loaded = undefined
      }
    }
    const version = configVersion
    loaded ??= loadApps().then(
      apps => ({ apps, version }),
      error => {
        loaded = undefined
        throw error
      },
    )
    return loaded
  }
}

/** Null where what would be rejected is to be looked at again, since the configuration changed meanwhile. */
async function take(
  deps: ReceiverDeps,
  { apps, version }: LoadedApps,
  request: RawRequest,
  mayLookAgain: boolean,
): Promise<Reply | null> {
  const { store, listenerToken } = deps
  const { app: name, path, key, suffix } = hookPath(request.url, one => isKeyed(apps.get(one)))
  const app = apps.get(name)
  if (!app) return stray(deps, request)
  if (app instanceof Error) throw app
  const mark = header(request.headers, triggerHeader)
  const isTrigger = mark !== undefined && isTriggerMark(mark, request.body, listenerToken)
  const headers: RawHeaders =
    mark === undefined ? request.headers : filterHeaders(request.headers, one => one !== triggerHeader)
  const delivery: RawDelivery = { method: request.method, headers, body: request.body, suffix }
  const activation = key === null ? null : await activationOf(store, app, key)
  const result = await judgeDelivery(deps, app, delivery, {
    activation,
    receivedAt: request.receivedAt,
    triggerKey: isTrigger ? triggerKeyOf(mark) : null,
  })
  if (result.outcome === 'handshake') return takeHandshake(deps, app, result)
  if (result.outcome === 'rejected' && result.reason === 'method') {
    if (request.method === 'GET' || request.method === 'HEAD') return notForBrowsers(app)
  }
  const { receivedAt, method } = request
  const source = isTrigger ? ('trigger' as const) : ('delivery' as const)
  const common = { appId: app.id, receivedAt, method, path, suffix, headers: JSON.stringify(headers), source }
  if (result.outcome === 'rejected') {
    const judgedBy = mayLookAgain ? { judgedBy: version } : {}
    return answerRejected(deps, app, result, { ...common, ...judgedBy, body: request.body, activation })
  }
  const { seq, works } = await storeDelivery(store, app, result, { ...common, body: request.body })
  deps.onStored(works)
  return (await handlersAnswer(deps, app, result.items, seq)) ?? goodAnswer(app)
}

function isKeyed(app: ReceivingApp | Error | undefined): boolean {
  return app !== undefined && !(app instanceof Error) && app.definition.activation.keyed === true
}

async function activationOf(store: Store, app: ReceivingApp, key: string): Promise<number | null> {
  const found = await store.read('findActivationByKey', { appId: app.id, keyHash: hashOfKey(key) })
  return found && found.state !== 'gone' ? found.seq : null
}

function stray(deps: ReceiverDeps, request: RawRequest): Reply {
  deps.onStray({ method: request.method, path: request.url.split('?')[0] as string })
  return { status: 404, body: 'There is no app of this name here.\n' }
}

function notForBrowsers({ definition: { name, webhook } }: ReceivingApp): Reply {
  const methods = webhook.methods.join(' or ')
  const body = `This is the callback URL of ${name}. It is up: ${name} sends its webhooks here by ${methods}.\n`
  // RFC 9110 section 15.5.6: a 405 names the methods that are allowed.
  return { status: 405, headers: { allow: webhook.methods.join(', ') }, body }
}

/** What the provider wants to hear after all of it is on disk. */
function goodAnswer({ definition: { webhook } }: ReceivingApp): Reply {
  const { ok, body, type } = webhook.reply
  if (body === undefined) return { status: ok }
  return { status: ok, headers: { 'content-type': type ?? 'text/plain; charset=utf-8' }, body }
}

/** The handler's own answer, where it is the product and comes in time. */
async function handlersAnswer(
  deps: ReceiverDeps,
  { definition }: ReceivingApp,
  items: { reply: 'handler' | null }[],
  deliverySeq: number,
): Promise<Reply | null> {
  const isWanted = deps.answerByHandler === true || items.some(({ reply }) => reply === 'handler')
  if (!isWanted || !deps.handlerAnswer || deliverySeq === 0) return null
  return deps.handlerAnswer(deliverySeq, definition.webhook.reply.withinMs)
}
