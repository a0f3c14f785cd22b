import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chromium, openChromium } from '../helpers/chromium.ts'
import { openInspectorPage } from '../helpers/inspector-page.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'

let chromium: Chromium
let world: InspectorWorld
beforeAll(async () => {
  chromium = await openChromium()
  world = await openInspectorWorld()
})
afterAll(async () => {
  await chromium.close()
  await world.close()
  rmSync(world.home, { recursive: true, force: true })
})

const lines = (page: Page) => page.locator('[role=grid] .row:not(.loading)')
const here = (page: Page) => page.locator('.row.here').getAttribute('id')
const said = (page: Page, text: RegExp) => page.locator('.notice').filter({ hasText: text }).waitFor()

test('an event that comes in slides into the list; who has scrolled away is told and goes to it by a click', async () => {
  const { page, faults } = await openInspectorPage(chromium, world)
  await lines(page).first().waitFor()
  await world.deliver(['1'], { type: 'qbo.bill.created.v1', intuitentityid: '4711' })
  const first = lines(page).filter({ hasText: '4711' })
  await first.waitFor()
  expect(await first.getAttribute('aria-rowindex')).toBe('2')
  await first.filter({ hasText: '200' }).waitFor()
  await page.getByText(/^New: bill.created, acme/).waitFor({ state: 'attached' })

  const grid = page.getByRole('grid')
  await grid.evaluate(box => box.scrollTo({ top: 2_000 }))
  // While lines slide their elements are on their way.
  await page.locator('.list:not(.sliding)').waitFor()
  const line = page.locator('.row:not(.loading)[aria-rowindex="70"]')
  const placeOf = async (): Promise<unknown[]> => [await line.getAttribute('id'), (await line.boundingBox())?.y]
  let seen = await placeOf()
  // It stands still when two frames show it at one place.
  for (let before: unknown[] = []; before.join() !== seen.join(); seen = await placeOf()) {
    before = seen
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  }
  for (const id of ['8001', '8002']) await world.deliver(['2'], { intuitentityid: id })
  await page.getByRole('button', { name: '2 new' }).waitFor()
  expect(await placeOf()).toEqual(seen)
  await page.getByRole('button', { name: '2 new' }).click()
  await lines(page).filter({ hasText: '8002' }).waitFor()
  expect(await grid.evaluate(box => box.scrollTop)).toBe(0)
  expect(faults).toEqual([])
})

test('filters are chips in the URL: they survive a reload, the Back button and being typed', async () => {
  const { page, faults } = await openInspectorPage(chromium, world)
  await page.keyboard.press('/')
  await page.keyboard.type('tenant:globex event:invoice.*')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).search).toBe('?tenant=globex&event=invoice.*')
  await expect.poll(() => tenantsIn(page)).toEqual(['globex'])
  await page.reload()
  await expect.poll(() => tenantsIn(page)).toEqual(['globex'])
  await page.getByRole('button', { name: 'Remove the filter tenant globex' }).click()
  await expect.poll(async () => (await tenantsIn(page)).length).toBeGreaterThan(1)
  await page.goBack()
  await expect.poll(() => tenantsIn(page)).toEqual(['globex'])

  await page.getByRole('button', { name: 'Clear' }).click()
  await page.keyboard.press('/')
  await page.keyboard.type('is:rej')
  await page.getByRole('option', { name: /is:rejected/ }).click()
  await expect.poll(() => new URL(page.url()).search).toBe('?rejected=true')
  await lines(page).filter({ hasText: 'rejected' }).first().waitFor()
  await page.keyboard.type('no such text anywhere')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('cannot narrow what was rejected').waitFor()
  expect(faults.filter(fault => !fault.includes('400'))).toEqual([])
})

async function tenantsIn(page: Page): Promise<string[]> {
  return [...new Set(await page.locator('.cell-tenant .chip').allTextContents())].sort()
}

test('all of it goes by keyboard: move, open, tabs, replay, close, help', async () => {
  const { page, faults } = await openInspectorPage(chromium, world)
  await world.deliver(['1'], { intuitentityid: '31337' })
  await lines(page).filter({ hasText: '31337' }).filter({ hasText: '200' }).waitFor()
  await page.keyboard.press('j')
  const [first, second] = await Promise.all([lines(page).first().getAttribute('id'), idAt(page, 3)])
  expect(await here(page)).toBe(first)
  await page.keyboard.press('ArrowDown')
  expect(await here(page)).toBe(second)
  await page.keyboard.press('k')
  expect(await here(page)).toBe(first)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'invoice.updated' }).waitFor()
  expect(new URL(page.url()).searchParams.get('open')).toMatch(/^evt_/)

  const before = world.handler.arrived.length
  await page.keyboard.press('r')
  await said(page, /was sent again → 200/)
  expect(world.handler.arrived).toHaveLength(before + 1)
  await page.keyboard.press('5')
  await page.getByRole('tab', { name: 'Attempts 2', selected: true }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByRole('tablist').waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
  await page.keyboard.press('g')
  await page.getByRole('heading', { name: 'Apps' }).waitFor()
  expect(faults).toEqual([])
})

