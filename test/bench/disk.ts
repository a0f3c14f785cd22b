import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder, prepareHome } from './home.ts'
import { numberText } from './numbers.ts'
import { hookPath, load, type Served, serve, serveWhs } from './processes.ts'
import type { Sizes } from './sizes.ts'
import { startHandler } from './start-handler.ts'
import type { Row } from './table.ts'

const tenants = 64

/** The database file alone, after the last connection has written the log back into it. */
export async function benchDisk({ deliveries }: Sizes): Promise<Row[]> {
  const stored = await once(deliveries, home => serve('serve-ingest.ts', [home]))
  const handler = await startHandler()
  const reported = await handler.expect(deliveries)
  const forwarded = await once(deliveries, home => serveWhs(home, ['--forward', String(handler.port)]), reported)
  await handler.end()
  console.log(`\nOn disk a delivery, ${numberText(deliveries)} deliveries of ${numberText(stored.raw)} bytes`)
  console.log(
    `  received ${numberText(stored.disk)} bytes, with a forward and its attempt ${numberText(forwarded.disk)}`,
  )
  const ratio = ({ disk, raw }: OnDisk): string => numberText(disk / raw, 2)
  return [
    { what: 'bytes on disk ÷ raw request, received', wanted: '≤ 2.0', measured: ratio(stored) },
    { what: 'bytes on disk ÷ raw request, forwarded once', wanted: '', measured: ratio(forwarded) },
  ]
}

/** Bytes of one delivery. */
interface OnDisk {
  disk: number
  raw: number
}

async function once(
  count: number,
  start: (home: string) => Promise<Served>,
  until?: () => Promise<unknown>,
): Promise<OnDisk> {
  const home = benchFolder()
  await prepareHome(home, tenants)
  const { port, end } = await start(home)
  const { bytes } = await load({ port, path: hookPath, connections: 64, count, tenants })
  await until?.()
  await end()
  if (existsSync(join(home, 'whs.db-wal'))) throw new Error('the log was not written back into the database')
  const { size } = statSync(join(home, 'whs.db'))
  rmSync(home, { recursive: true, force: true })
  return { disk: size / count, raw: bytes / count }
}
