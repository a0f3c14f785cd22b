import { expect, test } from 'vitest'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, signature, token } from '../helpers/listening.ts'
import { tempHome } from '../helpers/temp-home.ts'

const url = 'https://hooks.example.test'
const to = `${url}/hooks/quickbooks`

test('a portal that still sends elsewhere: listen says what to paste where at each start, until what comes shows that it was done', async () => {
  const home = tempHome()
  const app = { name: 'quickbooks', provider: 'quickbooks', env: 'sandbox' as const, clientId: 'id', hosts: {} }
  await appHere(home)
    .store()
    .write('addApp', { ...app, settings: {}, secrets: { client: 'c', webhook: token } })
  /** A run of the listener, at whose end a delivery comes through a host; what it said is to be pasted. */
  const run = async (host: string) => {
    const session = await listenHere(home, { tunnel: { how: url } })
    const port = (await appHere(home).store().read('readListener'))?.port
    const body = cloudEvents(['1'])
    const headers = { 'intuit-signature': signature(body), 'x-forwarded-host': host }
    const { status } = await fetch(`http://127.0.0.1:${port}/hooks/quickbooks`, { method: 'POST', headers, body })
    expect(status).toBe(200)
    await session.stop('the test goes on')
    return session.ready.moved
  }
  const paste = { app: 'quickbooks', field: 'Endpoint URL', tenant: null, to }
  const drifted = { ...paste, from: 'https://old.example.test/hooks/quickbooks' }
  expect(await run('old.example.test')).toMatchObject([{ ...paste, from: null }])
  expect(await run('Old.example.test')).toMatchObject([drifted])
  expect(await run('hooks.example.test')).toMatchObject([drifted])
  expect(await run('hooks.example.test')).toEqual([])
})
