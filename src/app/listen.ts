import { randomBytes } from 'node:crypto'
import { consentRoutes } from '../connect/consent-routes.ts'
import type { WhsError } from '../core/errors.ts'
import type { Filter } from '../core/filter.ts'
import type { Rule } from '../core/rule.ts'
import { followStore } from '../deliver/follow.ts'
import { type Lanes, startLanes } from '../deliver/lanes.ts'
import { openDoor } from '../net/door.ts'
import { openSender } from '../net/send.ts'
import { publishedKeys } from '../receive/published-keys.ts'
import { makeReceiver } from '../receive/receiver.ts'
import type { ListenerLock } from '../store/listener-lock.ts'
import { openTunnel, type TunnelOptions } from '../tunnel/tunnel.ts'
import { announceCallbacks } from './announce.ts'
import type { App } from './app.ts'
import { consentDeps } from './consent-deps.ts'
import { makeCounter } from './counts.ts'
import type { EndFact, Fact, ReadyFact } from './facts.ts'
import { handlerAnswers } from './handler-answers.ts'
import { heldError, namedPortHolder } from './held-error.ts'
import { inspectorOf } from './inspect.ts'
import { openLocalDoor } from './local-door.ts'
import { probe, probeRoute, reachedAt } from './public-url.ts'
import { sendDeps } from './send-deps.ts'
import { faultTeller, handshakeTeller, strayTeller } from './tell-seldom.ts'
import { type Tending, tendHooks } from './tend-hooks.ts'
import { tendProviders } from './tend-providers.ts'

export interface ListenOptions {
  rules: Rule[]
  filter: Filter
  tunnel: Omit<TunnelOptions, 'port' | 'onChange' | 'onLostForGood'>
  port: number
  allowRemote: boolean
  allowUnverified: boolean
  deliver: 'original' | 'event'
  handlerTimeoutMs: number | undefined
  caPem?: string
  /** Streams what was stored since (ms since 1970); forwards none of it. */
  since?: number
  skipOpen: boolean
  /** The handler's answer is passed on, whatever the definition says. */
  answerByHandler?: boolean
  /** Makes the hooks that are lacking, and removes at the end what it made. */
  temporary?: boolean
  /** Asks the providers for what was missed since the last listener. */
  catchUp?: boolean
  /** Fetches the changed thing of each event, behind it. */
  fetch?: boolean
}

/** A running listener. */
export interface Session {
  ready: ReadyFact
  /** Rejects when the tunnel or the writer is lost for good. */
  lost: Promise<never>
  /** Ends in order: no more deliveries, requests in flight get up to 2 s, then everything is closed. */
  stop(why: string): Promise<EndFact>
}

const drainMs = 1_500

/**
 * Starts listening: lock, store, doors, tunnel, lanes, stream, in this order; `onFact` is told everything that happens.
 * @throws WhsError exit 7 where another listener holds the store or the port, 6 for the tunnel, 2 and 3 for the set-up
 */
