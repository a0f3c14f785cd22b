import type { Comparison } from '../../core/compare-attempts.ts'
import { clip, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { makePaint } from './paint.ts'
import { iso, jsonLine } from './records.ts'

const narrowest = 24

/** Two attempts side by side as lines of text: the verdict, then a row for everything in which they differ. */
export function comparisonLines(
  io: Pick<Io, 'color' | 'columns'>,
  comparison: Comparison,
  { rows, isOnly }: { rows: number; isOnly: boolean },
): string[] {
  const paint = makePaint(io.color)
  const { attempts, marks, differences, verdict, target, tenant } = comparison
  const shown = differences.slice(0, rows)
  const names = shown.map(({ name }) => clip(name.replace(/^header /, ''), 22))
  const width = Math.max(10, ...names.map(name => name.length))
  const label = (name: string): string => paint.faint(name.padEnd(width))
  const judged = verdict.startsWith('fixed') ? paint.good(verdict) : verdict
  const room = Math.max(narrowest, Math.floor((io.columns - width - 4) / 2))
  const heads = attempts.map((number, at) => `attempt ${number}${marks[at] ? ` (${marks[at]})` : ''}`)
  const where = isOnly ? '' : `  (${safeText(target)}${tenant ? ` for ${tenant}` : ''})`
  const cells = (left: string, right: string): string => `${clip(left, room).padEnd(room)}  ${clip(right, room)}`
  const lines = [`${label('compared')}  ${judged}${where}`]
  if (rows === 0) return lines
  lines.push(`${label('')}  ${cells(heads[0] as string, heads[1] as string)}`)
  for (const [at, { values }] of shown.entries())
    lines.push(`${label(names[at] as string)}  ${cells(values[0] ?? '–', values[1] ?? '–')}`)
  return lines.map(line => line.trimEnd())
}

/** The same as a record. */
export function comparisonLine({ target, tenant, attempts, marks, times, verdict, differences }: Comparison): string {
  return jsonLine({
    type: 'comparison',
    at: iso(times[1]),
    to: target,
    tenant,
    attempts,
    marks,
    verdict,
    differences: differences.map(({ name, values: [before, after] }) => ({ name, before, after })),
  })
}
