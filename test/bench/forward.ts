import { rmSync } from 'node:fs'
import type { HandlerReport } from './handler.ts'
import { benchFolder } from './home.ts'
import { medianOf, numberText, ratiosOf, spreadText } from './numbers.ts'
import { installPeers } from './peers.ts'
import { peakMemory, processorMs } from './processes.ts'
import type { Sizes } from './sizes.ts'
import { startHandler } from './start-handler.ts'
import type { Row } from './table.ts'
import { peerTools, type Tool, tenants, whs } from './tools.ts'

interface Result {
  perSecond: number
  lost: number
  repeated: number
  inversions: number
  /** MiB. */
  memory: number
  /** Microseconds of the processor an event: it tells more than the rate where others use the machine too. */
  processor: number
}
type Results = Map<Tool, Result[]>

const warmUp = 500
/** How many a sustained load keeps under way between its sender and the handler. */
const sustainedWindow = 2_000
const noWindow = Number.MAX_SAFE_INTEGER

/**
 * From the first byte sent to the last delivery at the handler: `whs` by signed HTTP, stored, resolved and in order per
 * tenant; the peers from a relay on their own sockets. Every run has a fresh process, warmed up by the same few.
 */
export async function benchForward(sizes: Sizes, withPeers: boolean): Promise<Row[]> {
  if (withPeers) installPeers()
  const tools = withPeers ? [whs, ...peerTools] : [whs]
  const rounds = Math.min(3, sizes.rounds)
  const rows: Row[] = []
  let last: Results = new Map()
  for (const size of sizes.bursts) {
    last = await alternate(tools, rounds, () => ({ count: size, window: noWindow }))
    const what = `burst of ${numberText(size)}`
    print(what, last)
    rows.push(fastestRow(what, last))
  }
  const burst = last
  const rate = (tool: Tool): number => medianOf(column(burst, tool, 'perSecond'))
  const sustained = await alternate(tools, Math.min(2, rounds), tool => ({
    count: Math.ceil(rate(tool) * sizes.sustainedSeconds),
    window: sustainedWindow,
  }))
  print(`sustained, about ${sizes.sustainedSeconds} s`, sustained)
  const all = [...(sustained.get(whs) ?? []), ...(burst.get(whs) ?? [])]
  const total = (name: 'lost' | 'inversions'): number => all.reduce((sum, result) => sum + result[name], 0)
  return [
    { ...fastestRow('sustained', sustained), wanted: '≥ 1.2' },
    ...rows,
    {
      what: 'lost; out of order within a tenant',
      wanted: '0; 0',
      measured: `${total('lost')}; ${total('inversions')}`,
    },
    {
      what: `peak memory, burst of ${numberText(sizes.bursts.at(-1) ?? 0)}, MiB`,
      wanted: '≤ 128',
      measured: spreadText(column(burst, whs, 'memory')),
    },
  ]
}

async function alternate(
  tools: Tool[],
  rounds: number,
  loadOf: (tool: Tool) => { count: number; window: number },
): Promise<Results> {
  const results: Results = new Map(tools.map(tool => [tool, []]))
  for (let round = 0; round < rounds; round++) {
    for (const tool of round % 2 === 0 ? tools : tools.toReversed()) {
      const { count, window } = loadOf(tool)
      results.get(tool)?.push(await once(tool, count, window))
    }
  }
  return results
}

async function once(tool: Tool, count: number, window: number): Promise<Result> {
  const home = benchFolder()
  const handler = await startHandler()
  const { pid, feed, end } = await tool.start(home, handler.port)
  handler.on<{ arrived: number }>('arrived', ({ arrived }) => feed.tell({ arrived }))
  const run = async (first: number, count: number): Promise<{ startedAt: number; report: HandlerReport }> => {
    feed.tell({ prepare: { first, count, tenants } })
    await feed.hear<{ prepared: true }>('prepared')
    const reported = await handler.expect(count, first)
    const started = feed.hear<{ startedAt: number }>('startedAt')
    feed.tell({ window })
    return { ...(await started), report: await reported() }
  }
  try {
    await run(0, warmUp)
    const before = processorMs(pid)
    const { startedAt, report } = await run(warmUp, count)
    const processor = ((processorMs(pid) - before) / report.arrived) * 1000
    const { arrived, repeated, inversions, lastAt } = report
    const perSecond = (arrived / (lastAt - startedAt)) * 1000
    return { perSecond, lost: count - arrived, repeated, inversions, memory: peakMemory(pid), processor }
  } finally {
    await end()
    await handler.end()
    rmSync(home, { recursive: true, force: true })
  }
}

function column(results: Results, tool: Tool, name: keyof Result): number[] {
  return (results.get(tool) ?? []).map(result => result[name])
}

function print(what: string, results: Results): void {
  console.log(`\nForwarding, ${what}, ${tenants} tenants: events a second at the handler, median (min to max)`)
  for (const tool of results.keys()) {
    const text = (name: keyof Result): string => spreadText(column(results, tool, name))
    console.log(`  ${tool.name.padEnd(18)} ${text('perSecond')}, ${text('processor')} µs of the processor each`)
    const counts = `lost ${text('lost')}, twice ${text('repeated')}, out of order within a tenant ${text('inversions')}`
    console.log(`  ${' '.repeat(18)} ${counts}, peak memory ${text('memory')} MiB`)
  }
}

/** `whs` against whichever peer was the fastest. */
function fastestRow(what: string, results: Results): Row {
  const rate = (tool: Tool): number[] => column(results, tool, 'perSecond')
  const [fastest] = peerTools
    .filter(tool => results.has(tool))
    .toSorted((left, right) => medianOf(rate(right)) - medianOf(rate(left)))
  const own = `${spreadText(rate(whs))} a second`
  const row = { what: `stored and forwarded ÷ fastest peer, ${what}`, wanted: '' }
  if (!fastest) return { ...row, measured: `${own}; no peer driven (--peers)` }
  const ratio = spreadText(ratiosOf(rate(whs), rate(fastest)), 2)
  return { ...row, measured: `${ratio}: ${own}, ${fastest.name} ${spreadText(rate(fastest))}` }
}
