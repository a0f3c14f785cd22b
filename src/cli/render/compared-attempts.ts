import type { Comparison } from '../../core/compare-attempts.ts'
import { clip } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { makePaint } from './paint.ts'
import { iso, jsonLine } from './records.ts'

const labelWidth = 10
const narrowest = 24

/** Two attempts side by side as lines of text: the verdict, then a row for everything in which they differ. */
export function comparisonLines(io: Pick<Io, 'color' | 'columns'>, comparison: Comparison): string[] {
  const paint = makePaint(io.color)
  const { attempts, differences, verdict } = comparison
  const label = (name: string): string => paint.faint(clip(name.replace(/^header /, ''), 22).padEnd(labelWidth))
  const judged = verdict.startsWith('fixed') ? paint.good(verdict) : verdict
  const room = Math.max(narrowest, Math.floor((io.columns - 26) / 2))
  const heads = attempts.map(number => `attempt ${number}`)
  const cells = (left: string, right: string): string => `${clip(left, room).padEnd(room)}  ${clip(right, room)}`
  return [
    `${label('compared')}  ${judged}`,
    `${label('')}  ${cells(heads[0] as string, heads[1] as string)}`.trimEnd(),
    ...differences.map(({ name, values: [left, right] }) =>
      `${label(name)}  ${cells(left ?? '–', right ?? '–')}`.trimEnd(),
    ),
  ]
}

/** The same as a record. */
export function comparisonLine({ target, attempts, times, verdict, differences }: Comparison): string {
  return jsonLine({
    type: 'comparison',
    at: iso(times[1]),
    to: target,
    attempts,
    verdict,
    differences: differences.map(({ name, values: [before, after] }) => ({ name, before, after })),
  })
}
