import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer, type TLSSocket } from 'node:tls'
import { acceptMuxado, type MuxadoSession } from './muxado.ts'
import { type EdgeRequest, type RawAnswer, readAnswer, writeRequest } from './raw-http.ts'
import { createTlsCertificate } from './tls-certificate.ts'

export interface NgrokEdgeOptions {
  authtoken: string
  /** Domains that the account has reserved. */
  domains?: string[]
}

export interface NgrokEdge {
  serverAddr: string
  caPem: string
  /** A request from the internet to a host of this edge. Raw bytes have to ask for `Connection: close`. */
  request(host: string, request: Uint8Array | EdgeRequest): Promise<RawAnswer>
  /** Drops the connections of all agents; they may come back at once. */
  cut(): void
  /** Drops all agents and listens no more, until `comeBack`. */
  goDark(): Promise<void>
  comeBack(): Promise<void>
  /** From now on every agent is refused with this code; `undefined` ends it. */
  refuse(code: string | undefined, at?: 'auth' | 'bind'): void
  /** Hosts that are served now. */
  online(): string[]
  /** What the agents of these hosts say that they forward to. */
  forwardsTo(): string[]
  /** How many connections were accepted since the start. */
  connections(): number
  /** Resolves when no agent is connected. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** The calls of an agent; what this edge reads of them. */
interface AgentCall {
  Id?: string
  ClientId?: string
  Proto?: string
  ForwardsTo?: string
  Opts?: { Hostname?: string; Domain?: string }
  Extra?: { AuthToken?: string; Token?: string }
}

interface Endpoint {
  id: string
  forwardsTo: string
  agent: MuxadoSession
}

const streamTypes = { auth: 0, bind: 1, unbind: 2, proxy: 3, heartbeat: 0xffffffff } as const

/**
 * An ngrok edge on loopback that speaks the agent protocol (muxado over TLS), for the real SDK to talk to offline.
 * Like the real one it quotes the authtoken when it refuses it, gives a random host where none is asked for, and
 * gives it again to who shows the endpoint's token.
 */
export async function startNgrokEdge(options: NgrokEdgeOptions): Promise<NgrokEdge> {
  const { caPem, certPem, keyPem } = createTlsCertificate()
  const sockets = new Set<TLSSocket>()
  const endpoints = new Map<string, Endpoint>()
  const tokens = new Map<string, string>()
  const refusal: { code?: string | undefined; at: 'auth' | 'bind' } = { at: 'auth' }
  let accepted = 0

  const server = createServer({ cert: certPem, key: keyPem }, socket => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      for (const [host, endpoint] of endpoints) if (endpoint.agent === agent) endpoints.delete(host)
    })
    const agent = acceptMuxado(socket, stream => void serve(agent, stream).catch(() => stream.destroy()))
  })
  // A client that does not trust us ends the handshake: that is a test, not a fault of the edge.
  server.on('tlsClientError', () => {})

  async function serve(agent: MuxadoSession, stream: Duplex): Promise<void> {
    const type = (await readExactly(stream, 4)).readUInt32BE(0)
    if (type === streamTypes.heartbeat) return void stream.pipe(stream)
    const call = await readJson(stream)
    stream.end(JSON.stringify(answer(agent, type, call)))
  }

  function answer(agent: MuxadoSession, type: number, call: AgentCall): object {
    if (type === streamTypes.auth) return authenticate(call)
    if (type === streamTypes.bind) return bind(agent, call)
    if (type !== streamTypes.unbind) return failure(`unknown call ${type}`, 'ERR_NGROK_0')
    for (const [host, endpoint] of endpoints) if (endpoint.id === call.Id) endpoints.delete(host)
    return { Error: '' }
  }

  function authenticate(call: AgentCall): object {
    const shown = String(call.Extra?.AuthToken)
    if (refusal.code && refusal.at === 'auth') return failure(`Refused. Your authtoken: ${shown}`, refusal.code)
    if (shown !== options.authtoken) return failure(`Not a proper authtoken. Your authtoken: ${shown}`, 'ERR_NGROK_105')
    const extra = { Version: 'edge', Region: 'test', AccountName: 'test', SessionDuration: 0, PlanName: '', Banner: '' }
    return { Version: '3', ClientId: call.ClientId || randomBytes(8).toString('hex'), Extra: extra, Error: '' }
  }

  function bind(agent: MuxadoSession, call: AgentCall): object {
    if (refusal.code && refusal.at === 'bind') return failure('Refused.', refusal.code)
    const wanted = call.Opts?.Hostname || call.Opts?.Domain || ''
    const known = wanted !== '' && call.Extra?.Token === tokens.get(wanted)
    if (wanted && !known && !options.domains?.includes(wanted)) {
      return failure(`Failed to create an endpoint with the domain ${wanted}.`, 'ERR_NGROK_319')
    }
    const host = wanted || `${randomBytes(6).toString('hex')}.ngrok-free.dev`
    if (endpoints.has(host)) return failure(`The endpoint https://${host} is already online.`, 'ERR_NGROK_334')
    const id = call.Id || randomBytes(16).toString('hex')
    const token = tokens.get(host) ?? randomBytes(16).toString('hex')
    tokens.set(host, token)
    endpoints.set(host, { id, agent, forwardsTo: call.ForwardsTo ?? '' })
    const opts = { ...call.Opts, Hostname: host }
    return { Id: id, URL: `https://${host}`, Proto: call.Proto, Opts: opts, Extra: { Token: token }, Error: '' }
  }

  async function request(host: string, what: Uint8Array | EdgeRequest): Promise<RawAnswer> {
    const endpoint = endpoints.get(host)
    if (!endpoint) return { status: 404, headers: { 'ngrok-error-code': 'ERR_NGROK_3200' }, body: Buffer.alloc(0) }
    const type = Buffer.alloc(4)
    type.writeUInt32BE(streamTypes.proxy)
    const stream = endpoint.agent.open(type)
    const header = {
      Id: endpoint.id,
      ClientAddr: '127.0.0.1:1234',
      Proto: 'https',
      EdgeType: '0',
      PassthroughTLS: false,
    }
    const json = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(json.length))
    stream.write(Buffer.concat([length, json]))
    stream.write(what instanceof Uint8Array ? what : writeRequest(host, what))
    return readAnswer(stream)
  }

  async function listen(port: number): Promise<number> {
    server.listen(port, 'localhost')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }

  async function goDark(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    cut()
    await closed
  }

  const port = await listen(0)
  return {
    serverAddr: `localhost:${port}`,
    caPem,
    request,
    cut,
    goDark,
    async comeBack() {
      await listen(port)
    },
    refuse(code, at = 'auth') {
      refusal.code = code
      refusal.at = at
    },
    online: () => [...endpoints.keys()],
    forwardsTo: () => [...endpoints.values()].map(endpoint => endpoint.forwardsTo),
    connections: () => accepted,
    async idle() {
      await Promise.all([...sockets].map(socket => once(socket, 'close')))
    },
    close: goDark,
  }
}

function failure(message: string, code: string): object {
  return { Error: `${message}\r\n\r\n${code}\r\n` }
}

async function readExactly(stream: Duplex, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = stream.read(size) as Buffer | null
    if (bytes) return bytes
    await once(stream, 'readable')
  }
}

/** The agent writes one document and leaves its side open, so the end of the document is where it parses. */
async function readJson(stream: Duplex): Promise<AgentCall> {
  let text = ''
  for (;;) {
    const bytes = stream.read() as Buffer | null
    if (bytes) text += bytes.toString('utf8')
    try {
      return JSON.parse(text) as AgentCall
    } catch {
      await once(stream, 'readable')
    }
  }
}
