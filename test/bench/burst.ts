import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { prepareHome } from './home.ts'
import { spreadText } from './numbers.ts'
import { load, peakMemory, serveWhs } from './processes.ts'
import { benchFolder } from './receive.ts'

/** A burst through the whole program to a handler of our own: until the last one has arrived there. */
export async function benchBurst(sizes: number[], rounds: number): Promise<void> {
  console.log('\nBurst through whs listen --forward to a local handler: stored, resolved, relayed in order')
  for (const size of sizes) {
    const perSecond: number[] = []
    const memory: number[] = []
    for (let round = 0; round < rounds; round++) {
      const result = await once(size)
      perSecond.push(result.perSecond)
      memory.push(result.memory)
    }
    const name = `${size.toLocaleString('en')} deliveries`.padEnd(20)
    console.log(
      `  ${name} ${spreadText(perSecond)} requests to the handler a second, peak ${spreadText(memory).trim()} MiB`,
    )
  }
}

async function once(deliveries: number): Promise<{ perSecond: number; memory: number }> {
  const home = benchFolder()
  // Every eighth delivery is of two tenants and reaches the handler in two parts.
  const expected = deliveries + Math.ceil(deliveries / 8)
  let arrived = 0
  let all: () => void = () => undefined
  const done = new Promise<void>(resolve => {
    all = resolve
  })
  const handler = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-length': 0 }).end()
      if (++arrived === expected) all()
    })
  })
  await new Promise<void>(resolve => handler.listen(0, '127.0.0.1', resolve))
  try {
    await prepareHome(home)
    const whs = await serveWhs(home, ['--forward', String((handler.address() as AddressInfo).port)])
    const sending = load({ port: whs.port, path: whs.path, requests: deliveries, connections: 64 })
    const first = new Promise<number>(resolve => handler.once('request', () => resolve(performance.now())))
    const start = await first
    await sending
    await done
    const ms = performance.now() - start
    const memory = peakMemory(whs.pid)
    await whs.end()
    return { perSecond: (expected / ms) * 1000, memory }
  } finally {
    handler.close()
    handler.closeAllConnections()
    rmSync(home, { recursive: true, force: true })
  }
}
