import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

const opcodes = { text: 0x1, ping: 0x9, pong: 0xa }

/** Accepts a WebSocket (RFC 6455) as a server that only sends: what comes is read past, pings are answered. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex): void {
  const key = String(request.headers['sec-websocket-key'])
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  lines.push(`Sec-WebSocket-Accept: ${accept}`)
  if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let frame = readFrame(rest); frame; frame = readFrame(rest)) {
      if (frame.opcode === opcodes.ping) socket.write(makeFrame(opcodes.pong, unmask(frame.mask, frame.payload)))
      rest = rest.subarray(frame.end)
    }
  })
}

export function textFrame(text: string): Buffer {
  return makeFrame(opcodes.text, Buffer.from(text))
}

function makeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

interface Frame {
  opcode: number
  mask: Buffer
  payload: Buffer
  end: number
}

/** The first whole frame of a client, which always masks. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return
  const short = (bytes[1] as number) & 0x7f
  const at = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < at + 4) return
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const end = at + 4 + length
  if (bytes.length < end) return
  const opcode = (bytes[0] as number) & 0x0f
  return { opcode, mask: bytes.subarray(at, at + 4), payload: bytes.subarray(at + 4, end), end }
}

function unmask(mask: Buffer, payload: Buffer): Buffer {
  return Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] as number)))
}
