import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { cloudEvents, deliver, jsonLines, prepareHome, startListening } from '../helpers/listening.ts'
import { runWhs } from '../helpers/program.ts'

const tenants = { acme: '1', globex: '2', initech: '3' }
const before = 400

test('kill -9 under load: nothing that was acknowledged is lost, and all of it reaches the handler', async () => {
  const home = await prepareHome({ tenants })
  const handler = await openHandler()
  const forward = ['--forward', String(handler.port)]
  const first = await startListening(forward, { home })
  const acknowledged = new Set<string>()
  const sender = async (account: string): Promise<void> => {
    for (;;) {
      const body = cloudEvents([account])
      const status = await deliver(first.url, body)
        .then(answer => answer.status)
        .catch(() => 0)
      if (status === 200) acknowledged.add(idOf(body))
      if (acknowledged.size >= before) first.kill('SIGKILL')
      if (status === 0) return
    }
  }
  await Promise.all([...Object.values(tenants), ...Object.values(tenants)].map(sender))
  expect(await first.ended).toMatchObject({ signal: 'SIGKILL' })
  expect(acknowledged.size).toBeGreaterThanOrEqual(before)

  const { stdout } = await runWhs(['events'], { home })
  const stored = new Set(jsonLines(stdout).map(({ providerEventId }) => String(providerEventId)))
  expect([...acknowledged].filter(id => !stored.has(id))).toEqual([])

  const second = await startListening(forward, { home })
  await handler.have(stored)
  second.kill('SIGINT')
  expect(await second.ended).toMatchObject({ code: 130 })
  handler.server.close()
  const { stdout: open } = await runWhs(['status'], { home })
  expect(jsonLines(open)).toMatchObject([{ listener: null }])
})

function idOf(body: string): string {
  return String((JSON.parse(body) as { id: string }[])[0]?.id)
}

/** A handler that says 200 and remembers the ids it got. */
async function openHandler(): Promise<{ server: Server; port: number; have(ids: Set<string>): Promise<void> }> {
  const seen = new Set<string>()
  let look = (): void => undefined
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.add(idOf(Buffer.concat(chunks).toString()))
      response.end()
      look()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    port: (server.address() as AddressInfo).port,
    have: ids =>
      new Promise(resolve => {
        look = () => {
          if ([...ids].every(id => seen.has(id))) resolve()
        }
        look()
      }),
  }
}
