import type { Duplex } from 'node:stream'

export interface EdgeRequest {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: Uint8Array | string
}

export interface RawAnswer {
  status: number
  /** Lower-cased names; of repeated ones the last. */
  headers: Record<string, string>
  body: Buffer
}

/** A request as ngrok's edge passes it on: HTTP/1.1 with the forwarding headers, and `Connection: close` for `readAnswer`. */
export function writeRequest(host: string, request: EdgeRequest): Buffer {
  const body = Buffer.from(request.body ?? '')
  const headers = {
    Host: host,
    ...request.headers,
    'Content-Length': String(body.length),
    'X-Forwarded-For': '203.0.113.7',
    'X-Forwarded-Host': host,
    'X-Forwarded-Proto': 'https',
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${request.method ?? 'GET'} ${request.path ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** Reads to the end of the stream and takes the one HTTP/1.1 answer apart. Throws where the answer is cut short. */
export async function readAnswer(stream: Duplex): Promise<RawAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) throw new Error(`no HTTP answer in ${bytes.length} bytes`)
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const rest = bytes.subarray(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? dechunk(rest) : rest
  const length = headers['content-length']
  if (length !== undefined && Number(length) !== body.length) throw new Error(`${body.length} of ${length} bytes came`)
  return { status: Number(statusLine.split(' ')[1]), headers, body }
}

function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (lineEnd < 0 || Number.isNaN(size)) throw new Error('the chunked answer is cut short')
    if (size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
