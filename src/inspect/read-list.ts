import { exits, WhsError } from '../core/errors.ts'
import type { Filter } from '../core/filter.ts'
import type { InspectCounts } from '../store/inspect-ops.ts'
import type { Hint } from '../store/rare-events.ts'
import type { EventPage, EventRow } from './api.ts'
import { cursorText } from './cursor.ts'
import type { AskedFilter } from './filter-query.ts'
import { findShown } from './find-shown.ts'
import { eventRows, type RowDeps, rejectedRow } from './rows.ts'

/** What lists are read with. */
export interface ListDeps extends RowDeps {
  counts(): InspectCounts
}

/** Which rows are wanted. */
export interface PageWish extends AskedFilter {
  /** Only older, or only newer ones than this number. */
  before: number | null
  after: number | null
  /** The page that holds what has this id. */
  around: string | null
  /** So many of those that fit are passed over first. */
  skip: number
  limit: number
}

const mostRows = 500
const usualRows = 100
/** What was not found by then (in bodies, without an index) is left to the next page. */
const patientMs = 20_000
const countMs = 120
/** One read takes about so long; deliveries wait for it. */
const sliceMs = 12
const least = 64
const most = 16_000
/** What a search gives to the index, so that the next one is quicker. */
const fillMs = 15

/** @throws WhsError `bad-page` (exit 2) */
export function pageOfQuery(query: URLSearchParams, asked: AskedFilter): PageWish {
  const number = (name: string): number | null => {
    const text = query.get(name)
    if (text === null) return null
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw new WhsError({ code: 'bad-page', exit: exits.usage, what: `${name} is no number` })
  }
  const limit = Math.min(Math.max(number('limit') ?? usualRows, 1), mostRows)
  const [before, after, skip] = [number('before'), number('after'), number('skip') ?? 0]
  return { ...asked, before, after, around: query.get('around'), skip, limit }
}

/**
 * A page of the list. Among a million events it looks where the indexes point, else through slices that are so small
 * that deliveries hardly wait.
 */
export async function readPage(deps: ListDeps, wish: PageWish): Promise<EventPage> {
  const cursor = cursorText(deps.store.readNow('changeCursors'))
  const page = wish.rejected ? await rejectedPage(deps, wish) : await eventPage(deps, wish)
  return { ...page, cursor }
}

type Rows = Omit<EventPage, 'cursor'>

async function eventPage(deps: ListDeps, wish: PageWish): Promise<Rows> {
  const { store } = deps
  const { filter, limit } = wish
  if (filter.search !== undefined) await store.read('fillSearch', { ms: fillMs, make: true })
  const hint = await store.read('hintEvents', { filter })
  if (wish.around !== null) return pageAround(deps, wish, hint)
  if (wish.after !== null) {
    const newer = await walk(deps, filter, hint, { from: wish.after, down: false, limit })
    const top = newer.seqs.at(-1) ?? wish.after
    return {
      rows: eventRows(deps, newer.seqs),
      next: wish.after + 1,
      prev: newer.next === null ? null : top,
      total: null,
    }
  }
  const isFirst = wish.before === null && wish.skip === 0
  const from = wish.before ?? Number.MAX_SAFE_INTEGER
  const older = await walk(deps, filter, hint, { from, down: true, skip: wish.skip, limit })
  const rows = eventRows(deps, older.seqs)
  const total = isFirst ? await countAll(deps, filter, hint, older) : null
  return { rows, next: older.next, prev: isFirst ? null : (rows[0]?.seq ?? null), total }
}

async function pageAround(deps: RowDeps, { filter, around, limit }: PageWish, hint: Hint): Promise<Rows> {
  const { seq } = await findShown(deps.store, around as string, 'event')
  const half = Math.floor(limit / 2)
  const newer = await walk(deps, filter, hint, { from: seq, down: false, limit: half })
  const older = await walk(deps, filter, hint, { from: seq + 1, down: true, limit: limit - half })
  const rows = eventRows(deps, [...newer.seqs, ...older.seqs])
  return { rows, next: older.next, prev: newer.next === null ? null : (newer.seqs.at(-1) ?? seq), total: null }
}

interface Walk {
  /** Excluded. */
  from: number
  down: boolean
  skip?: number
  limit: number
}
interface Walked {
  /** In the order of the walk. */
  seqs: number[]
  /** From where to go on; null at the end. */
  next: number | null
}

