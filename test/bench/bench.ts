import { writeFileSync } from 'node:fs'
import { benchDisk } from './disk.ts'
import { gatherFacts } from './facts.ts'
import { benchForward } from './forward.ts'
import { benchMemory } from './memory.ts'
import { benchMillion } from './million.ts'
import { benchHung, benchLatency } from './paced.ts'
import { benchReceive } from './receive.ts'
import { benchReplay } from './replay.ts'
import { full, type Sizes, short } from './sizes.ts'
import { benchStart } from './start.ts'
import { type Row, resultsText, tableText } from './table.ts'

/**
 * Prints what was measured and asserts nothing: figures of one machine compare only with figures of the same run.
 * `npm run bench -- receive replay` runs some parts; `--peers` installs and drives the tools that others use, `--million`
 * fills a store with a million events, `--short` measures less, `--write` writes `RESULTS.md`.
 */
const args = process.argv.slice(2)
const withPeers = args.includes('--peers')
const parts: Record<string, (sizes: Sizes) => Promise<Row[]>> = {
  receive: benchReceive,
  forward: sizes => benchForward(sizes, withPeers),
  latency: benchLatency,
  memory: benchMemory,
  million: benchMillion,
  disk: benchDisk,
  start: benchStart,
  replay: benchReplay,
  hung: benchHung,
}
const flags = ['--peers', '--million', '--short', '--write']
const wrong = args.filter(arg => !flags.includes(arg) && !(arg in parts))
if (wrong.length > 0)
  throw new Error(`no such part or flag: ${wrong.join(', ')}. Parts: ${Object.keys(parts).join(', ')}`)

const named = args.filter(arg => arg in parts)
const isWanted = (name: string): boolean => {
  if (named.length > 0) return named.includes(name)
  return name !== 'million' || args.includes('--million')
}
const facts = gatherFacts()
const rows: Row[] = []
for (const [name, bench] of Object.entries(parts)) {
  if (isWanted(name)) rows.push(...(await bench(args.includes('--short') ? short : full)))
}
console.log(`\n${tableText(rows)}\n`)
for (const [name, value] of Object.entries(facts)) console.log(`${name}: ${value}`)
if (args.includes('--write')) {
  const command = ['npm run bench --', ...args].join(' ')
  writeFileSync(new URL('RESULTS.md', import.meta.url), resultsText(rows, facts, command))
}
