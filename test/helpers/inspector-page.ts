import type { Page } from 'playwright-core'
import type { Chromium } from './chromium.ts'
import type { InspectorWorld } from './inspector-world.ts'

/** A page of the inspector in a real browser, watched for everything that it must never do. */
export interface InspectorPage {
  page: Page
  /** What was wrong so far: errors, what the policy stopped, requests to elsewhere, dialogs. */
  faults: string[]
  /** Goes to a view, as a person with its address would. */
  open(query?: string): Promise<void>
}

/** Signs in with a link and opens the list. */
export async function openInspectorPage(
  chromium: Chromium,
  world: Pick<InspectorWorld, 'link' | 'origin'>,
  size: { width?: number; height?: number } = { width: 1280, height: 800 },
): Promise<InspectorPage> {
  const page = await chromium.page(size)
  const faults: string[] = []
  page.on('pageerror', error => faults.push(`error: ${error.message}`))
  page.on('console', message => message.type() === 'error' && faults.push(`console: ${message.text()}`))
  page.on('dialog', dialog => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', request => {
    const isOwn = request.url().startsWith(`${world.origin}/`) || request.url().startsWith('data:,')
    if (!isOwn) faults.push(`request: ${request.url()}`)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', event => console.error(`policy: ${event.violatedDirective}`))
  })
  const open = async (query = ''): Promise<void> => {
    await page.goto(`${world.origin}/${query}`)
    await page.locator('.listening .dot').waitFor()
  }
  await page.goto(await world.link())
  await page.locator('.listening .dot').waitFor()
  return { page, faults, open }
}
