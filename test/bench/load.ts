import { connect } from 'node:net'
import { makeRequests } from './deliveries.ts'

/** What to send: so many requests, over so many kept connections, one in flight on each. */
export interface Load {
  port: number
  path: string
  requests: number
  connections: number
}
export interface LoadResult {
  ms: number
  perSecond: number
  /** Milliseconds from the last byte sent to the first of the answer. */
  p50: number
  p99: number
  /** Answers other than 2xx. */
  refused: number
}

process.on('message', (load: Load) => {
  void send(load).then(result => process.send?.(result))
})

/** Everything is made and signed before the clock starts. */
async function send({ port, path, requests, connections }: Load): Promise<LoadResult> {
  const queue = makeRequests(requests, path)
  const times: number[] = []
  let next = 0
  let refused = 0
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)))
  const start = performance.now()
  await Promise.all(
    sockets.map(
      socket =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0
          let rest = ''
          const sendNext = (): void => {
            const request = queue[next++]
            if (!request) {
              socket.destroy()
              return resolve()
            }
            sentAt = performance.now()
            socket.write(request)
          }
          socket.on('error', reject)
          socket.on('data', chunk => {
            rest += chunk.toString('latin1')
            const end = endOf(rest)
            if (end < 0) return
            times.push(performance.now() - sentAt)
            if (rest[9] !== '2') refused++
            rest = rest.slice(end)
            sendNext()
          })
          sendNext()
        }),
    ),
  )
  const ms = performance.now() - start
  times.sort((left, right) => left - right)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0
  return { ms, perSecond: (requests / ms) * 1000, p50: at(0.5), p99: at(0.99), refused }
}

function opened(port: number): Promise<ReturnType<typeof connect>> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })
}

/** Where the first whole answer in the text ends, or -1. Answers with a length or without a body are understood. */
function endOf(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return -1
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head)) ?? []
  const end = head + 4 + Number(length)
  return text.length >= end ? end : -1
}
