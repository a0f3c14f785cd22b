import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { openStore } from '../../src/store/store.ts'
import { runCommand } from '../helpers/test-io.ts'
import { nowMs } from './clock.ts'
import { tenantOf } from './deliveries.ts'
import { medianOf, numberText } from './numbers.ts'
import type { Row } from './table.ts'

/** Milliseconds of one command line, from before it opens the store until after it has closed it. */
interface Timed {
  args: string[]
  cold: number
  warm: number
}

/**
 * `events list` with each filter (once with a value that little fits, once with one that much fits, where that differs) and
 * `events show`, as a person at a terminal gets them, inside this process. Cold: the system has none of the file in memory.
 */
export async function timeQueries(home: string, tenants: number, rounds: number): Promise<Row[]> {
  const { id, failedId } = await someIds(home)
  const { tenant, account } = tenantOf(Math.floor(tenants / 2))
  const lists = [
    [],
    ['--tenant', tenant],
    ['--tenant', 'tenant-*'],
    ['--tenant', 'nobody'],
    ['--app', 'quickbooks'],
    ['--provider', 'quickbooks'],
    ['--env', 'sandbox'],
    ['--env', 'production'],
    ['--account', account],
    ['--event', 'invoice.created'],
    ['--event', 'invoice.*'],
    ['--event', 'nothing.*'],
    ['--resource', 'invoice/5'],
    ['--scope', 'tenant'],
    ['--scope', 'app'],
    ['--parked'],
    ['--rejected'],
    ['--failed'],
    ['--since', '1h'],
    ['--since', '15d'],
    ['--until', '29d'],
    ['--until', '15d'],
    ['--search', '"intuitentityid":"77"'],
    ['--search', 'invoice'],
    ['--tenant', tenant, '--event', 'invoice.*', '--since', '15d'],
  ].map(filters => ['events', 'list', ...filters])
  const shows = [id, id.slice(-6), id.slice(-4), failedId, 'last', 'last-failed'].map(one => ['events', 'show', one])
  await run(home, ['events', 'list', '--limit', '1'])
  await run(home, ['events', 'show', id])
  const timed: Timed[] = []
  for (const args of [...lists, ...shows]) timed.push(await time(home, args, rounds))
  console.log('  commands inside the process, ms: cold, then warm (median)')
  for (const { args, cold, warm } of timed) {
    console.log(`    ${numberText(cold, 1).padStart(9)} ${numberText(warm, 1).padStart(9)}  whs ${args.join(' ')}`)
  }
  return [
    row('events list', timed.slice(0, 1)),
    row('events list, each filter', timed.slice(1, lists.length)),
    row('events show', timed.slice(lists.length)),
  ]
}

/** The slowest of several, and which it was. */
function row(what: string, timed: Timed[]): Row {
  const slowest = (name: 'cold' | 'warm'): string => {
    const [one] = timed.toSorted((left, right) => right[name] - left[name]) as [Timed]
    return `${numberText(one[name], 1)} ${timed.length > 1 ? `(${one.args.slice(2).join(' ')})` : ''}`.trim()
  }
  return { what: `${what}, ms: warm; cold`, wanted: '≤ 50', measured: `${slowest('warm')}; ${slowest('cold')}` }
}

async function time(home: string, args: string[], rounds: number): Promise<Timed> {
  dropFromMemory(join(home, 'whs.db'))
  const cold = await run(home, args)
  const warm: number[] = []
  for (let round = 0; round < rounds; round++) warm.push(await run(home, args))
  return { args, cold, warm: medianOf(warm) }
}

async function run(home: string, args: string[]): Promise<number> {
  const start = nowMs()
  const { code, err } = await runCommand(args, { tty: true, env: { WHS_HOME: home } })
  const ms = nowMs() - start
  // A short end of an id may fit several, which are then named: that look-up counts as well.
  if (code !== 0 && !err.includes('is the end of')) throw new Error(`whs ${args.join(' ')} ended with ${code}: ${err}`)
  return ms
}

/** Asks Linux to forget the file's pages (GNU dd); elsewhere cold is only a new connection. */
function dropFromMemory(file: string): void {
  spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
}

async function someIds(home: string): Promise<{ id: string; failedId: string }> {
  const store = openStore({ home })
  const [oldest] = await store.read('listEvents', { filter: { scope: ['tenant'] }, order: 'oldest', limit: 1 })
  const failed = await store.read('lastEvent', { failed: true })
  await store.close()
  if (!oldest || !failed) throw new Error('the store has not what the queries look for')
  return { id: oldest.id, failedId: failed.id }
}
