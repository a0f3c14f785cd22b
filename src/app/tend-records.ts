import { setTimeout as pause } from 'node:timers/promises'
import { exits, WhsError } from '../core/errors.ts'
import type { Filter } from '../core/filter.ts'
import { type Clock, systemClock } from '../deliver/clock.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { WantedRecord } from '../store/wanted-record-ops.ts'
import type { App } from './app.ts'
import type { Fact } from './facts.ts'
import { fetchable, fetchRecord } from './fetch-record.ts'
import { faultTeller } from './tell-seldom.ts'

export interface TendRecordsOptions {
  /** Otherwise nothing is fetched, now or later, of what comes while this listener runs. */
  isWished: boolean
  /** The newest event before this listener took any. */
  from: number
  /** Only of events that pass it. */
  filter: Filter
  tell(fact: Fact): void
  clock?: Pick<Clock, 'setTimer'>
}

/** The fetching of things behind their events, while a listener runs. */
export interface RecordTending {
  /** What can be fetched in this time still is; the rest is left to the next listener that fetches. */
  stop(limitMs: number): Promise<void>
}

const pollMs = 100
/** Events of one thing that come within this time ask for it once. */
const gatherMs = 250
const atOnce = 8
const page = 500
const firstAgainMs = 10_000
const longestAgainMs = 15 * 60_000
const mostTries = 12

/**
 * Fetches the thing of each new event, as its tenant: after the event is on disk, one at a time for each connection, and
 * once for all events of one thing that wait. What is to be fetched stands in the store, so that a kill loses nothing of it. A failure
 * is told once; what may pass is tried again, at pauses that grow, and at once when a connection changes.
 */
export function tendRecords(app: App, options: TendRecordsOptions): RecordTending {
  if (options.isWished) return startFetching(app, options)
  const work = endWanting(app).catch(() => undefined)
  return { stop: () => work }
}

async function endWanting(app: App): Promise<void> {
  if (app.store().readNow('wantedUpTo') !== null) await app.store().write('endWanting')
}

