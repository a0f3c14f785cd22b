import type { EventPage, EventRow, Failure } from '../../api.ts'
import { type PageWish, pageSize, RowPages } from '../pure/row-pages.ts'
import { call, failureFrom } from './call.ts'
import { watchStream } from './stream.ts'
import type { Rows } from './use-rows.ts'

/** So many new rows before the list begins anew at the newest one. */
const mostFresh = 2_000
/** More than so many at once do not slide. */
const mostSliding = 6
/** Rows that come within so short a time are taken in together. */
const frameMs = 50
const slideMs = 250
const retryMs = 2_000

/** The list of one filter, from its first row until another filter takes its place. */
export class ListState implements Rows {
  pages: RowPages | null = null
  failure: Failure | null = null
  link: Rows['link'] = 'opening'
  stale = false
  generation = 0
  arrived: ReadonlySet<string> = new Set()
  sliding = false
  touched: ReadonlySet<string> = new Set()
  private top = true
  private round = 0
  private resting: ReturnType<typeof setTimeout> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private readonly waiting = new Map<number, EventRow>()
  private readonly asked = new Set<number>()
  private readonly coming: EventRow[] = []
  private endStream: (() => void) | null = null
  private readonly query: string
  private readonly draw: () => void
  private readonly onNow: () => void

  constructor(query: string, draw: () => void, onNow: () => void) {
    this.query = query
    this.draw = draw
    this.onNow = onNow
    this.need = this.need.bind(this)
    this.atTop = this.atTop.bind(this)
    this.reload = this.reload.bind(this)
  }

  get held(): number {
    return this.waiting.size
  }

  /** Begins at the newest row, and watches from there. */
  async load(): Promise<void> {
    const round = ++this.round
    try {
      const page = await this.ask(null, 0)
      if (this.round !== round) return
      this.pages = new RowPages(page)
      this.generation++
      this.failure = null
      this.stale = false
      this.asked.clear()
      this.waiting.clear()
      this.coming.length = 0
      this.endStream?.()
      this.endStream = watchStream(this.query, page.cursor, {
        row: row => this.take(row),
        now: this.onNow,
        again: () => this.again(),
        state: link => {
          this.link = link
          this.draw()
        },
      })
    } catch (error) {
      if (this.round !== round) return
      this.failure = failureFrom(error)
      if (this.failure.code === 'away') this.link = 'lost'
      clearTimeout(this.retry)
      if (this.failure.code === 'away') this.retry = setTimeout(() => void this.load(), retryMs)
    }
    this.draw()
  }

  reload(): void {
    void this.load()
  }

  end(): void {
    this.round++
    clearTimeout(this.retry)
    clearTimeout(this.resting)
    this.endStream?.()
    this.endStream = null
  }

  need(first: number, last: number): void {
    for (const wish of this.pages?.missing(first, last) ?? []) {
      if (!this.asked.has(wish.page)) void this.fill(wish)
    }
  }

  private async fill({ page, before, skip }: PageWish): Promise<void> {
    const { round, pages } = this
    this.asked.add(page)
    try {
      const answer = await this.ask(before, skip)
      if (this.round !== round) return
      pages?.put(page, answer)
      this.failure = null
    } catch (error) {
      if (this.round !== round) return
      this.failure = failureFrom(error)
    }
    // The same places ask again when they are next looked at.
    this.asked.delete(page)
    this.draw()
  }

  atTop(is: boolean): void {
    this.top = is
    if (!is) return this.rest()
    if (this.stale) void this.load()
    else if (this.waiting.size > 0) {
      this.add([...this.waiting.values()])
      this.waiting.clear()
      this.draw()
    }
  }

  /** A page whole: one that ends early, since the search took long, is asked for its rest. */
  private async ask(before: number | null, skip: number): Promise<EventPage> {
    const page = await call<EventPage>(this.pathOf(before, skip, pageSize))
    while (page.rows.length < pageSize && page.next !== null) {
      const rest = await call<EventPage>(this.pathOf(page.next, 0, pageSize - page.rows.length))
      page.rows.push(...rest.rows)
      page.next = rest.next
    }
    return page
  }

  private pathOf(before: number | null, skip: number, limit: number): string {
    const query = new URLSearchParams(this.query)
    query.set('limit', String(limit))
    if (before !== null) query.set('before', String(before))
    if (skip > 0) query.set('skip', String(skip))
    return `/api/events?${query}`
  }

  private again(): void {
    if (this.top) void this.load()
    else {
      this.stale = true
      this.draw()
    }
  }

  private take(row: EventRow): void {
    this.coming.push(row)
    if (this.coming.length === 1) setTimeout(() => this.takeAll(), frameMs)
  }

  private takeAll(): void {
    const { pages } = this
    const coming = this.coming.splice(0)
    if (!pages || coming.length === 0) return
    this.touched = new Set(coming.map(one => one.id))
    const fresh: EventRow[] = []
    const { newest } = pages
    for (const row of coming) {
      if (row.seq > newest) fresh.push(row)
      // It fits now, and did not before: its place is among rows that are not numbered for it.
      else if (pages.take(row) === 'elsewhere' && pages.isAmong(row)) this.stale = true
    }
    if (this.top) this.add(fresh)
    else for (const row of fresh) this.waiting.set(row.seq, row)
    if (this.top && (this.stale || pages.fresh > mostFresh)) void this.load()
    this.draw()
  }

  private add(rows: EventRow[]): void {
    const latest = new Map(rows.map(row => [row.seq, row]))
    const sorted = [...latest.values()].sort((left, right) => left.seq - right.seq)
    const added = sorted.filter(row => this.pages?.take(row) === 'new')
    if (rows.length === 0) return
    this.arrived = new Set(added.length > mostSliding ? [] : added.map(row => row.id))
    this.sliding = this.arrived.size > 0
    clearTimeout(this.resting)
    if (this.sliding) this.resting = setTimeout(() => this.rest(), slideMs)
  }

  /** Lines stand still: an element that is used for another line would slide to its place. */
  private rest(): void {
    clearTimeout(this.resting)
    if (!this.sliding) return
    this.sliding = false
    this.draw()
  }
}
