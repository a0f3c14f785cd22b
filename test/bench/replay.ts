import { spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { openStore } from '../../src/store/store.ts'
import { nowMs } from './clock.ts'
import { fillHome } from './fill.ts'
import type { HandlerReport } from './handler.ts'
import { benchFolder } from './home.ts'
import { numberText, spreadText } from './numbers.ts'
import { binary, keep, startHelper, whsOptions } from './processes.ts'
import type { Sizes } from './sizes.ts'
import type { Row } from './table.ts'

/** `whs replay` of everything that is stored, to a fast handler: from the start of the command to its end. */
export async function benchReplay({ replayed, rounds }: Sizes): Promise<Row[]> {
  const home = benchFolder()
  await fillHome(home, { events: replayed, tenants: 64 })
  const ids = await ownedIds(home)
  const byFilter = hasFilters(home)
  const perSecond: number[] = []
  for (let round = 0; round < rounds; round++) {
    perSecond.push(await once(home, byFilter ? ['--tenant', '*'] : ids, ids.length))
  }
  rmSync(home, { recursive: true, force: true })
  const how = byFilter ? 'by a filter' : 'each id an argument, since it takes no filter yet'
  console.log(`\nReplay of ${numberText(ids.length)} events (${how}): ${spreadText(perSecond)} a second`)
  return [
    {
      what: `replay of ${numberText(ids.length)} events, a second`,
      wanted: '≥ 5,000',
      measured: spreadText(perSecond),
    },
  ]
}

async function once(home: string, which: string[], count: number): Promise<number> {
  const handler = startHelper('handler.ts')
  const { port } = await handler.hear<{ port: number }>('port')
  handler.tell({ expect: count, first: 0 })
  await handler.hear<{ expecting: number }>('expecting')
  const reported = handler.hear<{ report: HandlerReport }>('report')
  const start = nowMs()
  const args = [binary, '--yes', '--output', 'json', 'replay', ...which, '--to', String(port)]
  const child = keep(spawn(process.execPath, args, { ...whsOptions(home), stdio: ['ignore', 'ignore', 'inherit'] }))
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  const ms = nowMs() - start
  const { report } = await reported
  await handler.end()
  if (code !== 0 || report.arrived < count) throw new Error(`replay ended with ${code}, ${report.arrived} arrived`)
  return (count / ms) * 1000
}

/** The ids of all events that somebody owns. */
async function ownedIds(home: string): Promise<string[]> {
  const store = openStore({ home })
  const events = await store.read('listEvents', { filter: { scope: ['tenant'] }, order: 'oldest', limit: 1_000_000 })
  await store.close()
  return events.map(event => event.id)
}

function hasFilters(home: string): boolean {
  const args = [binary, 'replay', '--help']
  return spawnSync(process.execPath, args, { ...whsOptions(home), encoding: 'utf8' }).stdout.includes('--tenant')
}
