import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { callbackPath, cloudEvents, jsonLines, prepareHome, signature } from '../helpers/listening.ts'
import { type NgrokEdge, startNgrokEdge } from '../helpers/ngrok-edge.ts'
import { makeFolder, type ProgramOptions, runWhs, startWhs } from '../helpers/program.ts'

const domain = 'acme-hooks.ngrok.app'
const authtoken = '2abcDEFghiJKLmnoPQRstuVWXyz_1234567890abcdefgh'

async function edgeAndEnv(home: string): Promise<{ edge: NgrokEdge; options: ProgramOptions }> {
  const edge = await startNgrokEdge({ authtoken, domains: [domain] })
  onTestFinished(() => edge.close())
  const ca = join(makeFolder(), 'ca.pem')
  writeFileSync(ca, edge.caPem)
  const env = { NGROK_AUTHTOKEN: authtoken, WHS_NGROK_SERVER_ADDR: edge.serverAddr, WHS_NGROK_CA: ca }
  return { edge, options: { home, env } }
}

async function handler(): Promise<{ port: number; got: string[] }> {
  const got: string[] = []
  const server = createServer((request, response) => {
    got.push(`${request.headers['whs-tenant']} ${request.headers['x-forwarded-host']}`)
    request.resume()
    response.end()
  })
  onTestFinished(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, got }
}

test('a delivery from outside comes through the real ngrok SDK to the handler; what is to be pasted is said; a cut is seen and heals', async () => {
  const { edge, options } = await edgeAndEnv(await prepareHome())
  const { port, got } = await handler()
  const args = ['listen', '--port', '0', '--domain', domain, '--forward', String(port), '--output', 'json']
  const listening = startWhs(args, options)
  await listening.waitFor(/"type":"ready"/)
  const [ready] = jsonLines(listening.stdout())
  expect(ready).toMatchObject({
    url: `https://${domain}`,
    tunnel: 'ngrok',
    callbacks: { quickbooks: `https://${domain}${callbackPath}` },
    moved: [{ app: 'quickbooks', field: 'Endpoint URL', from: null, to: `https://${domain}${callbackPath}` }],
  })

  const body = cloudEvents(['1'])
  const headers = { 'intuit-signature': signature(body), 'content-type': 'application/json' }
  const delivery = { method: 'POST', path: callbackPath, headers, body: Buffer.from(body) }
  expect(await edge.request(domain, delivery)).toMatchObject({ status: 200 })
  await expect.poll(() => got).toEqual([`acme ${domain}`])

  const local = new URL(String(ready?.inspector))
  const leak = await edge.request(domain, { method: 'GET', path: '/status', headers: { host: local.host } })
  expect(leak.status).toBe(404)

  edge.cut()
  await listening.waitFor(/"type":"tunnel".*"state":"lost"/)
  await listening.waitFor(/"type":"tunnel".*"state":"up"/)
  const again = cloudEvents(['2'])
  const second = {
    ...delivery,
    headers: { ...headers, 'intuit-signature': signature(again) },
    body: Buffer.from(again),
  }
  expect(await edge.request(domain, second)).toMatchObject({ status: 200 })
  await expect.poll(() => got).toEqual([`acme ${domain}`, `globex ${domain}`])

  listening.kill('SIGINT')
  expect(await listening.ended).toMatchObject({ code: 130 })
  expect(listening.stdout() + listening.stderr()).not.toContain(authtoken)

  const next = startWhs(args, options)
  await next.waitFor(/"type":"ready"/)
  expect(jsonLines(next.stdout())[0]).toMatchObject({ moved: [] })
})

test('a wrong authtoken ends with exit 6 and what to do, without repeating it', async () => {
  const { options } = await edgeAndEnv(await prepareHome())
  const wrong = 'wrongwrongwrongwrongwrongwrongwrong_wrongwrongwrong'
  const { code, stderr } = await runWhs(['listen', '--port', '0'], {
    ...options,
    env: { ...options.env, NGROK_AUTHTOKEN: wrong },
  })
  expect(code).toBe(6)
  expect(stderr).toMatch(/authtoken/)
  expect(stderr).not.toContain(wrong)
})

test('ngrok lost for good ends the listener with exit 6, in order', async () => {
  const { edge, options } = await edgeAndEnv(await prepareHome())
  const listening = startWhs(['listen', '--port', '0', '--domain', domain, '--output', 'json'], options)
  await listening.waitFor(/"type":"ready"/)
  edge.refuse('ERR_NGROK_105')
  edge.cut()
  const { code, stdout } = await listening.ended
  expect(code).toBe(6)
  expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'end' })
})
