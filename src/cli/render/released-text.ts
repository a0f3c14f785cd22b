import { countText, durationText } from '../../core/text.ts'
import type { Released } from '../../store/mapping-ops.ts'
import type { Io } from '../io.ts'

/** How many parked events a mapping let go, and how old the oldest is. */
export function releasedText(io: Io, { events, oldestAt }: Pick<Released, 'events' | 'oldestAt'>): string {
  const age = oldestAt === null ? '' : `, the oldest ${durationText(io.now() - oldestAt)} old`
  return `${countText(events, 'parked event was', 'parked events were')} released${age}`
}
