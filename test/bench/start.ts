import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fillHome } from './fill.ts'
import { benchFolder } from './home.ts'
import { ratiosOf, spreadText } from './numbers.ts'
import { binary, whsOptions } from './processes.ts'
import type { Sizes } from './sizes.ts'
import type { Row } from './table.ts'

const programs = [
  { name: 'node -e 0', args: ['-e', '0'], wanted: '' },
  { name: 'whs --version', args: [binary, '--version'], wanted: '≤ 1.3' },
  { name: 'whs --help', args: [binary, '--help'], wanted: '≤ 1.5' },
  { name: 'whs events list', args: [binary, 'events', 'list'], wanted: '≤ 1.7' },
]

/** From the start of a process to its end, in alternating order, compared pair by pair; fifty events are stored. */
export async function benchStart({ starts }: Sizes): Promise<Row[]> {
  const home = benchFolder()
  await fillHome(home, { events: 50, tenants: 5 })
  const results = programs.map(program => ({ ...program, ms: [] as number[] }))
  for (let round = -2; round < starts; round++) {
    for (const { name, args, ms } of round % 2 === 0 ? results : results.toReversed()) {
      const start = performance.now()
      const { status } = spawnSync(process.execPath, args, { ...whsOptions(home), stdio: 'ignore' })
      if (round >= 0) ms.push(performance.now() - start)
      if (status !== 0) throw new Error(`${name} ended with ${status}`)
    }
  }
  rmSync(home, { recursive: true, force: true })
  console.log(`\nStarting: milliseconds, median of ${starts} rounds (min to max)`)
  for (const { name, ms } of results) console.log(`  ${name.padEnd(16)} ${spreadText(ms, 1)}`)
  const bare = results[0]?.ms ?? []
  return results.slice(1).map(({ name, ms, wanted }) => {
    return { what: `${name} ÷ node -e 0`, wanted, measured: spreadText(ratiosOf(ms, bare), 2) }
  })
}