export async function listen(
  app: App,
  options: ListenOptions,
  onFact: (fact: Fact) => Promise<void> | void,
): Promise<Session> {
  const store = app.store()
  const startedAt = app.now()
  const lock = store.takeListenerLock()
  if (!lock) throw await heldError(app)
  const undo: (() => Promise<unknown> | void)[] = [() => lock.release()]
  try {
    return await start(app, options, onFact, startedAt, lock, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw await namedPortHolder(app, options.port, error)
  }
}

async function start(
  app: App,
  options: ListenOptions,
  onFact: (fact: Fact) => Promise<void> | void,
  startedAt: number,
  lock: ListenerLock,
  undo: (() => Promise<unknown> | void)[],
): Promise<Session> {
  const store = app.store()
  const counter = makeCounter()
  let giveUp: (error: WhsError) => void = () => undefined
  const lost = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  lost.catch(() => undefined)
  await store.startWriter(giveUp)
  const newest = await store.read('readCursors')
  const from = options.since === undefined ? newest : await store.read('cursorsAt', { at: options.since })
  const tell = (fact: Fact): void => void onFact(fact)
  const { rules, filter } = options
  const place = { port: 0, localPort: 0, publicUrl: '' }
  // The rules must be there before the first delivery is, since they are applied when it is stored.
  const row = { pid: process.pid, startedAt, tunnel: options.tunnel.how, rules, filter }
  const { token } = await store.write('startListener', { ...row, ...place })
  undo.push(() => store.write('endListener'))

  let lanes: Lanes | undefined
  let hooks: Tending | undefined
  const answers = handlerAnswers(store)
  const strays = strayTeller(app, tell)
  const nonce = randomBytes(16).toString('hex')
  const receiver = makeReceiver({
    store,
    loadApps: app.receivingApps,
    publishedKeys: publishedKeys({ store, http: app.http, now: app.now }),
    publicUrls: () => reachedAt(place),
    listenerToken: token,
    allowUnverified: options.allowUnverified,
    handlerAnswer: answers.wait,
    answerByHandler: options.answerByHandler ?? false,
    now: app.now,
    onStray: strays,
    onHandshake: handshakeTeller(tell),
    onSecret: name => hooks?.gotSecret(name),
    onStored(works) {
      lanes?.poke(works)
    },
    onFault: faultTeller(app, tell, { code: 'not-stored', what: 'deliveries are answered 503, not stored' }),
  })
  const door = await openDoor({
    port: options.port,
    raw: receiver,
    routes: [
      ...consentRoutes(
        consentDeps(app, {
          onOutcome(ended) {
            tell({ kind: 'connection', ended })
            hooks?.afterConsent(ended)
          },
          onOdd: detail => tell({ kind: 'warning', code: 'consent', detail }),
        }),
      ),
      probeRoute(nonce),
    ],
    notFound({ method, url }) {
      strays({ method, path: url.split('?')[0] as string })
      return { status: 404, body: 'There is nothing here.\n' }
    },
    now: app.now,
  })
  undo.push(() => door.close())
  place.port = door.port

  const tunnel = await openTunnel({
    ...options.tunnel,
    port: door.port,
    onChange(change) {
      tell({ kind: 'tunnel', ...change })
      if (change.state !== 'moved') return
      place.publicUrl = change.url
      // Where it fails, the writer is lost, and that is told.
      void store.write('moveListener', place).catch(() => undefined)
      hooks?.look()
    },
    onLostForGood: giveUp,
  })
  undo.push(() => tunnel.close())
  place.publicUrl = tunnel.url

  const open = options.skipOpen ? await store.write('shelveOpen') : await store.write('rerouteOpen')
  const sender = openSender(options.caPem ? { caPem: options.caPem } : {})
  undo.push(() => sender.close())
  lanes = startLanes({ ...(await sendDeps(app, sender, options)), onFact: tell, onAnswer: answers.give })
  const running = lanes
  undo.push(() => running.stop(0))

  let told: ReadyFact | null = null
  const local = await openLocalDoor({
    token,
    inspector: inspectorOf(app, options),
    status: async () => ({
      pid: process.pid,
      startedAt,
      url: tunnel.url,
      inLanes: running.open(),
      ready: told,
      ...(await store.read('countOpen')),
    }),
  })
  undo.push(() => local.close())
  place.localPort = local.port
  await store.write('moveListener', place)

  const probedMs = tunnel.kind === 'none' ? 0 : await probe(app, tunnel.url, nonce)
  const { callbacks, moved, apps } = await announceCallbacks(app, tunnel.url)
  const ready: ReadyFact = {
    kind: 'ready',
    url: tunnel.url,
    callbacks,
    tunnel: tunnel.kind,
    probedMs,
    moved,
    open,
    inspector: `http://127.0.0.1:${local.port}`,
    pid: process.pid,
    targets: [...new Set(rules.map(rule => rule.target.replace(/^http:\/\//, '').replace(/\/$/, '')))],
    apps,
  }
  await onFact(ready)
  told = ready
  const follower = followStore({
    store,
    filter,
    from,
    async onStored(stored) {
      counter.count(stored)
      await onFact(stored)
    },
    onError: faultTeller(app, tell, { code: 'stream', what: 'what is stored cannot be shown' }),
  })
  undo.push(() => follower.stop())
  hooks = tendHooks(app, { publicUrl: () => place.publicUrl, isTemporary: options.temporary === true, tell })
  const cares = [running, hooks, tendProviders(app, options, newest.event, tell)]

  return {
    ready,
    lost,
    async stop(why) {
      // Together, since each may take its time and all of it has to fit into the two seconds of an end in order.
      await Promise.all([door.close(), tunnel.close(), ...cares.map(one => one.stop(drainMs))])
      await follower.stop()
      await local.close()
      await sender.close()
      const left = await store.read('countOpen')
      // Whether a listener lives is told by the lock: without a writer the row stays as it is.
      await store.write('endListener').catch(() => undefined)
      const end: EndFact = { kind: 'end', why, ms: app.now() - startedAt, counts: counter.counts(left.open) }
      await onFact(end)
      lock.release()
      return end
    },
  }
}
