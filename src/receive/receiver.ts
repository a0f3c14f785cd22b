import type { ProviderDefinition } from '../core/definition.ts'
import { filterHeaders, header, type RawHeaders } from '../core/headers.ts'
import { type Ingested, ingest, type RawDelivery, readItems } from '../core/ingest.ts'
import type { SecretCandidate } from '../core/sign.ts'
import { isTriggerMark, triggerHeader } from '../core/trigger-mark.ts'
import type { RawRequest, RawRoutes, Reply } from '../net/door.ts'
import type { Store } from '../store/store.ts'
import { hookPath } from './hook-path.ts'

/** An app as the receiver needs it. */
export interface ReceivingApp {
  id: number
  name: string
  definition: ProviderDefinition
  secrets: (SecretCandidate & { fingerprint: string })[]
}

export interface ReceiverDeps {
  store: Store
  /**
   * Every app by name, with its valid secrets, or what is wrong with it; asked again whenever the configuration changed,
   * and every ten seconds.
   */
  loadApps(): Promise<Map<string, ReceivingApp | Error>>
  /** By which `trigger` marks its deliveries. */
  listenerToken: string
  /** Takes deliveries that do not verify too, marked as such. */
  allowUnverified: boolean
  now(): number
  /** A request that fits no callback URL. */
  onStray(stray: Stray): void
  /** Something was committed. */
  onStored(): void
  /** A delivery could not be stored and was answered 503, or nothing can be taken at all. */
  onFault(error: unknown): void
}
export interface Stray {
  method: string
  path: string
  hint: string | null
}

const bodyLimit = 32 * 1_048_576
const queueLimit = 64 * 1_048_576
const rejectedBytes = 65_536
const appsMs = 10_000

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
        const known = await apps()
        const path = hookPath(request.url)
        const app = known.get(path.app)
        if (!app) return stray(deps, request, [...known.keys()])
        if (app instanceof Error) throw app
        if (request.method === 'GET' || request.method === 'HEAD') return notForBrowsers(app)
        return await take(deps, app, path, request)
      } catch (error) {
        deps.onFault(error)
        return { status: 503, headers: { 'retry-after': '5' } }
      } finally {
        deps.onStored()
      }
    },
  }
}

function cachedApps({ store, loadApps, now }: ReceiverDeps): ReceiverDeps['loadApps'] {
  let loaded: ReturnType<ReceiverDeps['loadApps']> | undefined
  let dataVersion = -1
  let configVersion = -1
  let at = 0
  return () => {
    const data = store.dataVersion()
    if (data !== dataVersion || now() - at > appsMs || now() < at) {
      dataVersion = data
      const config = store.configVersion()
      if (config !== configVersion || now() - at > appsMs || now() < at) {
        configVersion = config
        at = now()
        loaded = undefined
      }
    }
    loaded ??= loadApps().catch(error => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}

function stray(deps: ReceiverDeps, request: RawRequest, names: string[]): Reply {
  const path = request.url.split('?')[0] as string
  const hint = names.length > 0 ? `known callback URLs: ${names.map(name => `/hooks/${name}`).join(', ')}` : null
  deps.onStray({ method: request.method, path, hint })
  return { status: 404, body: 'There is no app of this name here.\n' }
}

function notForBrowsers(app: ReceivingApp): Reply {
  const { name, webhook } = app.definition
  const body = `This is the callback URL of ${app.name}. It is up: ${name} sends its webhooks here by ${webhook.methods.join(' or ')}.\n`
  return { status: 405, headers: allowed(app), body }
}

/** What a 405 must say (RFC 9110 §15.5.6). */
function allowed({ definition }: ReceivingApp): Record<string, string> {
  return { allow: definition.webhook.methods.join(', ') }
}

async function take(
  deps: ReceiverDeps,
  app: ReceivingApp,
  { path, suffix }: { path: string; suffix: string },
  request: RawRequest,
): Promise<Reply> {
  const { store, listenerToken } = deps
  const mark = header(request.headers, triggerHeader)
  const source = mark && isTriggerMark(mark, request.body, listenerToken) ? 'trigger' : 'delivery'
  const headers: RawHeaders = filterHeaders(request.headers, name => name !== triggerHeader)
  const delivery: RawDelivery = { method: request.method, headers, body: request.body }
  const result = accept(deps, app, delivery)
  const { receivedAt, method, body } = request
  const common = { appId: app.id, receivedAt, method, path, suffix, headers: JSON.stringify(headers), source } as const
  if (result.outcome === 'rejected') {
    const { status, reason, detail } = result
    const kept = body.subarray(0, rejectedBytes)
    await store.write('keepRejected', { ...common, body: kept, bytes: body.length, status, reason, detail })
    if (status === 503) return { status, headers: { 'retry-after': '60' } }
    return status === 405 ? { status, headers: allowed(app) } : { status }
  }
  const secret = app.secrets.find(({ id }) => id === result.secretId)
  await store.write('ingestDelivery', {
    ...common,
    body,
    status: result.status,
    secretFingerprint: secret?.fingerprint ?? '',
    verified: secret ? 'signature' : 'none',
    items: result.items,
  })
  return { status: result.status }
}

/** What verifies, and, where the builder said so loudly, what does not (no secret then has the id -1). */
function accept({ allowUnverified }: ReceiverDeps, app: ReceivingApp, delivery: RawDelivery): Ingested {
  const result = ingest(app.definition, delivery, app.secrets)
  if (result.outcome === 'accepted' || !allowUnverified || result.reason === 'method') return result
  const { ok } = app.definition.webhook.reply
  return { outcome: 'accepted', status: ok, secretId: -1, items: readItems(app.definition, delivery) }
}
