import type { EventPage, EventRow } from '../../api.ts'

/** How many rows a request brings. */
export const pageSize = 100
/** So many pages stay in memory; of the others only where they end is kept. */
const mostPages = 60

/** Which rows to ask for: so many behind `before`. */
export interface PageWish {
  page: number
  before: number | null
  skip: number
}

/**
 * The rows of the list by place, of which only some pages are here. It begins at the row that was the newest when it was
 * loaded; what came since stands before it. So a place means the same row while new ones come in.
 */
export class RowPages {
  /** How many rows there are in all, where the server says so. */
  private total: number | null
  private readonly pages = new Map<number, EventRow[]>()
  /** The last `seq` of each page that was ever here: where the next one begins. Of page -1: where the list does. */
  private readonly ends = new Map<number, number>()
  private readonly newer: EventRow[] = []
  private furthest = 0

  constructor(first: EventPage) {
    this.total = first.next === null ? first.rows.length : first.total
    const [top] = first.rows
    if (top) this.ends.set(-1, top.seq + 1)
    this.put(0, first)
  }

  /** How many places the list has: a lower bound while the total is unknown and the end was not seen. */
  get count(): number {
    return this.newer.length + (this.total ?? this.furthest + pageSize)
  }

  /** How many came since it was loaded. */
  get fresh(): number {
    return this.newer.length
  }

  /** Whether `count` is the number of all that fits. */
  get isCounted(): boolean {
    return this.total !== null
  }

  /** The row at a place; undefined where it is still to be loaded. */
  at(place: number): EventRow | undefined {
    const behind = place - this.newer.length
    if (behind < 0) return this.newer[place]
    return this.pages.get(Math.floor(behind / pageSize))?.[behind % pageSize]
  }

  /** The place of an event among the rows that are here, or -1. */
  placeOf(id: string): number {
    const place = this.newer.findIndex(row => row.id === id)
    if (place >= 0) return place
    for (const [page, rows] of this.pages) {
      const index = rows.findIndex(row => row.id === id)
      if (index >= 0) return this.newer.length + page * pageSize + index
    }
    return -1
  }

  /** What is to be loaded so that the places from `first` to `last` are here. */
  missing(first: number, last: number): PageWish[] {
    const wishes: PageWish[] = []
    const from = Math.max(0, Math.floor((first - this.newer.length) / pageSize))
    const end = Math.min(this.total ?? this.furthest + pageSize, last + 1 - this.newer.length)
    for (let page = from; page * pageSize < end; page++) {
      if (!this.pages.has(page)) wishes.push(this.wishFor(page))
    }
    return wishes
  }

  private wishFor(page: number): PageWish {
    let known = -1
    for (const one of this.ends.keys()) if (one < page && one > known) known = one
    return { page, before: this.ends.get(known) ?? null, skip: (page - known - 1) * pageSize }
  }

  /** Takes in a page that was asked for. Pages far from it are forgotten. */
  put(page: number, { rows, next, total }: EventPage): void {
    const last = rows.at(-1)
    this.pages.set(page, rows)
    if (last && rows.length === pageSize) this.ends.set(page, last.seq)
    const seen = page * pageSize + rows.length
    this.furthest = Math.max(this.furthest, seen)
    if (next === null) this.total = seen
    else this.total ??= total
    if (this.pages.size <= mostPages) return
    const far = [...this.pages.keys()].sort((left, right) => Math.abs(right - page) - Math.abs(left - page))
    for (const one of far.slice(0, this.pages.size - mostPages)) this.pages.delete(one)
  }

  /** The number of the newest row; -1 where there is none. */
  get newest(): number {
    return this.newer[0]?.seq ?? (this.ends.get(-1) ?? 0) - 1
  }

  /** Whether a row that is not here belongs between those of the pages that are. */
  isAmong({ seq }: EventRow): boolean {
    return [...this.pages.values()].some(
      rows => seq < (rows[0]?.seq ?? -1) && seq > (rows.at(-1)?.seq ?? Number.MAX_VALUE),
    )
  }

  /**
   * Takes in a row that is new or changed. `new`: it stands at the top now; `changed`: it took its old one's place;
   * `elsewhere`: it is not among the rows that are here.
   */
  take(row: EventRow): 'new' | 'changed' | 'elsewhere' {
    for (const rows of [this.newer, ...this.pages.values()]) {
      const index = rows.findIndex(one => one.seq === row.seq)
      if (index < 0) continue
      rows[index] = row
      return 'changed'
    }
    if (row.seq <= this.newest) return 'elsewhere'
    this.newer.unshift(row)
    return 'new'
  }
}
