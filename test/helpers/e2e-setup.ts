import { ensureChromium } from './chromium.ts'
import { ensureTerminal } from './terminal.ts'

/** What the e2e tests need beside Node: a browser, and a terminal that a program can drive. */
export function setup(): void {
  ensureChromium()
  ensureTerminal()
}
