import { createHmac, randomUUID } from 'node:crypto'
import { openStore } from '../../src/store/store.ts'
import { makeFolder, type ProgramOptions, type RunningProgram, startWhs } from './program.ts'

export const token = 'e2e-verifier-token-5c0de'
export const callbackPath = '/hooks/quickbooks'

/** A data directory with a QuickBooks app and tenants by account. `secret: null` leaves the app without one. */
export async function prepareHome({
  secret = token,
  tenants = { acme: '1', globex: '2' },
  home = makeFolder(),
}: {
  secret?: string | null
  tenants?: Record<string, string>
  home?: string
} = {}): Promise<string> {
  const store = openStore({ home })
  await store.write('addApp', {
    name: 'quickbooks',
    provider: 'quickbooks',
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets: secret === null ? {} : { webhook: secret },
  })
  for (const [tenant, value] of Object.entries(tenants)) {
    await store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value, tenant, release: false })
  }
  await store.close()
  return home
}

/** `whs listen` on free ports, ready to be sent to. */
export interface Listening extends RunningProgram {
  url: string
  /** The records that it printed so far; throws on a line that is no JSON. */
  records(): Record<string, unknown>[]
}

export async function startListening(
  args: string[],
  options: ProgramOptions,
  start: typeof startWhs = startWhs,
): Promise<Listening> {
  const program = start(['listen', '--tunnel', 'none', '--port', '0', '--output', 'json', ...args], options)
  const [, url] = await program.waitFor(/"type":"ready".*?"url":"([^"]+)"/)
  return { ...program, url: String(url), records: () => jsonLines(program.stdout()) }
}

/** Every whole line read as JSON. */
export function jsonLines(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}

/** A CloudEvents delivery as Intuit would write it: one event per account, each with an id of its own. */
export function cloudEvents(accounts: string[], more: object = {}): string {
  const events = accounts.map(account => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
    type: 'qbo.invoice.updated.v1',
    datacontenttype: 'application/json',
    time: '2026-03-17T16:19:17.000Z',
    intuitentityid: '130',
    intuitaccountid: account,
    data: {},
    ...more,
  }))
  return JSON.stringify(events)
}

/** Intuit's signature: HMAC-SHA256 over the body, base64. Made here, not by the code that is tested. */
export function signature(body: string | Uint8Array, secret = token): string {
  return createHmac('sha256', secret).update(body).digest('base64')
}

/** Sends a delivery, signed unless another signature is given. */
export async function deliver(url: string, body: string | Uint8Array, sign = signature(body)): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'intuit-signature': sign }
  return fetch(`${url}${callbackPath}`, { method: 'POST', headers, body: Buffer.from(body) })
}
