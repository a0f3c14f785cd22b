import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../../src/store/store.ts'
import { tenantOf, token } from './deliveries.ts'

/** Where everything of the bench lives: on the disk of the repository, since `/tmp` may be memory, where a sync is free. */
export const benchBase = new URL('../../node_modules/.cache/whs-bench/', import.meta.url).pathname

/** A new folder there. */
export function benchFolder(): string {
  mkdirSync(benchBase, { recursive: true })
  return mkdtempSync(join(benchBase, 'home-'))
}

/** Makes a data directory with the app, and the tenants that the deliveries are for. */
export async function prepareHome(home: string, tenants: number): Promise<void> {
  const store = openStore({ home })
  await store.startWriter()
  await store.write('addApp', {
    name: 'quickbooks',
    provider: 'quickbooks',
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets: { webhook: token },
  })
  for (let from = 0; from < tenants; from += 1_000) {
    const mapped = Array.from({ length: Math.min(1_000, tenants - from) }, (_, at) => {
      const { tenant, account } = tenantOf(from + at)
      return store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value: account, tenant, release: false })
    })
    await Promise.all(mapped)
  }
  await store.close()
}
