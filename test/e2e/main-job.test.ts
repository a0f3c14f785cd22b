import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Chromium, openChromium } from '../helpers/chromium.ts'
import { makeFolder, runWhs, startWhs } from '../helpers/program.ts'

let chromium: Chromium
beforeAll(async () => {
  chromium = await openChromium()
})
afterAll(() => chromium.close())

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Got {
  body: string
  signature: string
  tenant: string
  part: string | undefined
}

/** A handler as a builder writes one; it keeps what it was sent. */
async function handler(): Promise<{ port: number; got: Got[] }> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { headers } = request
      const text = (name: string): string => String(headers[name] ?? '')
      const part = headers['whs-part'] as string | undefined
      got.push({
        body: Buffer.concat(chunks).toString(),
        signature: text('intuit-signature'),
        tenant: text('whs-tenant'),
        part,
      })
      response.end('ok')
    })
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, got }
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return response.json()
}

test('two companies authorise in a real browser, and one delivery for both reaches two handlers, each with its own part and a right signature', async () => {
  const home = makeFolder()
  const simulator = startWhs(['simulate', '--port', '0', '--output', 'json'], { home })
  const base = (await simulator.waitFor(/"url":"([^"]+)"/))[1] as string
  const added = await runWhs(
    ['app', 'add', 'quickbooks', '--env', 'simulator', '--host', `simulator=${base}`, '--yes'],
    { home },
  )
  expect(added).toMatchObject({ code: 0 })

  const acme = await handler()
  const globex = await handler()
  const rules = ['--forward', `tenant=acme,to=${acme.port}`, '--forward', `tenant=globex,to=${globex.port}`]
  const listener = startWhs(['listen', '--port', '0', ...rules], { home })
  await listener.waitFor(/"type":"ready"/)

  for (const [tenant, company] of [
    ['acme', 'Acme Holdings'],
    ['globex', 'Globex Corp'],
  ] as const) {
    const connecting = startWhs(['connect', 'quickbooks', '--tenant', tenant, '--no-open', '--output', 'json'], {
      home,
    })
    const link = (await connecting.waitFor(/(http:\/\/localhost:\d+\/connect\/\S+)/))[1] as string
    const page = await chromium.page()
    const faults: string[] = []
    page.on('console', message => message.type() === 'error' && faults.push(message.text()))
    await page.goto(link)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel(company).check()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page
      .getByText(/connected/i)
      .first()
      .waitFor()
    expect(faults).toEqual([])
    const { code, stdout } = await connecting.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'connection',
      tenants: [tenant],
      accounts: [{ name: company }],
      mended: false,
    })
  }

  await post(`${base}/quickbooks/control/change`, {
    account: ['Acme Holdings', 'Globex Corp'],
    event: ['invoice.updated', 'invoice.created'],
  })
  await expect.poll(() => [acme.got.length, globex.got.length]).toEqual([1, 1])
  const apps = (await (await fetch(`${base}/quickbooks/portal/apps`)).json()) as {
    callbackUrl: string | null
    webhookSecret: string
  }[]
  const secret = apps.find(app => app.callbackUrl)?.webhookSecret as string
  for (const [{ got }, tenant, own, other] of [
    [acme, 'acme', '9341453900000001234', '9341453900000005678'],
    [globex, 'globex', '9341453900000005678', '9341453900000001234'],
  ] as const) {
    const { body, signature, part } = got[0] as Got
    expect(got[0]).toMatchObject({ tenant })
    expect(part).toMatch(/^[12]\/2$/)
    expect(body).toContain(own)
    expect(body).not.toContain(other)
    expect(signature).toBe(createHmac('sha256', secret).update(body).digest('base64'))
  }
  listener.kill('SIGINT')
  expect(await listener.ended).toMatchObject({ code: 130 })
  expect(listener.stdout().trim().split('\n').at(-1)).toContain('"answered":2')
})
