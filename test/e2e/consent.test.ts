import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chromium, openChromium } from '../helpers/chromium.ts'
import { jsonLines, startListening } from '../helpers/listening.ts'
import { makeFolder, type RunningProgram, runWhs, startWhs } from '../helpers/program.ts'

let chromium: Chromium
beforeAll(async () => {
  chromium = await openChromium()
})
afterAll(() => chromium.close())

/** A data directory with an app of a simulator that runs. */
async function simulatedHome(): Promise<string> {
  const home = makeFolder()
  const simulator = startWhs(['simulate', '--port', '0', '--output', 'json'], { home })
  const [, base] = await simulator.waitFor(/"url":"([^"]+)"/)
  const args = ['app', 'add', 'quickbooks', '--env', 'simulator', '--host', `simulator=${base}`, '--yes']
  expect(await runWhs(args, { home })).toMatchObject({ code: 0 })
  return home
}

interface Connecting extends RunningProgram {
  /** Our own page, and the provider's for a browser on another machine. */
  link: string
  direct: string
}

/** `whs connect --no-open`, once it has said all that it has to say; stdin stays open. */
async function startConnect(home: string): Promise<Connecting> {
  const args = ['connect', 'quickbooks', '--tenant', 'acme', '--no-open', '--port', '0', '--output', 'json']
  const program = startWhs(args, { home })
  const [, link] = await program.waitFor(/(http:\/\/localhost:\d+\/connect\/\S+)/)
  const [, direct] = await program.waitFor(/any machine:\s+(http:\/\/\S+)[^]*paste/)
  return { ...program, link: String(link), direct: String(direct) }
}

async function goOn(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Allow' }).waitFor()
}

async function allow(page: Page, company: string): Promise<void> {
  await page.getByLabel(company).check()
  await page.getByRole('button', { name: 'Allow' }).click()
}

async function expectHeading(page: Page, text: string): Promise<void> {
  await page.getByRole('heading', { name: text, exact: true }).waitFor()
}

async function expectConnected(connecting: Connecting, company: string): Promise<void> {
  const { code, stdout } = await connecting.ended
  expect(code).toBe(0)
  expect(jsonLines(stdout)).toMatchObject([
    { type: 'connection', tenants: ['acme'], accounts: [{ name: company }], state: 'active', mended: false },
  ])
}

test('who refuses is told so in the browser, connect ends with exit 4, and nothing is stored', async () => {
  const home = await simulatedHome()
  const connecting = await startConnect(home)
  const page = await chromium.page()
  await goOn(page, connecting.link)
  await page.getByRole('button', { name: 'Refuse' }).click()
  await expectHeading(page, 'Access was refused')
  expect(await page.locator('body').innerText()).toContain('nothing was connected')

  const { code, stdout, stderr } = await connecting.ended
  expect([code, stdout]).toEqual([4, ''])
  const error = JSON.parse(stderr.trimEnd().split('\n').at(-1) as string)
  expect(error).toMatchObject({ type: 'error', code: 'consent-denied', exit: 4, why: 'it said access_denied' })
  expect(await runWhs(['tenants', '--output', 'json'], { home })).toMatchObject({ code: 0, stdout: '' })
})

test('a consent that comes back in another browser is not taken there, and the first one still finishes', async () => {
  const connecting = await startConnect(await simulatedHome())
  const [first, second] = [await chromium.page(), await chromium.page()]
  await goOn(first, connecting.link)
  await second.goto(first.url())
  await allow(second, 'Globex Corp')
  await expectHeading(second, 'This is another browser')
  expect(await second.context().cookies()).toEqual([])

  await allow(first, 'Acme Holdings')
  await expectHeading(first, 'Acme Holdings is connected')
  await expectConnected(connecting, 'Acme Holdings')
})

test('of two browsers that press Continue the later one counts; the earlier one is told, and undoes nothing', async () => {
  const connecting = await startConnect(await simulatedHome())
  const [first, second] = [await chromium.page(), await chromium.page()]
  await goOn(first, connecting.link)
  await goOn(second, connecting.link)
  await allow(first, 'Globex Corp')
  await expectHeading(first, 'This answer belongs to no question')

  await allow(second, 'Acme Holdings')
  await expectHeading(second, 'Acme Holdings is connected')
  await expectConnected(connecting, 'Acme Holdings')
})

test('the done page may be loaded again, and Allow pressed again behind it: one consent stays one', async () => {
  const home = await simulatedHome()
  const listening = await startListening([], { home })
  const connecting = await startConnect(home)
  const page = await chromium.page()
  await goOn(page, connecting.link)
  const consentPage = page.url()
  await allow(page, 'Acme Holdings')
  await expectHeading(page, 'Acme Holdings is connected')
  await expectConnected(connecting, 'Acme Holdings')

  const told = await page.locator('main').innerText()
  const again = await page.reload()
  expect(again?.status()).toBe(200)
  expect(await page.locator('main').innerText()).toBe(told)
  await page.goto(consentPage)
  await allow(page, 'Globex Corp')
  await expectHeading(page, 'Acme Holdings is connected')
  await page.goto(connecting.link)
  await expectHeading(page, 'Acme Holdings is connected')

  const { stdout } = await runWhs(['tenants', 'show', 'acme', '--output', 'json'], { home })
  const [connection] = jsonLines(connecting.stdout())
  expect(jsonLines(stdout)).toMatchObject([
    { type: 'tenant', id: 'acme', accounts: [{ name: 'Acme Holdings' }] },
    { type: 'connection', id: connection?.id, accounts: [{ name: 'Acme Holdings' }], state: 'active' },
  ])
  expect(listening.records().filter(({ type }) => type === 'connection')).toMatchObject([{ id: connection?.id }])
})

test('connect --no-open takes the pasted address from stdin, after a paste that was none', async () => {
  const connecting = await startConnect(await simulatedHome())
  const page = await chromium.page()
  await page.goto(connecting.direct)
  await allow(page, 'Acme Holdings')
  await expectHeading(page, 'This is another browser')
  expect(await page.locator('body').innerText()).toContain('copy the whole address of this page and paste it there')

  connecting.stdin.write('hello\n')
  await connecting.waitFor(/"code":"not-the-redirect"/)
  connecting.stdin.write(`${page.url()}\n`)
  await expectConnected(connecting, 'Acme Holdings')
})
