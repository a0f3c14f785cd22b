import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chromium, openChromium } from '../helpers/chromium.ts'
import { openInspectorPage } from '../helpers/inspector-page.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'

const many = 100_000
const perDelivery = 5_000

let chromium: Chromium
let world: InspectorWorld
beforeAll(async () => {
  chromium = await openChromium()
  world = await openInspectorWorld({ more: null })
  const accounts = Array.from({ length: perDelivery }, (_, index) => `${9000 + (index % 7)}`)
  await Promise.all(Array.from({ length: many / perDelivery }, () => world.deliver(accounts)))
})
afterAll(async () => {
  await chromium.close()
  await world.close()
  rmSync(world.home, { recursive: true, force: true })
})

/** The milliseconds that the page's thread has worked since now, by the processor's clock. */
async function workMeter(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
  }
  const before = await read()
  return async () => (await read()) - before
}

test('100,000 events: few elements, few requests, hardly a frame that is late, and every place is reached', async () => {
  const { page, faults } = await openInspectorPage(chromium, world, { width: 1440, height: 900 })
  const requests: string[] = []
  page.on('request', request => request.url().includes('/api/events?') && requests.push(request.url()))
  await page.locator('.total').getByText('100,000').waitFor()
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(many + 1))

  const steps = 200
  const worked = await workMeter(page)
  const wheel = await page.evaluate(async count => {
    const grid = document.querySelector('[role=grid]') as HTMLElement
    const late: number[] = []
    const watcher = new PerformanceObserver(list => late.push(...list.getEntries().map(entry => entry.duration)))
    watcher.observe({ type: 'longtask' })
    const elements = new Set<Element>()
    let most = 0
    for (let step = 0; step < count; step++) {
      grid.scrollTop += 180
      await new Promise(requestAnimationFrame)
      const lines = document.querySelectorAll('.row')
      most = Math.max(most, lines.length)
      for (const line of lines) if (!line.classList.contains('loading')) elements.add(line)
    }
    watcher.disconnect()
    return { late: late.length, most, elements: elements.size, places: Math.round(grid.scrollTop / 36) }
  }, steps)
  expect(wheel.places).toBe((steps * 180) / 36)
  expect(wheel.most).toBeLessThan(80)
  // Elements are used in turn: a thousand lines went by in hardly more than are seen at once.
  expect(wheel.elements).toBeLessThan(200)
  // On a machine that does nothing else there is hardly one; the processor's own time does not depend on that.
  expect(wheel.late, 'tasks that took longer than 50 ms').toBeLessThan(steps / 2)
  const work = (await worked()) / steps
  expect(work, 'ms of work for a frame').toBeLessThan(25)
  expect(requests.length).toBeLessThan(15)

  await page.getByRole('grid').evaluate(grid => grid.scrollTo({ top: grid.scrollHeight / 2 }))
  await page.locator('.row:not(.loading)[aria-rowindex="50010"]').waitFor()
  await page.getByRole('grid').focus()
  await page.keyboard.press('End')
  await page.locator(`.row:not(.loading)[aria-rowindex="${many + 1}"]`).waitFor()
  await page.keyboard.press('Home')
  await page.locator('.row:not(.loading)[aria-rowindex="2"]').waitFor()
  expect(requests.length).toBeLessThan(25)

  // Its delivery is longer than what a page is given: the part around the event is, and its own bytes are marked there.
  await page.keyboard.press('Enter')
  await page
    .getByRole('tree')
    .locator('mark.named')
    .getByText(/^900\d$/)
    .waitFor()
  await page.keyboard.press('2')
  await page.getByText('a part around the event').waitFor()
  expect(await page.locator('pre mark.item mark.named').textContent()).toMatch(/^900\d$/)
  expect(faults).toEqual([])
})
