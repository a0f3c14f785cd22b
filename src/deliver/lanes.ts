import { setMaxListeners } from 'node:events'
import type { ForwardWork, OpenForward } from '../store/forward-ops.ts'
import { startForwardFeed } from './forward-feed.ts'
import { type ForwardTry, tryForward, withUnwritten } from './forward-try.ts'
import { makeFreshWorks } from './fresh-works.ts'
import { nobodyText } from './hints.ts'
import { hasWork, type Lane, makeLane, takeNext } from './lane.ts'
import type { LaneFact } from './lane-fact.ts'
import { isLaneWaiting } from './next-step.ts'
import { startRecorder } from './recorder.ts'
import { startRetryTimer } from './retry-timer.ts'
import type { SendDeps, Sending } from './send-part.ts'
import { makeTarget, mayLaunch, narrow, pauseTarget, resumeTarget, type Target, widen } from './target.ts'
import { makeTimers } from './timers.ts'

export type { LaneFact, WaitingFact } from './lane-fact.ts'

export interface LanesDeps extends SendDeps {
  onFact(fact: LaneFact): void
}

export interface Lanes {
  /** There may be new open forwards, these among them: looks at once instead of at the next turn. */
  poke(works?: ForwardWork[]): void
  /** Sends nothing more, waits so long for answers, gives the rest up (they stay open), writes down what came. */
  stop(drainMs: number): Promise<void>
  /** Open forwards that these lanes know of. */
  open(): number
}

const waitingMs = 1_000
const longestHoldMs = 600_000
const unwrittenLimit = 4_096

/**
 * Relays what is open (DESIGN §6, Lanes): one in flight a lane, 64 a target, tries classified and written down behind.
 * One process a store may do this. It begins by itself and follows the store. A forward's bytes are read when it is sent; in memory it is a number.
 */
