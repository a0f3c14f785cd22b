import { rmSync } from 'node:fs'
import { benchFolder, prepareHome } from './home.ts'
import { ratiosOf, spreadText } from './numbers.ts'
import { hookPath, load, type Served, serve, serveWhs } from './processes.ts'
import type { Sizes } from './sizes.ts'
import type { Row } from './table.ts'

interface Candidate {
  name: string
  /** How much less it is given, since it is slower. */
  less: number
  start(home: string): Promise<Served>
}

const tenants = 8
const candidates = {
  bare: { name: 'bare node:http, does nothing', less: 1, start: () => serve('serve-bare.ts') },
  receive: { name: 'whs, receive path alone', less: 2, start: home => serve('serve-ingest.ts', [home]) },
  whole: { name: 'whs listen, whole program', less: 2, start: home => serveWhs(home, []) },
  textbook: { name: 'textbook express + SQLite', less: 10, start: home => serve('serve-textbook.ts', [home]) },
} satisfies Record<string, Candidate>
type Name = keyof typeof candidates

/** Receiving, in alternating rounds: every server fresh, warmed up, then so many signed deliveries of eight tenants. */
export async function benchReceive(sizes: Sizes): Promise<Row[]> {
  return [...(await atConnections(64, sizes)), ...(await atConnections(256, sizes))]
}

async function atConnections(connections: number, { rounds, deliveries }: Sizes): Promise<Row[]> {
  const names = Object.keys(candidates) as Name[]
  const perSecond: Record<Name, number[]> = { bare: [], receive: [], whole: [], textbook: [] }
  const p99: Record<Name, number[]> = { bare: [], receive: [], whole: [], textbook: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await once(candidates[name], deliveries, connections)
      perSecond[name].push(result.perSecond)
      p99[name].push(result.p99)
    }
  }
  console.log(`\nReceiving: deliveries a second, ${connections} connections, median of ${rounds} rounds (min to max)`)
  for (const name of names) {
    const text = `${spreadText(perSecond[name])}, p99 ${spreadText(p99[name], 1)} ms`
    console.log(`  ${candidates[name].name.padEnd(30)} ${text}`)
  }
  const row = (what: string, wanted: string, left: Name, right: Name): Row => ({
    what: `${what}, ${connections} connections`,
    wanted,
    measured: spreadText(ratiosOf(perSecond[left], perSecond[right]), 2),
  })
  return [
    row('durable ingest ÷ bare node:http', '≥ 0.45', 'receive', 'bare'),
    row('durable ingest ÷ textbook', '≥ 12', 'receive', 'textbook'),
    row('whs listen ÷ bare node:http', '', 'whole', 'bare'),
    row('whs listen ÷ textbook', '', 'whole', 'textbook'),
  ]
}

async function once(
  { name, less, start }: Candidate,
  deliveries: number,
  connections: number,
): Promise<{ perSecond: number; p99: number }> {
  const home = benchFolder()
  try {
    await prepareHome(home, tenants)
    const { port, end } = await start(home)
    const count = Math.ceil(deliveries / less)
    const what = { port, path: hookPath, connections, tenants, mixed: true }
    await load({ ...what, count: Math.ceil(count / 8) })
    const result = await load({ ...what, count })
    await end()
    if (result.refused > 0) throw new Error(`${name} refused ${result.refused} of ${count}`)
    return result
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
