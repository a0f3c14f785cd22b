import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventPage } from '../../src/inspect/api.ts'
import { type Chromium, openChromium } from '../helpers/chromium.ts'
import { faintTexts } from '../helpers/contrast.ts'
import { openInspectorPage } from '../helpers/inspector-page.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'

let chromium: Chromium
let world: InspectorWorld
beforeAll(async () => {
  chromium = await openChromium()
  world = await openInspectorWorld({
    answer: () => ({ status: 200, headers: { 'x-said': markup, 'content-type': 'text/html' }, body: markup }),
  })
})
afterAll(async () => {
  await chromium.close()
  await world.close()
  rmSync(world.home, { recursive: true, force: true })
})

const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script><svg onload=alert(3)>'
const turned = '\u202egnp.exe\u202c\u0007'

/** An event whose every field that a stranger writes is markup, and what the handler says to it too. */
function hostile(account: string): Promise<void> {
  return world.deliver([account], {
    type: `qbo.${markup}.created.v1`,
    intuitentityid: `${markup}${turned}`,
    data: { [markup]: markup, list: [markup, turned], [turned]: '"><script>alert(4)</script>' },
  })
}

async function rows(page: Page, query: string): Promise<EventPage['rows']> {
  const { rows } = await page.evaluate(
    async path => (await fetch(path)).json() as Promise<EventPage>,
    `/api/events${query}`,
  )
  return rows
}

/** Everything that a payload could have become: elements that the page itself never makes. */
function strangers(page: Page): Promise<number> {
  return page.evaluate(
    () => document.querySelectorAll('img, iframe, object, embed, script:not([src]), style, [onload], [onerror]').length,
  )
}

test('markup in every field is shown as text and does nothing, in every view; nothing leaves the origin, the policy stops nothing', async () => {
  await hostile('1')
  await hostile(markup)
  const { page, faults, open } = await openInspectorPage(chromium, world)
  await page.locator('.row').filter({ hasText: '<img src=x onerror="alert(1)">' }).first().waitFor()
  expect(await strangers(page)).toBe(0)
  const all = await rows(page, '?limit=500')
  const own = all.find(row => row.tenant === 'acme' && row.event?.includes('<script>'))
  const parked = all.find(row => row.account?.includes('<script>'))
  const [rejected] = await rows(page, '?rejected=true')
  const cases = [
    [own?.id, ['data', 'raw', 'headers', 'explanation', 'attempts']],
    [parked?.id, ['data', 'explanation']],
    [rejected?.id, ['data', 'raw', 'headers', 'explanation']],
  ] as const
  for (const [id, tabs] of cases) {
    await open(`?open=${id}`)
    for (const tab of tabs) {
      await page.locator(`#tab-${tab}`).click()
      await page.locator(`[role=tabpanel][aria-labelledby=tab-${tab}]`).waitFor()
      expect(await strangers(page), `${id} ${tab}`).toBe(0)
    }
  }
  await open(`?open=${own?.id}&tab=attempts`)
  await page.getByRole('tabpanel').getByText(markup).first().waitFor()
  await page.keyboard.press('e')
  expect(await page.getByRole('textbox', { name: 'The event’s data' }).inputValue()).toContain('\\u202egnp.exe\\u202c')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'In the terminal' }).click()
  await page.getByRole('dialog').waitFor()
  await open('?view=tenants')
  await page.getByText(markup).first().waitFor()
  await open(
    `?search=${encodeURIComponent(markup)}&tenant=${encodeURIComponent(markup)}&open=${encodeURIComponent(markup)}`,
  )
  await page.getByRole('alert').waitFor()
  expect(await strangers(page)).toBe(0)
  expect(faults.filter(fault => !/40[04]/.test(fault))).toEqual([])
})

test('what cannot be seen is shown as its escape, and never turns what stands beside it', async () => {
  await hostile('2')
  const { page } = await openInspectorPage(chromium, world)
  await page.locator('.row').filter({ hasText: 'globex' }).filter({ hasText: 'alert(3)' }).first().click()
  const tree = page.getByRole('tree')
  await tree.waitFor()
  const text = await tree.innerText()
  expect(text).toContain('\\u202E')
  expect(text).toContain('\\u0007')
  // oxlint-disable-next-line no-control-regex -- exactly these must not be there
  expect(await page.locator('body').innerText()).not.toMatch(/[\u0000-\u0008\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
})

test('a page that is signed out says so and says what to type', async () => {
  const { page, open } = await openInspectorPage(chromium, world)
  await page.context().clearCookies()
  await page.keyboard.press('/')
  await page.keyboard.type('tenant:acme')
  await page.keyboard.press('Enter')
  await page
    .getByRole('alert')
    .getByText(/signed/)
    .waitFor()
  await page.getByRole('alert').getByText('whs inspect').waitFor()
  await page.goto(await world.link())
  await open('?tenant=acme')
  await page.locator('.row').first().waitFor()
})

test('every text stands out from its ground, in the light and in the dark', async () => {
  const { page, open } = await openInspectorPage(chromium, world, { width: 1440, height: 900 })
  const [row] = (await rows(page, '?limit=500')).filter(one => one.forwards.some(({ tries }) => tries > 1))
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const query of ['', `?open=${row?.id}`, `?open=${row?.id}&tab=attempts`, '?view=tenants', '?search=zzz']) {
      await open(query)
      await page.locator('.row, .card, .empty').first().waitFor()
      if (query.startsWith('?open')) await page.getByRole('tabpanel').waitFor()
      expect(await faintTexts(page), `${colorScheme} ${query}`).toEqual([])
    }
  }
})

test('a phone shows the list, and the open event instead of it; nothing is wider than the screen', async () => {
  const { page, faults, open } = await openInspectorPage(chromium, world, { width: 390, height: 844 })
  const isWide = (): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  await page.locator('.row').nth(3).click()
  await page.getByRole('tree').waitFor()
  expect([await isWide(), await page.getByRole('grid').isVisible()]).toEqual([false, false])
  await page.getByRole('button', { name: 'Close the details' }).click()
  await page.getByRole('grid').waitFor()
  await open('?view=tenants')
  await page.getByRole('heading', { name: 'Apps' }).waitFor()
  expect(await isWide()).toBe(false)
  expect(faults).toEqual([])
})
