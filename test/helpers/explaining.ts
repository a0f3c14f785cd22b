import { expect } from 'vitest'
import { appHere } from './listener-here.ts'
import { token } from './listening.ts'
import { tempHome } from './temp-home.ts'
import { type Ran, runCommand, type TestIoOptions } from './test-io.ts'

export const otherToken = 'the-verifier-token-of-production'
export const clientSecret = 'client-secret-of-mine'

/** A data directory with two apps of one provider, and the command line in a terminal of 80 columns over it. */
export interface Explaining {
  home: string
  whs(args: string, options?: TestIoOptions): Promise<Ran>
  /** The last rejected request explained, with broken lines whole again. */
  explainedLast(): Promise<Ran>
  /** Another app, named after its provider. */
  addApp(name: string, secrets: Record<string, string>): Promise<void>
}

export async function openExplaining(): Promise<Explaining> {
  const home = tempHome()
  const app = { clientId: 'id', hosts: {}, settings: {} }
  const store = appHere(home).store()
  const quickbooks = { ...app, provider: 'quickbooks' }
  const secrets = { webhook: token, client: clientSecret }
  await store.write('addApp', { ...quickbooks, name: 'quickbooks', env: 'sandbox', secrets })
  await store.write('addApp', { ...quickbooks, name: 'qbo-live', env: 'production', secrets: { webhook: otherToken } })
  const whs: Explaining['whs'] = (args, options = {}) =>
    runCommand(args.split(' '), { tty: true, columns: 80, ...options, env: { WHS_HOME: home, ...options.env } })
  return {
    home,
    whs,
    async explainedLast() {
      const ran = await whs('explain last-rejected')
      expectFit(ran)
      return { ...ran, out: ran.out.replace(/\n {12}/g, ' ') }
    },
    async addApp(name, secrets) {
      await store.write('addApp', { ...app, name, provider: name, env: 'production', secrets })
    },
  }
}

/** Nothing that whs holds is shown, and all of it fits a screen. */
export function expectFit({ code, out, err }: Ran): void {
  expect(code, err).toBe(0)
  for (const secret of [token, otherToken, clientSecret]) expect(out).not.toContain(secret)
  expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(24)
}
