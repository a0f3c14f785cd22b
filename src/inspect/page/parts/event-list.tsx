import type { RefObject } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { EventRow } from '../../api.ts'
import { visibleText } from '../pure/visible-text.ts'
import { countText } from '../pure/words.ts'
import type { Rows } from '../state/use-rows.ts'
import { useSeen } from '../state/use-seen.ts'
import { useLines } from './event-lines.tsx'
import { Sign } from './icons.tsx'

const columns = ['Time', 'Tenant', 'Provider', 'Event', 'Resource', 'Handler’s answer']
const quietMs = 3_000
/** So many lines are loaded before they are seen. */
const ahead = 120
/** What browsers still lay out exactly; a longer list goes on by `until`. */
const mostPlaces = 300_000

export interface EventListProps {
  rows: Rows
  /** The line that the keys act on. */
  cursor: string | null
  open: string | null
  lineHeight: number
  now: number
  onPress(row: EventRow): void
  onOlder(row: EventRow): void
  grid: RefObject<HTMLDivElement | null>
}

/** The events, of which only the lines that are seen exist. */
export function EventList({ rows, cursor, open, lineHeight, now, onPress, onOlder, grid }: EventListProps) {
  const { pages } = rows
  const all = pages?.count ?? 0
  const count = Math.min(all, mostPlaces)
  const { first, last, isTop } = useSeen(grid, lineHeight, count)
  const head = useRef<HTMLDivElement>(null)

  useEffect(() => rows.atTop(isTop), [isTop, pages])
  useEffect(() => rows.need(Math.max(0, first - ahead), last + ahead), [first, last, pages, count])
  const place = cursor === null ? -1 : (pages?.placeOf(cursor) ?? -1)
  useLayoutEffect(() => {
    if (place >= 0) reveal(grid.current, place, lineHeight, head.current?.offsetHeight ?? 0)
  }, [cursor])

  const lines = useLines({ rows, first, last: Math.min(last, count - 1), lineHeight, cursor, open, now, onPress })
  const isCursorSeen = place >= first && place <= last
  const end = count < all ? pages?.at(count - 1) : undefined
  return (
    <div class="list-frame">
      <div
        ref={grid}
        class={rows.sliding ? 'list sliding' : 'list'}
        role="grid"
        aria-label="Events, newest first"
        aria-rowcount={pages?.isCounted ? all + 1 : -1}
        aria-colcount={columns.length}
        aria-activedescendant={isCursorSeen ? `row-${cursor}` : undefined}
        tabIndex={0}
      >
        <div class="list-head" role="rowgroup" ref={head}>
          <div role="row" aria-rowindex={1} class="row-head">
            {columns.map((name, index) => (
              <span
                role="columnheader"
                class={`cell-${['time', 'tenant', 'provider', 'event', 'resource', 'answer'][index]}`}
              >
                {name}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="list-body" style={{ height: `${count * lineHeight}px` }}>
          {lines}
        </div>
        {end && (
          <button type="button" class="button older" onClick={() => onOlder(end)}>
            {countText(all - count, 'older event')}: go on from here
          </button>
        )}
      </div>
      <Held rows={rows} grid={grid} />
      <Announcement rows={rows} />
    </div>
  )
}

/** Says what came in, for who does not see it, at most every few seconds. */
function Announcement({ rows }: { rows: Rows }) {
  const [said, say] = useState('')
  const last = useRef(0)
  useEffect(() => {
    const [id] = rows.arrived
    const row = id === undefined ? undefined : rows.pages?.at(rows.pages.placeOf(id))
    if (!row || Date.now() - last.current < quietMs) return
    last.current = Date.now()
    const more = rows.arrived.size > 1 ? ` and ${rows.arrived.size - 1} more` : ''
    say(`New: ${visibleText(row.event ?? 'event')}, ${visibleText(row.tenant ?? 'nobody’s')}${more}`)
  }, [rows.arrived])
  return (
    <p class="unseen" aria-live="polite">
      {said}
    </p>
  )
}

/** What came while the person looked elsewhere. */
function Held({ rows, grid }: { rows: Rows; grid: RefObject<HTMLDivElement | null> }) {
  const toTop = useCallback(() => grid.current?.scrollTo({ top: 0 }), [])
  return (
    <div class="held" aria-live="polite">
      {(rows.held > 0 || rows.stale) && (
        <button type="button" class="pill" onClick={toTop}>
          <Sign name="up" />
          {rows.held > 0 ? `${rows.held} new` : 'changed'}
        </button>
      )}
    </div>
  )
}

/** Scrolls no further than a line needs to be seen whole. */
function reveal(box: HTMLDivElement | null, place: number, lineHeight: number, head: number): void {
  if (!box) return
  const top = place * lineHeight
  const room = box.clientHeight - head
  if (top < box.scrollTop) box.scrollTop = top
  else if (top + lineHeight > box.scrollTop + room) box.scrollTop = top + lineHeight - room
}
