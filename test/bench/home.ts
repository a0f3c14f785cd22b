import { openStore } from '../../src/store/store.ts'
import { tenants, token } from './deliveries.ts'

/** A data directory with the app and the tenants that the deliveries are for. */
export async function prepareHome(home: string): Promise<void> {
  const store = openStore({ home })
  await store.write('addApp', {
    name: 'quickbooks',
    provider: 'quickbooks',
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets: { webhook: token },
  })
  for (const { tenant, account } of tenants) {
    await store.write('mapAccount', { app: 'quickbooks', kind: 'realm', value: account, tenant, release: false })
  }
  await store.close()
}