function startFetching(app: App, { from, filter, tell, clock = systemClock }: TendRecordsOptions): RecordTending {
  const store = app.store()
  const onFault = faultTeller(app, tell, { code: 'records', what: 'things are not fetched' })
  const ended = new AbortController()
  const running = new Map<string, Promise<void>>()
  const things = new Set<string>()
  let after = store.readNow('wantedUpTo') ?? from
  let seen = -1
  let config = store.configVersion()
  let isStopping = false
  let looking: Promise<void> = begin()
  let cancel = (): void => undefined
  let toldLeftAt = Number.NEGATIVE_INFINITY

  async function begin(): Promise<void> {
    await store.write('wantRecords', { events: [], upTo: after, at: app.now() })
    await store.write('hurryWanted', { now: app.now() })
    tellUnknown()
  }

  function turn(): void {
    if (isStopping) return
    looking = looking.then(look).catch(error => (isStopping ? undefined : onFault(error)))
    void looking.finally(() => {
      if (!isStopping) cancel = clock.setTimer(turn, pollMs)
    })
  }

  async function look(): Promise<void> {
    const version = store.dataVersion()
    const now = store.configVersion()
    if (version !== seen) await note()
    seen = version
    if (now !== config) await store.write('hurryWanted', { now: app.now() })
    config = now
    start(app.now())
  }

  /** Notes which of the new events have a thing to be fetched. */
  async function note(): Promise<void> {
    for (;;) {
      const { events, newest } = store.snapshot(() => ({
        newest: store.readNow('readCursors').event,
        events: store.readNow('listEvents', { filter, order: 'oldest', after, limit: page }),
      }))
      const isLast = events.length < page
      after = isLast ? newest : (events.at(-1)?.seq ?? newest)
      const wanted = events.filter(event => isWanted(app, event)).map(({ seq }) => seq)
      if (wanted.length > 0) {
        const { left } = await store.write('wantRecords', { events: wanted, upTo: after, at: app.now() + gatherMs })
        if (left > 0) tellLeft(left)
      }
      if (isLast) return
    }
  }

  /** Begins what is due by a time, as far as there is room. */
  function start(by: number): void {
    for (const wanted of store.readNow('dueRecords', { now: by, limit: page })) {
      if (running.size >= atOnce || ended.signal.aborted) return
      const thing = JSON.stringify([wanted.appId, wanted.tenantId, wanted.accountId, wanted.type, wanted.id])
      const lane = store.readNow('recordConnection', { eventSeq: wanted.eventSeq }) ?? `none ${wanted.tenantId}`
      if (running.has(lane) || things.has(thing)) continue
      things.add(thing)
      const work = bring(wanted)
        .catch(error => (ended.signal.aborted ? undefined : onFault(error)))
        .finally(() => {
          running.delete(lane)
          things.delete(thing)
        })
      running.set(lane, work)
    }
  }

  async function bring(wanted: WantedRecord): Promise<void> {
    const alike = await store.read('wantedAlike', wanted)
    const newest = alike.at(-1)
    const event = newest && (await store.read('readEvent', { seq: newest.eventSeq }))
    if (!event) return
    const eventSeqs = alike.map(({ eventSeq }) => eventSeq)
    const begun = app.now()
    try {
      await fetchRecord(app, fetchable(app, event), eventSeqs, { signal: ended.signal })
    } catch (error) {
      if (ended.signal.aborted) return
      const { code = 'fault', message, why = null, next = null } = error as Partial<WhsError> & Error
      const nextAt = mayPass(error) && wanted.tries + 1 < mostTries ? app.now() + againMs(wanted.tries) : null
      const nothing = { status: null, deleted: false, call: null, body: null, start: 0, length: 0 }
      const failure = { code, what: message, why, next }
      const ms = app.now() - begun
      await store.write('keepRecord', { ...nothing, eventSeqs, at: begun, ms, failure, nextAt })
    }
  }

  function tellLeft(left: number): void {
    if (app.now() - toldLeftAt < 60_000) return
    toldLeftAt = app.now()
    const detail = `the things of ${left} events and more are not fetched: too many wait already`
    tell({ kind: 'warning', code: 'records', detail, fix: 'whs events show <id> --fetch' })
  }

  function tellUnknown(): void {
    const without = store.readNow('listApps').filter(({ provider }) => !hasRecords(app, provider))
    if (without.length === 0) return
    const names = without.map(({ name }) => name).join(', ')
    tell({
      kind: 'warning',
      code: 'no-record',
      detail: `--fetch gets nothing of ${names}: no call that reads single things is known`,
    })
  }

  /** Works off what is there. */
  async function finish(): Promise<void> {
    await note()
    for (;;) {
      start(app.now() + gatherMs)
      if (running.size === 0) return
      await Promise.race(running.values())
    }
  }

  turn()
  return {
    async stop(limitMs) {
      isStopping = true
      cancel()
      const end = looking.then(finish).catch(() => undefined)
      await Promise.race([end, pause(limitMs, undefined, { ref: false })])
      ended.abort()
      await store.write('endWanting').catch(() => undefined)
    },
  }
}

function hasRecords(app: App, provider: string): boolean {
  try {
    return (app.definitionOf(provider).record ?? []).length > 0
  } catch {
    // A provider that is not known any more has no events either.
    return true
  }
}

/** What is new, and has a thing that can be fetched. */
function isWanted(app: App, event: StoredEvent): boolean {
  if (event.repeatOf !== null || event.resourceType === null || event.source === 'import') return false
  try {
    fetchable(app, event)
    return true
  } catch (error) {
    if (error instanceof WhsError) return false
    throw error
  }
}

/** Whether asking again may help: the provider is busy or away, or the tenant may consent again. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof WhsError)) return false
  const { code, exit } = error
  if (code === 'connection-broken') return true
  return exit === exits.api && code !== 'record-refused' && code !== 'record-unread'
}

function againMs(tries: number): number {
  return Math.min(firstAgainMs * 2 ** tries, longestAgainMs)
}
