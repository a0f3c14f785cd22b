import { connect } from 'node:net'

/** One kept connection: one request in flight, answers told by their status. */
export interface HttpLine {
  send(request: Buffer, onAnswer: (status: number) => void): void
  close(): void
}

/** Opens a connection that costs the sender as little as can be, so that what is measured is the server. */
export function openLine(port: number): Promise<HttpLine> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let onAnswer: (status: number) => void = () => undefined
    let rest = ''
    socket.on('data', chunk => {
      rest += chunk.toString('latin1')
      const end = endOf(rest)
      if (end < 0) return
      const status = Number(rest.slice(9, 12))
      rest = rest.slice(end)
      onAnswer(status)
    })
    const line: HttpLine = {
      send(request, then) {
        onAnswer = then
        socket.write(request)
      },
      close: () => socket.destroy(),
    }
    socket.once('connect', () => resolve(line)).once('error', reject)
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
