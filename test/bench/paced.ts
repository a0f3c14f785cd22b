import { rmSync } from 'node:fs'
import { benchFolder, prepareHome } from './home.ts'
import { medianOf, numberText, shareOf, spreadText } from './numbers.ts'
import type { Pace, PaceResult } from './pace.ts'
import { hookPath, serve, serveWhs, startHelper } from './processes.ts'
import type { Sizes } from './sizes.ts'
import { startHandler } from './start-handler.ts'
import type { Row } from './table.ts'

const tenants = 64

/** What passing through `whs` adds at 200 a second to a POST straight to the same handler, in alternating rounds. */
export async function benchLatency({ rounds, pacedSeconds }: Sizes): Promise<Row[]> {
  const ways = { direct: [] as number[][], whs: [] as number[][] }
  for (let round = 0; round < rounds; round++) {
    const order = ['direct', 'whs'] as const
    for (const way of round % 2 === 0 ? order : order.toReversed()) {
      ways[way].push(await toHandler(way === 'whs', 200, pacedSeconds))
    }
  }
  console.log(`\nFrom the sender to the handler at 200 a second: milliseconds, median of ${rounds} rounds (min to max)`)
  const at = (way: 'direct' | 'whs', share: number): number[] => ways[way].map(times => shareOf(times, share))
  for (const way of ['direct', 'whs'] as const) {
    console.log(`  ${way.padEnd(7)} p50 ${spreadText(at(way, 0.5), 2)}, p99 ${spreadText(at(way, 0.99), 2)}`)
  }
  const added = (share: number): string => numberText(medianOf(at('whs', share)) - medianOf(at('direct', share)), 2)
  const what = 'added from front door to handler at 200/s, ms: p50; p99'
  return [{ what, wanted: '≤ 1; ≤ 5', measured: `${added(0.5)}; ${added(0.99)}` }]
}

async function toHandler(isThroughWhs: boolean, perSecond: number, seconds: number): Promise<number[]> {
  const home = benchFolder()
  const handler = await startHandler()
  const { port } = handler
  await prepareHome(home, tenants)
  const whs = isThroughWhs ? await serveWhs(home, ['--forward', String(port)]) : undefined
  try {
    const pace = { port: whs?.port ?? port, path: hookPath, perSecond, tenants }
    const warm = perSecond
    await run({ ...pace, first: 0, count: warm })
    const count = perSecond * seconds
    const reported = await handler.expect(count, warm)
    const { sentAt } = await run({ ...pace, first: warm, count })
    const report = await reported()
    if (report.arrived < count) throw new Error(`${count - report.arrived} of ${count} never reached the handler`)
    return sentAt.map((at, index) => (report.at[index] as number) - at)
  } finally {
    await whs?.end()
    await handler.end()
    rmSync(home, { recursive: true, force: true })
  }
}

/** How promptly a provider is answered at 500 a second while the handler takes everything and answers nothing. */
export async function benchHung({ rounds, pacedSeconds }: Sizes): Promise<Row[]> {
  const results: PaceResult[] = []
  for (let round = 0; round < rounds; round++) {
    const home = benchFolder()
    await prepareHome(home, tenants)
    const handler = await serve('handler.ts', ['0', 'hang'])
    const whs = await serveWhs(home, ['--forward', String(handler.port)])
    const pace = { port: whs.port, path: hookPath, perSecond: 500, tenants }
    await run({ ...pace, first: 0, count: 500 })
    results.push(await run({ ...pace, first: 500, count: 500 * pacedSeconds }))
    await whs.end()
    await handler.end()
    rmSync(home, { recursive: true, force: true })
  }
  const spread = (name: 'p50' | 'p99'): string =>
    spreadText(
      results.map(result => result[name]),
      1,
    )
  console.log(
    `\nAnswering the provider at 500 a second with a hung handler: p50 ${spread('p50')}, p99 ${spread('p99')} ms`,
  )
  const what = 'answer to the provider at 500/s with a hung handler, p99 ms'
  return [{ what, wanted: '< 50', measured: spread('p99') }]
}

async function run(pace: Pace): Promise<PaceResult> {
  const sender = startHelper('pace.ts')
  sender.tell(pace)
  const result = await sender.hear<PaceResult>('sentAt')
  await sender.end()
  if (result.refused > 0) throw new Error(`${result.refused} deliveries were refused`)
  return result
}
