import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { makeDelivery } from './deliveries.ts'
import { obeyOrders } from './feeder.ts'
import { type PeerName, protocols } from './peer-protocols.ts'
import { acceptWebSocket } from './websocket.ts'

/** A peer's cloud, on loopback: answers what the peer asks, then feeds it as fast as it reads. */
const protocol = protocols[process.argv[2] as PeerName]
let outlet: Writable | undefined
let frames: Buffer[] = []
let next = 0
let isFull = false

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const answer = protocol.answer(request.url ?? '', (server.address() as AddressInfo).port)
    if (answer) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: ready\ndata: {}\n\n')
    connected(response)
  })
})
server.on('upgrade', (request, socket) => {
  socket.on('error', () => undefined)
  acceptWebSocket(request, socket)
  connected(socket)
})

const pump = obeyOrders({
  prepare(batch) {
    const { count, first = 0 } = batch
    frames = Array.from({ length: count }, (_, at) => protocol.frame(makeDelivery(first + at, batch), first + at))
    next = 0
  },
  pump(mayGo) {
    while (outlet && !isFull) {
      const frame = frames[next]
      if (!frame || !mayGo()) return
      next++
      isFull = !outlet.write(frame)
    }
  },
})

function connected(to: Writable): void {
  outlet = to
  to.on('drain', () => {
    isFull = false
    pump()
  })
  process.send?.({ connected: true })
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
