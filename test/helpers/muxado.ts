import { Duplex } from 'node:stream'

const frames = { rst: 0, data: 1, wndinc: 2, goaway: 3 } as const
const flags = { fin: 1, syn: 2 } as const
const initialWindow = 256 * 1024
const largestFrame = 32 * 1024

export interface MuxadoSession {
  /** Opens a stream to the other side; `hello` is its first frame. */
  open(hello: Buffer): Duplex
}

/**
 * The accepting side of a muxado session over a byte stream: many flow-controlled streams in one connection.
 * Frame: 24-bit length, type << 4 | flags, 32-bit stream id, all big-endian. The other side's streams are odd, ours even.
 * A writer may have 256 KiB under way per stream and waits for WNDINC; a reader grants what it has consumed.
 */
export function acceptMuxado(socket: Duplex, onStream: (stream: Duplex) => void): MuxadoSession {
  const streams = new Map<number, MuxadoStream>()
  let nextId = 2
  let received = Buffer.alloc(0)

  function send(type: number, flag: number, id: number, body: Buffer): void {
    if (!socket.writable) return
    const header = Buffer.alloc(8)
    header.writeUIntBE(body.length, 0, 3)
    header.writeUInt8((type << 4) | flag, 3)
    header.writeUInt32BE(id, 4)
    socket.write(Buffer.concat([header, body]))
  }

  function create(id: number): MuxadoStream {
    const stream = new MuxadoStream((type, flag, body) => send(type, flag, id, body))
    streams.set(id, stream)
    stream.once('close', () => streams.delete(id))
    stream.on('error', () => {}) // a torn connection ends its streams; who waits for one sees its own rejection
    return stream
  }

  function take(type: number, flag: number, id: number, body: Buffer): void {
    if (type === frames.goaway) return void socket.end()
    if (type === frames.data && flag & flags.syn) onStream(create(id))
    const stream = streams.get(id)
    if (!stream) return
    if (type === frames.data) stream.receive(body, (flag & flags.fin) !== 0)
    if (type === frames.wndinc) stream.grant(body.readUInt32BE(0))
    if (type === frames.rst) stream.destroy(new Error(`muxado: reset with code ${body.readUInt32BE(0)}`))
  }

  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 8 && received.length >= 8 + received.readUIntBE(0, 3)) {
      const end = 8 + received.readUIntBE(0, 3)
      const kind = received.readUInt8(3)
      take(kind >> 4, kind & 0x0f, received.readUInt32BE(4) & 0x7fffffff, received.subarray(8, end))
      received = received.subarray(end)
    }
  })
  socket.on('close', () => {
    for (const stream of streams.values()) stream.destroy(new Error('muxado: the connection is gone'))
  })

  return {
    open(hello) {
      const id = nextId
      nextId += 2
      const stream = create(id)
      stream.start(hello)
      return stream
    },
  }
}

type SendFrame = (type: number, flag: number, body: Buffer) => void

class MuxadoStream extends Duplex {
  readonly #send: SendFrame
  #window = initialWindow
  #consumed = 0
  #waiting: { bytes: Buffer; done: () => void } | undefined
  #theyEnded = false
  #weEnded = false

  constructor(send: SendFrame) {
    super()
    this.#send = send
  }

  start(hello: Buffer): void {
    this.#window -= hello.length
    this.#send(frames.data, flags.syn, hello)
  }

  receive(body: Buffer, last: boolean): void {
    if (this.destroyed) return
    if (body.length > 0) {
      this.#consumed += body.length
      this.push(body)
    }
    if (!last) return
    this.#theyEnded = true
    this.push(null)
  }

  grant(bytes: number): void {
    this.#window += bytes
    this.#flush()
  }

  // Called when what was pushed has been taken by the reader: only then the other side may send as much again.
  override _read(): void {
    if (this.#consumed === 0 || this.#theyEnded) return
    const increment = Buffer.alloc(4)
    increment.writeUInt32BE(this.#consumed)
    this.#consumed = 0
    this.#send(frames.wndinc, 0, increment)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting = { bytes: chunk, done }
    this.#flush()
  }

  override _final(done: () => void): void {
    this.#weEnded = true
    this.#send(frames.data, flags.fin, Buffer.alloc(0))
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#theyEnded || !this.#weEnded) this.#send(frames.rst, 0, Buffer.alloc(4))
    done(error)
  }

  #flush(): void {
    const waiting = this.#waiting
    if (!waiting) return
    while (waiting.bytes.length > 0 && this.#window > 0) {
      const size = Math.min(waiting.bytes.length, this.#window, largestFrame)
      this.#send(frames.data, 0, waiting.bytes.subarray(0, size))
      this.#window -= size
      waiting.bytes = waiting.bytes.subarray(size)
    }
    if (waiting.bytes.length > 0) return
    this.#waiting = undefined
    waiting.done()
  }
}
