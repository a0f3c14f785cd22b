import { rmSync } from 'node:fs'
import { benchFolder, prepareHome } from './home.ts'
import { numberText } from './numbers.ts'
import { hookPath, load, peakMemory, serve, serveWhs } from './processes.ts'
import type { Sizes } from './sizes.ts'
import { startHandler } from './start-handler.ts'
import type { Row } from './table.ts'

const tenants = 64

/** What waits for a handler that is down waits on disk: the peak while all of it comes, and until all of it is out. */
export async function benchMemory({ waiting }: Sizes): Promise<Row[]> {
  const home = benchFolder()
  await prepareHome(home, tenants)
  // The system gives this port to nobody else so soon.
  const { port, end } = await serve('handler.ts')
  await end()
  const whs = await serveWhs(home, ['--forward', String(port)])
  try {
    const batch = { count: waiting, tenants, connections: 64 }
    const { refused } = await load({ port: whs.port, path: hookPath, ...batch })
    const whileDown = peakMemory(whs.pid)
    const handler = await startHandler(port)
    const reported = await handler.expect(waiting)
    const report = await reported()
    const afterwards = peakMemory(whs.pid)
    await handler.end()
    const { arrived, repeated, firstAt, lastAt } = report
    const rate = numberText((arrived / (lastAt - firstAt)) * 1000)
    console.log(
      `\n${numberText(waiting)} deliveries with the handler down: ${refused} refused, peak ${numberText(whileDown)} MiB`,
    )
    console.log(`  it is back: ${rate} a second, ${waiting - arrived} lost, ${repeated} twice`)
    const what = `peak memory, ${numberText(waiting)} events with the handler down; until all are out, MiB`
    return [{ what, wanted: '≤ 128', measured: `${numberText(whileDown)}; ${numberText(afterwards)}` }]
  } finally {
    await whs.end()
    rmSync(home, { recursive: true, force: true })
  }
}
