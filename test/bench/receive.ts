import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepareHome } from './home.ts'
import { spreadText } from './numbers.ts'
import { load, type Served, serve, serveWhs } from './processes.ts'

interface Candidate {
  name: string
  requests: number
  start(home: string): Promise<Served>
}

const connections = 64
const candidates: Candidate[] = [
  { name: 'bare node:http, does nothing', requests: 40_000, start: () => serve('serve-bare.ts', []) },
  { name: 'whs, receive path alone', requests: 20_000, start: home => serve('serve-ingest.ts', [home]) },
  { name: 'whs listen, whole program', requests: 20_000, start: startListen },
  { name: 'textbook express + SQLite', requests: 4_000, start: home => serve('serve-textbook.ts', [home]) },
]

/** Receiving, in alternating rounds: every server fresh, warmed up, then so many signed deliveries of eight tenants. */
export async function benchReceive(rounds: number): Promise<void> {
  const results = candidates.map(candidate => ({ candidate, perSecond: [] as number[], p99: [] as number[] }))
  for (let round = 0; round < rounds; round++) {
    for (const result of round % 2 === 0 ? results : results.toReversed()) {
      const { perSecond, p99 } = await once(result.candidate)
      result.perSecond.push(perSecond)
      result.p99.push(p99)
    }
  }
  const [bare, receive, whole, textbook] = results.map(({ perSecond }) => perSecond) as [
    number[],
    number[],
    number[],
    number[],
  ]
  console.log(`\nReceiving: deliveries a second, ${connections} connections, median of ${rounds} rounds (min to max)`)
  for (const { candidate, perSecond, p99 } of results) {
    console.log(`  ${candidate.name.padEnd(30)} ${spreadText(perSecond)}   p99 ${spreadText(p99, 1).trim()} ms`)
  }
  const row = (name: string, left: number[], right: number[]): void =>
    console.log(
      `  ${name.padEnd(46)} ${spreadText(
        left.map((value, at) => value / (right[at] as number)),
        2,
      )}`,
    )
  console.log('\nRatios, round by round')
  row('durable ingest / bare node:http', receive, bare)
  row('durable ingest / textbook', receive, textbook)
  row('whs listen / bare node:http', whole, bare)
  row('whs listen / textbook', whole, textbook)
}

async function once({ name, requests, start }: Candidate): Promise<{ perSecond: number; p99: number }> {
  const home = benchFolder()
  try {
    const { port, path, end } = await start(home)
    await load({ port, path, requests: Math.ceil(requests / 8), connections })
    const result = await load({ port, path, requests, connections })
    await end()
    if (result.refused > 0) throw new Error(`${name} refused ${result.refused} of ${requests}`)
    return result
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function startListen(home: string): Promise<Served> {
  await prepareHome(home)
  return serveWhs(home, [])
}

/** A new folder on the disk of the repository: `/tmp` may be memory, where a sync costs nothing. */
export function benchFolder(): string {
  const base = new URL('../../node_modules/.cache/whs-bench/', import.meta.url).pathname
  mkdirSync(base, { recursive: true })
  return mkdtempSync(join(base, 'home-'))
}
