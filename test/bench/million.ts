import { rmSync } from 'node:fs'
import { addRejected, fillHome } from './fill.ts'
import { benchFolder, prepareHome } from './home.ts'
import { numberText, ratiosOf, spreadText } from './numbers.ts'
import { hookPath, load, serve } from './processes.ts'
import { timeQueries } from './queries.ts'
import type { Sizes } from './sizes.ts'
import type { Row } from './table.ts'

/** A store that has been in use for long, against an empty one. */
export async function benchMillion({ stored, rounds, deliveries }: Sizes): Promise<Row[]> {
  const home = benchFolder()
  try {
    const start = performance.now()
    await fillHome(home, stored)
    await addRejected(home, 1_000)
    const of = `${numberText(stored.events)} events of ${numberText(stored.tenants)} tenants`
    console.log(`\n${of}, stored in ${numberText((performance.now() - start) / 1000)} s`)
    const queries = await timeQueries(home, stored.tenants, rounds)
    return [await ingestRow(home, of, stored.tenants, rounds, Math.ceil(deliveries / 2)), ...queries]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** The full store gets deliveries of all of its tenants in turn, the empty one of its eight: the harder for the full one. */
async function ingestRow(home: string, of: string, tenants: number, rounds: number, count: number): Promise<Row> {
  const full: number[] = []
  const empty: number[] = []
  let first = 10_000_000
  for (let round = 0; round < rounds; round++) {
    const fillFull = async (): Promise<unknown> => full.push(await receive(home, tenants, (first += count), count))
    const fillEmpty = async (): Promise<unknown> => empty.push(await receiveFresh(count))
    for (const fill of round % 2 === 0 ? [fillFull, fillEmpty] : [fillEmpty, fillFull]) await fill()
  }
  console.log(`  receiving, deliveries a second: ${spreadText(full)}; an empty store ${spreadText(empty)}`)
  return { what: `durable ingest with ${of} ÷ empty`, wanted: '≥ 0.9', measured: spreadText(ratiosOf(full, empty), 2) }
}

async function receiveFresh(count: number): Promise<number> {
  const home = benchFolder()
  try {
    await prepareHome(home, 8)
    return await receive(home, 8, 0, count)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function receive(home: string, tenants: number, first: number, count: number): Promise<number> {
  const { port, end } = await serve('serve-ingest.ts', [home])
  const batch = { port, path: hookPath, connections: 64, tenants, first }
  await load({ ...batch, count: Math.ceil(count / 8) })
  const { perSecond, refused } = await load({ ...batch, count })
  await end()
  if (refused > 0) throw new Error(`${refused} of ${count} were refused`)
  return perSecond
}