export function startLanes(deps: LanesDeps): Lanes {
  const { store, clock, onFact } = deps
  const targets = new Map<string, Target>()
  const lanes = new Map<string, Lane>()
  const flights = new Set<Promise<void>>()
  const timers = makeTimers(clock)
  const fresh = makeFreshWorks(clock)
  const abort = new AbortController()
  // Every request in flight listens to it.
  setMaxListeners(0, abort.signal)
  let stopping = false

  const recorder = startRecorder({
    store,
    clock,
    onRecorded() {
      if (recorder.waiting === unwrittenLimit - 1) pumpAll()
    },
    onBlocked: error =>
      warn('not-recorded', `answers cannot be written down yet: ${error.message}`, 'free some disk space'),
  })
  const retries = startRetryTimer<Lane>({
    clock,
    onDue(lane, seq) {
      lane.due.push(seq)
      line(lane)
    },
    onJump: () => targets.forEach(narrow),
  })
  const feed = startForwardFeed({
    store,
    timers,
    onForward: add,
    onError: error => warn('not-read', `open forwards cannot be read: ${error.message}`, 'whs doctor'),
  })

  function warn(code: string, detail: string, fix: string): void {
    onFact({ kind: 'warning', code, detail, fix })
  }

  function laneOf(tenantId: number | null, url: string): Lane {
    const key = `${tenantId} ${url}`
    const known = lanes.get(key)
    if (known) return known
    const { origin } = new URL(url)
    const target = targets.get(origin) ?? makeTarget(origin)
    targets.set(origin, target)
    const lane = makeLane(target, tenantId, url)
    lanes.set(key, lane)
    return lane
  }

  function add({ seq, tenantId, target: url, busy, nextAt }: OpenForward): void {
    const lane = laneOf(tenantId, url)
    lane.target.open++
    const inMs = nextAt === null ? 0 : nextAt - clock.now()
    if (nextAt !== null && !isLaneWaiting(busy)) return retries.plan(lane, seq, inMs)
    lane.queue.push(seq)
    if (inMs > 0 && lane.state === 'idle') hold(lane, Math.min(inMs, longestHoldMs))
    else line(lane)
  }

  function hold(lane: Lane, ms: number): void {
    lane.state = 'waiting'
    timers.after(ms, () => {
      lane.state = 'idle'
      line(lane)
    })
  }

  /** Puts a lane that has work into its target's line; `inFront` where it was turned away. */
  function line(lane: Lane, inFront = false): void {
    if (lane.state !== 'idle' || !hasWork(lane)) return
    lane.state = 'ready'
    if (inFront) lane.target.ready.unshift(lane)
    else lane.target.ready.push(lane)
    pump(lane.target)
  }

  function pump(target: Target): void {
    while (!stopping && recorder.waiting < unwrittenLimit && mayLaunch(target)) launch(target.ready.shift() as Lane)
  }

  function pumpAll(): void {
    for (const target of targets.values()) pump(target)
  }

  function launch(lane: Lane): void {
    const { target } = lane
    const isProbe = target.pause !== null
    if (target.pause) target.pause.state = 'probing'
    lane.state = 'running'
    target.inFlight++
    const flight = run(lane, isProbe)
      .catch((error: Error) => {
        warn('not-sent', `an event could not be taken up: ${error.message}`, 'whs doctor')
        lane.state = 'idle'
        hold(lane, waitingMs)
        if (isProbe) probeNext(target)
      })
      .finally(() => {
        target.inFlight--
        flights.delete(flight)
        pump(target)
      })
    flights.add(flight)
  }

  async function run(lane: Lane, isProbe: boolean): Promise<void> {
    const seq = takeNext(lane)
    const unwritten = recorder.of(seq)
    const stored = fresh.take(seq) ?? (await store.read('readForward', { seq }))
    const work = stored && withUnwritten(stored, unwritten)
    if (work?.state !== 'open') {
      if (isProbe) probeNext(lane.target)
      return close(lane)
    }
    const result = await tryForward(deps, work, unwritten, {
      signal: abort.signal,
      onSend: sending => watch(lane, isProbe, { forward: seq, tenant: work.tenant, sending }),
    })
    for (const record of result.records) recorder.record(record)
    if (abort.signal.aborted && result.class === 'nobody') return
    finish(lane, seq, isProbe, result)
  }

  /** Says so when an answer takes its time. On this machine that also means that somebody is there and holds it. */
  function watch(
    lane: Lane,
    isProbe: boolean,
    of: { forward: number; tenant: string | null; sending: Sending },
  ): () => void {
    const { target } = lane
    return timers.after(waitingMs, () => {
      if (isProbe && target.isLoopback) resume(target)
      widen(target)
      const { forward, tenant, sending } = of
      const { company, webhook } = sending.definition
      const { withinMs } = webhook.reply
      const { eventIds, url } = sending
      onFact({ kind: 'waiting', forward, eventIds, tenant, target: url, sinceMs: waitingMs, withinMs, company })
      pump(target)
    })
  }

  function finish(lane: Lane, seq: number, isProbe: boolean, result: ForwardTry): void {
    const { target } = lane
    if (result.class === 'nobody') {
      nobody(target, isProbe, result.detail)
      lane.state = 'idle'
      return line(lane, true)
    }
    // A connection that breaks while its target is going away does not mean that it is back.
    if (result.reached === 'answer' || (isProbe && result.reached === 'contact')) resume(target)
    else if (isProbe) probeNext(target)
    if (result.reached === 'answer') widen(target)
    if (result.laneWaitsMs !== null) return hold(lane, result.laneWaitsMs)
    if (result.nextAt === null) return close(lane)
    lane.current = 0
    retries.plan(lane, seq, result.nextAt - clock.now())
    lane.state = 'idle'
    line(lane)
  }

  function close(lane: Lane): void {
    lane.target.open--
    lane.current = 0
    lane.state = 'idle'
    line(lane)
  }

  function nobody(target: Target, isProbe: boolean, detail: string): void {
    if (target.pause && !isProbe) return
    const { restMs, isNew } = pauseTarget(target, clock.monotonic())
    const why = nobodyText(target.origin, detail)
    if (isNew) onFact({ kind: 'held', target: target.origin, why, count: target.open })
    timers.after(restMs, () => {
      probeNext(target)
      pump(target)
    })
  }

  function probeNext(target: Target): void {
    if (target.pause) target.pause.state = 'due'
  }

  function resume(target: Target): void {
    if (!target.pause) return
    const ms = resumeTarget(target, clock.monotonic())
    onFact({ kind: 'resumed', target: target.origin, count: target.open, ms })
  }

  return {
    poke(works = []) {
      fresh.add(works)
      feed.poke(
        works.map(({ seq, tenantId, target, tries, busy }) => ({ seq, tenantId, target, tries, busy, nextAt: null })),
      )
    },
    async stop(drainMs) {
      stopping = true
      retries.stop()
      timers.end()
      await feed.stop()
      const cancel = clock.setTimer(() => abort.abort(), drainMs)
      while (flights.size > 0) await Promise.all(flights)
      cancel()
      await recorder.drain()
    },
    open: () => [...targets.values()].reduce((sum, target) => sum + target.open, 0),
  }
}
