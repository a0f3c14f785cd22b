import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WhsError } from '../../src/core/errors.ts'
import { openTunnel, type Tunnel, type TunnelChange, type TunnelOptions } from '../../src/tunnel/tunnel.ts'
import { type NgrokEdge, startNgrokEdge } from './ngrok-edge.ts'

/** A request as the door got it. */
interface Received {
  method: string
  url: string
  rawHeaders: string[]
  body: Buffer
}

/** An ngrok edge, a door behind it, and what the tunnels between them reported. */
export interface TunnelWorld {
  edge: NgrokEdge
  /** Of the door. It answers 201 with the body that it got. */
  port: number
  received: Received[]
  changes: TunnelChange[]
  lostForGood: WhsError[]
  states(): TunnelChange['state'][]
  /** Opens a tunnel that is closed with the world; through the edge to the door, where `more` says nothing else. */
  open(more?: Partial<TunnelOptions>): Promise<Tunnel>
  /** The error of an opening. @throws when the tunnel opens */
  failure(more?: Partial<TunnelOptions>): Promise<WhsError>
  /** Resolves once the condition holds; it is looked at again after each change that a tunnel reports. */
  until(condition: () => boolean): Promise<void>
  close(): Promise<void>
}

export const authtoken = '2aBcD_4eFgH9xYz'
/** The one that the account at the edge has reserved. */
export const domain = 'acme.example'

export async function openTunnelWorld(): Promise<TunnelWorld> {
  const edge = await startNgrokEdge({ authtoken, domains: [domain] })
  const received: Received[] = []
  const changes: TunnelChange[] = []
  const lostForGood: WhsError[] = []
  const tunnels: Tunnel[] = []
  let wake = (): void => {}
  const door = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      received.push({ method: `${request.method}`, url: `${request.url}`, rawHeaders: request.rawHeaders, body })
      response.writeHead(201, { 'X-Sha256': createHash('sha256').update(body).digest('hex') }).end(body)
    })
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo

  async function open(more: Partial<TunnelOptions> = {}): Promise<Tunnel> {
    const tunnel = await openTunnel({
      how: 'ngrok',
      port,
      authtoken,
      serverAddr: edge.serverAddr,
      caPem: edge.caPem,
      onChange(change) {
        changes.push(change)
        wake()
      },
      onLostForGood(error) {
        lostForGood.push(error)
        wake()
      },
      ...more,
    })
    tunnels.push(tunnel)
    return tunnel
  }

  async function failure(more: Partial<TunnelOptions> = {}): Promise<WhsError> {
    try {
      await open(more)
    } catch (error) {
      return error as WhsError
    }
    throw new Error('the tunnel opened')
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }

  async function close(): Promise<void> {
    for (const tunnel of tunnels) await tunnel.close()
    await edge.close()
    door.closeAllConnections()
    door.close()
    await once(door, 'close')
  }

  const states = (): TunnelChange['state'][] => changes.map(change => change.state)
  return { edge, port, received, changes, lostForGood, states, open, failure, until, close }
}
