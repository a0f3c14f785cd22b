import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The least that a Node server can do: takes the body, answers 200, knows nothing. */
const server = createServer((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => response.writeHead(200, { 'content-length': 0 }).end())
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
