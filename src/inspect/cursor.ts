import type { ChangeCursors } from '../store/inspect-ops.ts'

/** Where a stream stands, as text: the id of its messages. */
export function cursorText({ event, attempt, forward, record, rejected }: ChangeCursors): string {
  return [event, attempt, forward, record, rejected].join('-')
}

/** The same read back; null for anything else. */
export function parseCursor(text: string | null | undefined): ChangeCursors | null {
  if (!/^\d{1,15}(-\d{1,15}){4}$/.test(text ?? '')) return null
  const numbers = (text as string).split('-').map(Number)
  const [event, attempt, forward, record, rejected] = numbers as [number, number, number, number, number]
  return { event, attempt, forward, record, rejected }
}
