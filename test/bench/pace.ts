import { nowMs } from './clock.ts'
import { type Batch, makeRequests } from './deliveries.ts'
import { type HttpLine, openLine } from './http-line.ts'
import { openTally, type Tallied } from './tally.ts'

/** What to send at a steady rate, whether or not it is answered. */
export interface Pace extends Batch {
  port: number
  path: string
  perSecond: number
}
export interface PaceResult extends Tallied {
  /** When each was sent, in order. */
  sentAt: number[]
}

process.on('message', (pace: Pace) => {
  void send(pace).then(result => process.send?.(result))
})

async function send(pace: Pace): Promise<PaceResult> {
  const requests = makeRequests(pace, pace.path)
  const idle: HttpLine[] = await Promise.all(Array.from({ length: 16 }, () => openLine(pace.port)))
  const all = [...idle]
  const sentAt: number[] = []
  const tally = openTally()
  const sendOne = async (request: Buffer): Promise<void> => {
    const line = idle.pop() ?? (await openLine(pace.port))
    if (!all.includes(line)) all.push(line)
    await new Promise<void>(resolve => {
      const at = tally.send(line, request, () => {
        idle.push(line)
        resolve()
      })
      sentAt.push(at)
    })
  }
  const start = nowMs()
  const answers: Promise<void>[] = []
  for (const [index, request] of requests.entries()) {
    const wait = start + (index * 1000) / pace.perSecond - nowMs()
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
    answers.push(sendOne(request))
  }
  await Promise.all(answers)
  for (const line of all) line.close()
  return { sentAt, ...tally.told() }
}
