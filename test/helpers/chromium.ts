import { existsSync } from 'node:fs'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { findProgram } from './find-program.ts'
import { aptInstall, runQuietly } from './install.ts'

/** A real headless browser with an empty profile. */
export interface Chromium {
  /** A page with cookies of its own. */
  page(options?: { width?: number; height?: number }): Promise<Page>
  close(): Promise<void>
}

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** The browser of this machine: `CHROME_PATH`, an installed one, or the one that Playwright keeps. */
function findChromium(): string | undefined {
  const own = chromium.executablePath()
  return findProgram([process.env.CHROME_PATH ?? '', ...names].filter(Boolean)) ?? (existsSync(own) ? own : undefined)
}

/**
 * Makes sure that there is a browser, and installs one where there is none: Debian's as root on Debian, else Playwright's.
 * @throws where that fails too, with what to do
 */
export function ensureChromium(): void {
  if (findChromium()) return
  if (aptInstall('chromium') && findChromium()) return
  console.error('test set-up: installing Chromium by Playwright')
  if (runQuietly('npx', ['playwright-core', 'install', '--no-shell', 'chromium']) && findChromium()) return
  throw new Error('The browser tests need Chrome or Chromium: install one, or name it in CHROME_PATH.')
}

/** Opens the browser, headless; every page begins without cookies. */
export async function openChromium(): Promise<Chromium> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('There is no Chrome or Chromium here; the e2e set-up installs one.')
  const browser = await chromium.launch({ executablePath, headless: true, args: flags })
  const contexts: BrowserContext[] = []
  return {
    async page({ width = 1000, height = 800 } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB', timezoneId: 'UTC' })
      contexts.push(context)
      return context.newPage()
    },
    async close() {
      for (const context of contexts) await context.close()
      await browser.close()
    },
  }
}
