import type { VNode } from 'preact'
import { useCallback, useRef } from 'preact/hooks'
import type { EventRow } from '../../api.ts'
import type { Rows } from '../state/use-rows.ts'
import { EmptyLine, EventLine } from './event-line.tsx'

export interface LinesWish {
  rows: Rows
  /** Places, both included. */
  first: number
  last: number
  lineHeight: number
  cursor: string | null
  open: string | null
  now: number
  onPress(row: EventRow): void
}

/**
 * The lines of some places. While one scrolls, elements that leave on one side come in on the other, and a line in which
 * nothing changed is not looked at again: a frame has hardly more to do than there are new lines.
 */
export function useLines(wish: LinesWish): VNode[] {
  const { rows, first, last, lineHeight, cursor, open, now } = wish
  const { pages, arrived } = rows
  const made = useRef(new Map<number, { of: unknown[]; line: VNode }>())
  const slots = useRef(1)
  const press = useRef(wish.onPress)
  press.current = wish.onPress
  const onPress = useCallback((row: EventRow) => press.current(row), [])
  const lines: VNode[] = []
  if (!pages) return lines
  // As many elements as were ever needed at once are used in turn.
  if (last - first >= slots.current) {
    slots.current = last - first + 1
    made.current.clear()
  }
  for (let place = first; place <= last; place++) {
    // Counted from the row that was the newest at the beginning, a row has the same number whatever comes in before it.
    const slot = (((place - pages.fresh) % slots.current) + slots.current) % slots.current
    const row = pages.at(place)
    const top = place * lineHeight
    const [isHere, isOpen, slides] = [row?.id === cursor, row?.id === open, row !== undefined && arrived.has(row.id)]
    const time = row && isWaiting(row, now) ? now : dayOf(now)
    const of = [row, top, isHere, isOpen, slides, time]
    const known = made.current.get(slot)
    const isSame = known?.of.every((one, index) => one === of[index])
    const state = { isHere, isOpen, slides, now, onPress }
    const line = isSame ? known?.line : row && <EventLine key={slot} row={row} place={place} top={top} {...state} />
    const shown = line ?? <EmptyLine key={`empty-${slot}`} place={place} top={top} />
    made.current.set(slot, { of, line: shown })
    lines.push(shown)
  }
  return lines
}

function isWaiting({ forwards }: EventRow, now: number): boolean {
  return forwards.some(({ nextAt }) => nextAt !== null && nextAt > now - 2_000)
}

function dayOf(now: number): number {
  return Math.floor(now / 3_600_000)
}
