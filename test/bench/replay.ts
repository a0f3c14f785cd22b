import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { openStore } from '../../src/store/store.ts'
import { nowMs } from './clock.ts'
import { fillHome } from './fill.ts'
import { benchFolder } from './home.ts'
import { numberText, spreadText } from './numbers.ts'
import { binary, keep, whsOptions } from './processes.ts'
import type { Sizes } from './sizes.ts'
import { startHandler } from './start-handler.ts'
import type { Row } from './table.ts'

/** `whs replay` of everything that is stored, to a fast handler: from the start of the command to its end. */
export async function benchReplay({ replayed, rounds }: Sizes): Promise<Row[]> {
  const home = benchFolder()
  await fillHome(home, { events: replayed, tenants: 64 })
  const count = await ownedEvents(home)
  const perSecond: number[] = []
  for (let round = 0; round < rounds; round++) perSecond.push(await once(home, count))
  rmSync(home, { recursive: true, force: true })
  console.log(`\nReplay of ${numberText(count)} events (by a filter): ${spreadText(perSecond)} a second`)
  return [
    {
      what: `replay of ${numberText(count)} events, a second`,
      wanted: '≥ 5,000',
      measured: spreadText(perSecond),
    },
  ]
}

async function once(home: string, count: number): Promise<number> {
  const handler = await startHandler()
  const reported = await handler.expect(count)
  const start = nowMs()
  const args = [binary, '--yes', '--output', 'json', 'replay', '--tenant', '*', '--to', String(handler.port)]
  const child = keep(spawn(process.execPath, args, { ...whsOptions(home), stdio: ['ignore', 'ignore', 'inherit'] }))
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  const ms = nowMs() - start
  const report = await reported()
  await handler.end()
  if (code !== 0 || report.arrived < count) throw new Error(`replay ended with ${code}, ${report.arrived} arrived`)
  return (count / ms) * 1000
}

/** How many events somebody owns. */
async function ownedEvents(home: string): Promise<number> {
  const store = openStore({ home })
  const events = await store.read('listEvents', { filter: { scope: ['tenant'] }, order: 'oldest', limit: 1_000_000 })
  await store.close()
  return events.length
}
