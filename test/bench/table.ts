import type { Facts } from './facts.ts'

/** One line of the result: what it is, what the project wants of it, what this run measured. */
export interface Row {
  what: string
  wanted: string
  measured: string
}

/** The result as a table: in Markdown, which a terminal shows as well. */
export function tableText(rows: Row[]): string {
  const head: Row = { what: 'figure', wanted: 'wanted', measured: 'measured' }
  const widthOf = (name: keyof Row): number => Math.max(...[head, ...rows].map(row => row[name].length))
  const widths = { what: widthOf('what'), wanted: widthOf('wanted'), measured: widthOf('measured') }
  const names = ['what', 'wanted', 'measured'] as const
  const line = (row: Row): string => `| ${names.map(name => row[name].padEnd(widths[name])).join(' | ')} |`
  const rule = `|${names.map(name => '-'.repeat(widths[name] + 2)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** What `RESULTS.md` holds: the result first, then where it was measured. */
export function resultsText(rows: Row[], facts: Facts, command: string): string {
  const list = Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`)
  return [
    '# Results of the bench',
    '',
    `Written by \`${command}\`. Every figure is a ratio, or stands beside what it is compared with, of one run.`,
    '',
    tableText(rows),
    '',
    ...list,
    '',
  ].join('\n')
}
