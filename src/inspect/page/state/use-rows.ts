import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Failure } from '../../api.ts'
import { type Condition, filterQuery } from '../pure/place.ts'
import type { RowPages } from '../pure/row-pages.ts'
import { ListState } from './list-state.ts'

/** The list: rows by place, and what comes in live. */
export interface Rows {
  /** Null until the first ones are here. */
  pages: RowPages | null
  failure: Failure | null
  link: 'opening' | 'live' | 'lost'
  /** New rows that wait until the person is at the top again. */
  held: number
  /** The list has changed in other ways, and is read again once the person is at the top. */
  stale: boolean
  /** How often it was read anew. */
  generation: number
  /** Those that came in last, which slide in. */
  arrived: ReadonlySet<string>
  /** Whether lines are on their way to their new places. */
  sliding: boolean
  /** The events that the stream named last. */
  touched: ReadonlySet<string>
  /** Loads what the places from `first` to `last` need. */
  need(first: number, last: number): void
  /** Whether the person is at the top, where new rows come in. */
  atTop(is: boolean): void
  reload(): void
}

/** Loads and watches the events that pass some conditions. `onNow`: what `/api/now` tells has changed. */
export function useRows(conditions: Condition[], onNow: () => void): Rows {
  const query = useMemo(() => filterQuery(conditions).toString(), [conditions])
  const [, redraw] = useState(0)
  const list = useMemo(() => new ListState(query, () => redraw(one => one + 1), onNow), [query])
  useEffect(() => {
    void list.load()
    return () => list.end()
  }, [list])
  return list
}
