import type { ReplyStream } from '../net/stream.ts'
import type { ChangeCursors } from '../store/inspect-ops.ts'
import type { EventRow, StreamMessage } from './api.ts'
import { cursorText } from './cursor.ts'
import type { AskedFilter } from './filter-query.ts'
import { eventRows, type RowDeps, rejectedRow } from './rows.ts'

/** What happens in the store, told to every page that is open. */
export interface Live {
  /** Writes a stream until its reader has gone; from a cursor, else from now on. */
  follow(to: ReplyStream, asked: AskedFilter, from: ChangeCursors | null): Promise<void>
  /** How many streams are open. */
  open(): number
  close(): void
}

const lookMs = 60
/** A page is told row by row of so much at a time; of more only that it should read its list again. */
const mostRows = 200
const mostBehind = 1_000
const nowMs = 1_000
const aliveMs = 15_000
/** Of each second of this process all streams together take about so much; then all wait for the next one. */
const budgetMs = 150
const secondMs = 1_000
/** Pages that show the same are mostly at the same place: what was read for one is there for the others. */
const mostTurns = 32

/**
 * Each stream reads the store from where it stands, by its own filter, and only once its reader has taken what came
 * before: a slow one falls behind alone, and is then told to read its list again. Nothing is kept for anybody.
 */
export function makeLive(deps: RowDeps): Live {
  const { store } = deps
  const ended = new AbortController()
  const waiting = new Set<() => void>()
  const turns = new Map<string, Turn>()
  const second = { from: 0, spent: 0 }
  let streams = 0
  let timer: NodeJS.Timeout | undefined
  let seen = -1

  function look(): void {
    const version = store.dataVersion()
    if (version !== seen) for (const wake of waiting) wake()
    seen = version
  }

  /** Resolves once something is committed that `version` does not know, or after a time. */
  function change(signal: AbortSignal, version: number, ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(late)
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const late = setTimeout(done, ms)
      waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted || store.dataVersion() !== version) done()
    })
  }

  async function follow(to: ReplyStream, asked: AskedFilter, from: ChangeCursors | null): Promise<void> {
    const signal = AbortSignal.any([to.signal, ended.signal])
    streams++
    timer ??= setInterval(look, lookMs)
    try {
      await run(to, signal, asked, from ?? store.readNow('changeCursors'))
    } finally {
      streams--
      if (streams === 0) {
        clearInterval(timer)
        timer = undefined
        turns.clear()
      }
    }
  }

  async function run(to: ReplyStream, signal: AbortSignal, asked: AskedFilter, from: ChangeCursors): Promise<void> {
    let at = from
    let written = performance.now()
    const told = { at: 0, version: -1, mapping: store.readNow('newestMapping') }
    if (!(await to.write(`retry: 1000\nid: ${cursorText(at)}\n\n`))) return
    while (!signal.aborted) {
      const version = store.dataVersion()
      const started = performance.now()
      const turn = turnOf(asked, at, version)
      at = turn.at
      const messages = [...turn.messages]
      if (version !== told.version && started - told.at >= nowMs) {
        Object.assign(told, { at: started, version })
        messages.push({ event: 'now', data: null })
        // An account that is somebody's now may have released events, and no number tells which.
        const mapping = store.readNow('newestMapping')
        if (mapping !== told.mapping) messages.push({ event: 'again', data: null })
        told.mapping = mapping
      }
      const took = performance.now() - started
      if (messages.length > 0 || started - written >= aliveMs) {
        if (!(await to.write(textOf(messages, cursorText(at))))) return
        written = started
      }
      const patience = version === told.version ? aliveMs : Math.max(0, told.at + nowMs - started)
      if (!turn.isMore) await change(signal, version, patience)
      await pause(signal, breath(took))
    }
  }

  /** How long a stream waits that took so much. */
  function breath(took: number): number {
    const now = performance.now()
    if (now - second.from >= secondMs) Object.assign(second, { from: now, spent: 0 })
    second.spent += took
    return second.spent > budgetMs ? second.from + secondMs - now : lookMs
  }

  function turnOf(asked: AskedFilter, at: ChangeCursors, version: number): Turn {
    const key = `${version} ${cursorText(at)} ${JSON.stringify(asked)}`
    const known = turns.get(key)
    if (known) return known
    const turn = store.snapshot(() => readTurn(deps, asked, at))
    turns.set(key, turn)
    for (const oldest of turns.keys()) {
      if (turns.size <= mostTurns) break
      turns.delete(oldest)
    }
    return turn
  }

  return { follow, open: () => streams, close: () => ended.abort() }
}

function pause(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal.aborted) return done()
    signal.addEventListener('abort', done, { once: true })
  })
}

interface Turn {
  at: ChangeCursors
  messages: StreamMessage[]
  /** There may be more at once. */
  isMore: boolean
}

/** What passes the filter and is new or changed since a cursor. */
function readTurn(deps: RowDeps, { filter, rejected }: AskedFilter, at: ChangeCursors): Turn {
  const { store } = deps
  const newest = store.readNow('changeCursors')
  const names = ['event', 'attempt', 'forward', 'record', 'rejected'] as const
  // A cursor of another store, such as one that was reset.
  if (names.some(name => at[name] > newest[name])) return readAgain(newest)
  if (rejected) {
    const query = { filter, order: 'oldest' as const, after: at.rejected, limit: mostRows }
    const found = store.readNow('listRejected', query)
    const last = found.length < mostRows ? newest.rejected : (found.at(-1)?.seq as number)
    return {
      at: { ...newest, rejected: last },
      messages: rowMessages(found.map(rejectedRow)),
      isMore: last < newest.rejected,
    }
  }
  const changed = store.readNow('changedEvents', { since: at, limit: mostRows })
  if (changed === null || newest.event - at.event > mostBehind) {
    return readAgain(newest)
  }
  const all = { filter, order: 'oldest' as const, limit: mostRows }
  const fresh = store.readNow('matchEvents', { ...all, above: at.event, below: newest.event + 1 })
  const still = store.readNow('matchEvents', { ...all, above: 0, below: at.event + 1, only: changed })
  const event = fresh.length < mostRows ? newest.event : (fresh.at(-1) as number)
  const rows = eventRows(deps, [...still, ...fresh]).toReversed()
  return { at: { ...newest, event }, messages: rowMessages(rows), isMore: event < newest.event }
}

function readAgain(at: ChangeCursors): Turn {
  return { at, messages: [{ event: 'again', data: null }], isMore: false }
}

function rowMessages(rows: EventRow[]): StreamMessage[] {
  return rows.map(data => ({ event: 'row', data }))
}

/** Messages as server-sent events; only the last of a turn has the cursor, since a reader may be cut off between them. */
function textOf(messages: StreamMessage[], cursor: string): string {
  if (messages.length === 0) return `id: ${cursor}\n\n`
  return messages
    .map(({ event, data }, index) => {
      const id = index === messages.length - 1 ? `id: ${cursor}\n` : ''
      return `${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    })
    .join('')
}
