import { nowMs } from './clock.ts'
import { type Batch, makeRequests } from './deliveries.ts'
import { type HttpLine, openLine } from './http-line.ts'
import { openTally, type Tallied } from './tally.ts'

/** What to send as fast as it is answered: a batch, over so many kept connections, one in flight on each. */
export interface Load extends Batch {
  port: number
  path: string
  connections: number
}
export interface LoadResult extends Tallied {
  perSecond: number
  /** Bytes of all requests together, heads and bodies. */
  bytes: number
}

process.on('message', (load: Load) => {
  void send(load).then(result => process.send?.(result))
})

/** Everything is made and signed before the clock starts. */
async function send(load: Load): Promise<LoadResult> {
  const queue = makeRequests(load, load.path)
  const lines = await Promise.all(Array.from({ length: load.connections }, () => openLine(load.port)))
  const tally = openTally()
  let next = 0
  const sendAll = (line: HttpLine): Promise<void> =>
    new Promise(resolve => {
      const sendNext = (): void => {
        const request = queue[next++]
        if (!request) return resolve()
        tally.send(line, request, sendNext)
      }
      sendNext()
    })
  const start = nowMs()
  await Promise.all(lines.map(sendAll))
  const ms = nowMs() - start
  for (const line of lines) line.close()
  const bytes = queue.reduce((sum, request) => sum + request.length, 0)
  const perSecond = (queue.length / ms) * 1000
  return { perSecond, ...tally.told(), bytes }
}