/** Walks over the events from a number, downwards or upwards, slice by slice. */
async function walk({ store }: RowDeps, filter: Filter, hint: Hint, wish: Walk): Promise<Walked> {
  const { from, down, skip = 0, limit } = wish
  const newest = store.readNow('readCursors').event
  const order = down ? ('newest' as const) : ('oldest' as const)
  const seqs: number[] = []
  const until = performance.now() + patientMs
  let [at, left] = [down ? Math.min(from, newest + 1) : from, skip]
  for (const slice of slices(hint, at, down, newest)) {
    const started = performance.now()
    const passed = left > 0 ? store.readNow('countMatches', { filter, ...slice.where }) : 0
    if (left > 0 && passed <= left) left -= passed
    else {
      const wanted = left + limit - seqs.length
      const found = store.readNow('matchEvents', { filter, order, ...slice.where, limit: wanted })
      seqs.push(...found.slice(left))
      left = 0
      if (found.length === wanted) return { seqs, next: found.at(-1) as number }
    }
    slice.took(performance.now() - started)
    at = slice.end
    if (performance.now() > until) return { seqs, next: at }
    await turn()
  }
  return { seqs, next: null }
}

/** Lets deliveries and everybody else go on. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

interface Slice {
  where: { above: number; below: number; only?: number[] }
  /** The walk goes on behind this number. */
  end: number
  /** Is told how long it took, so that the next one takes about as long as it may. */
  took(ms: number): void
}

/** What is to be looked at, piece by piece: what the hint names, and every number of which it does not tell. */
function* slices(hint: Hint, from: number, down: boolean, newest: number): Generator<Slice> {
  let size = 2_000
  const took = (ms: number): void => {
    const factor = ms < sliceMs / 2 ? 2 : ms > sliceMs ? 0.5 : 1
    size = Math.min(most, Math.max(least, Math.floor(size * factor)))
  }
  const hinted = hint.seqs === null ? 0 : hint.above
  const listed = down ? (hint.seqs ?? []) : (hint.seqs ?? []).toReversed()
  const isDue = (at: number): boolean => (down ? at > hinted + 1 : at < newest)
  let at = from
  if (!down && at < hinted) at = yield* named()
  while (isDue(at)) {
    const end = down ? Math.max(at - size, hinted + 1) : Math.min(at + size, newest + 1)
    yield { where: down ? { above: end - 1, below: at } : { above: at, below: end }, end: down ? end : end - 1, took }
    at = down ? end : end - 1
  }
  if (down && hint.seqs) yield* named()

  function* named(): Generator<Slice, number> {
    const fits = listed.filter(seq => (down ? seq < at : seq > at))
    for (let index = 0; index < fits.length; ) {
      const only = fits.slice(index, index + Math.max(least, Math.floor(size / 8)))
      const end = only.at(-1) as number
      yield { where: { above: 0, below: Number.MAX_SAFE_INTEGER, only }, end, took }
      index += only.length
    }
    return Math.max(at, Math.min(hinted, newest))
  }
}

/** How many pass a filter; null where that takes too long to count. */
async function countAll(
  { store, counts }: ListDeps,
  filter: Filter,
  hint: Hint,
  first: Walked,
): Promise<number | null> {
  if (first.next === null) return first.seqs.length
  if (Object.keys(filter).length === 0) return counts().events
  const until = performance.now() + countMs
  const newest = store.readNow('readCursors').event
  let count = first.seqs.length
  for (const slice of slices(hint, first.next, true, newest)) {
    if (performance.now() > until) return null
    const started = performance.now()
    count += store.readNow('countMatches', { filter, ...slice.where })
    slice.took(performance.now() - started)
    await turn()
  }
  return count
}

async function rejectedPage(deps: RowDeps, { filter, before, after, around, limit }: PageWish): Promise<Rows> {
  const list = async (order: 'newest' | 'oldest', behind: number | null, count: number): Promise<EventRow[]> => {
    const query = { filter, order, limit: count, ...(behind === null ? {} : { after: behind }) }
    const rows = (await deps.store.read('listRejected', query)).map(rejectedRow)
    return order === 'newest' ? rows : rows.toReversed()
  }
  const last = (rows: EventRow[], wanted: number): number | null =>
    rows.length < wanted ? null : (rows.at(-1)?.seq ?? null)
  const first = (rows: EventRow[], wanted: number): number | null =>
    rows.length < wanted ? null : (rows[0]?.seq ?? null)
  if (around !== null) {
    const { seq } = await findShown(deps.store, around, 'rejected')
    const half = Math.floor(limit / 2)
    const newer = await list('oldest', seq, half)
    const older = await list('newest', seq + 1, limit - half)
    return { rows: [...newer, ...older], next: last(older, limit - half), prev: first(newer, half), total: null }
  }
  if (after !== null) {
    const rows = await list('oldest', after, limit)
    return { rows, next: after + 1, prev: first(rows, limit), total: null }
  }
  const rows = await list('newest', before, limit)
  const total = before === null ? await deps.store.read('countRejected', { filter }) : null
  return { rows, next: last(rows, limit), prev: before === null ? null : before - 1, total }
}