function idAt(page: Page, rowIndex: number): Promise<string | null> {
  return page.locator(`.row[aria-rowindex="${rowIndex}"]`).getAttribute('id')
}

test('what was edited is what the handler gets; what is no JSON is not sent', async () => {
  const { page, faults } = await openInspectorPage(chromium, world)
  await world.deliver(['1'], { intuitentityid: '90125', big: 'before' })
  await lines(page).filter({ hasText: '90125' }).filter({ hasText: '200' }).click()
  await page.getByRole('tree').waitFor()
  await page.keyboard.press('e')
  const editor = page.getByRole('textbox', { name: 'The event’s data' })
  const text = await editor.inputValue()
  expect(text).toContain('\n  "big": "before"')
  await editor.fill(text.replace('"before"', '12345678901234567890,'))
  await page.getByText(/Line \d+, column 1: a name in double quotes is missing/).waitFor()
  expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
  await editor.fill(text.replace('"before"', '12345678901234567890'))
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await said(page, /was sent again → 200/)
  expect(world.handler.arrived.at(-1)?.body.toString()).toContain('12345678901234567890')
  expect(faults).toEqual([])
})

test('an event goes out as another tenant’s, with that one’s account; who has none there is told', async () => {
  const { page, faults } = await openInspectorPage(chromium, world)
  await world.deliver(['1'], { intuitentityid: '5150' })
  await lines(page).filter({ hasText: '5150' }).filter({ hasText: '200' }).click()
  await page.getByRole('tree').waitFor()
  await page.keyboard.press('a')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /globex/ })
    .click()
  await said(page, /was sent again → 200/)
  const last = world.handler.arrived.at(-1)
  expect([last?.headers['whs-tenant'], last?.body.toString()]).toEqual(['globex', expect.stringContaining('"2"')])
  await page.keyboard.press('a')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /soylent/ })
    .click()
  await said(page, /soylent/)
  expect(faults.filter(fault => !fault.includes('400'))).toEqual([])
})

test('a consent begins here and goes on at the address that the page gives', async () => {
  const { page, faults, open } = await openInspectorPage(chromium, world)
  await open('?view=tenants')
  await page.getByRole('button', { name: 'Connect a tenant' }).click()
  await page.getByRole('dialog').getByLabel('App').selectOption('quickbooks')
  await page.getByRole('dialog').getByLabel('Tenant').fill('hooli')
  await page.getByRole('button', { name: 'Continue' }).click()
  const link = page.getByRole('link', { name: 'Open the consent page' })
  expect(await link.getAttribute('href')).toMatch(/^http:\/\/(localhost|127\.0\.0\.1):\d+\/connect\//)
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  expect(faults).toEqual([])
})

test('the explanation leads to the very value that named the tenant, in the tree and in the bytes', async () => {
  const { page, faults } = await openInspectorPage(chromium, world)
  await world.deliver(['1', '2'], { intuitentityid: '2112' })
  await lines(page).filter({ hasText: '2112' }).filter({ hasText: 'globex' }).click()
  await page.getByRole('tab', { name: 'Explanation' }).click()
  await page.getByRole('button', { name: /show it/ }).click()
  const marked = page.locator('[role=treeitem]:focus mark.named')
  await marked.waitFor()
  expect(await marked.textContent()).toBe('2')
  expect(await page.locator('[role=treeitem]:focus').getAttribute('data-pointer')).toBe('/1/intuitaccountid')
  await page.getByRole('tab', { name: 'Raw' }).click()
  expect(await page.locator('pre mark.named').textContent()).toBe('2')
  await page.getByRole('button', { name: 'Hex' }).click()
  await page
    .getByRole('table', { name: /Hex dump/ })
    .getByText('00000000')
    .waitFor()
  expect(faults).toEqual([])
})

test('a parked account is claimed with one word, in the list’s detail and among the tenants', async () => {
  const { page, faults, open } = await openInspectorPage(chromium, world)
  await world.deliver(['7777'], { intuitentityid: '7' })
  await open('?parked=true')
  await lines(page).filter({ hasText: '7777' }).click()
  await page.getByRole('combobox', { name: /tenant that 7777 belongs to/ }).fill('initech')
  await page.keyboard.press('Enter')
  await said(page, /7777 is initech’s now: 1 event released/)
  await page.locator('.detail .chip').filter({ hasText: 'initech' }).waitFor()
  await lines(page).filter({ hasText: '7777' }).waitFor({ state: 'detached' })

  await world.deliver(['8888'], { intuitentityid: '8' })
  await open('?view=tenants')
  await page.getByRole('combobox', { name: /tenant that 8888 belongs to/ }).fill('hooli')
  await page.locator('li').filter({ hasText: '8888' }).getByRole('button', { name: 'Claim', exact: true }).click()
  await said(page, /8888 is hooli’s now/)
  await page.getByText('realmId 8888').first().waitFor()
  await expect.poll(() => world.handler.arrived.at(-1)?.headers['whs-tenant']).toBe('hooli')
  expect(faults).toEqual([])
})
