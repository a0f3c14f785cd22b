import { spawnSync } from 'node:child_process'
import { spreadText } from './numbers.ts'
import { binary } from './processes.ts'

const programs = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'whs --version', args: [binary, '--version'] },
  { name: 'whs --help', args: [binary, '--help'] },
]

/** From the start of a process to its end, in alternating order, compared pair by pair. */
export function benchStart(rounds: number): void {
  const results = programs.map(program => ({ ...program, ms: [] as number[] }))
  for (let round = -2; round < rounds; round++) {
    for (const { args, ms } of round % 2 === 0 ? results : results.toReversed()) {
      const start = performance.now()
      spawnSync(process.execPath, args, { stdio: 'ignore' })
      if (round >= 0) ms.push(performance.now() - start)
    }
  }
  const bare = results[0]?.ms ?? []
  console.log(`\nStarting: milliseconds, median of ${rounds} rounds (min to max)`)
  for (const { name, ms } of results) {
    const ratio = ms.map((value, at) => value / (bare[at] as number))
    console.log(`  ${name.padEnd(16)} ${spreadText(ms, 1)}   × node -e 0: ${spreadText(ratio, 2).trim()}`)
  }
}
