import { expect, test } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { tendHooks } from '../../src/app/tend-hooks.ts'
import { googleCalendar } from '../../src/providers/google-calendar.ts'
import { serve } from '../helpers/hook-provider.ts'
import { appHere } from '../helpers/listener-here.ts'
import { finishConsent } from '../helpers/store-facts.ts'
import { tempHome } from '../helpers/temp-home.ts'

const url = 'https://hooks.example.test/hooks/google-calendar'

test('a listener that no provider reaches renews hooks where they are, and gives nobody its own address', async () => {
  const addresses: unknown[] = []
  const origin = await serve(async ({ method, path, body }) => {
    if (method === 'POST' && path.endsWith('/watch')) addresses.push(body.address)
    return { status: 200, body: { id: body.id ?? 'c-1', resourceId: 'w-1', expiration: String(Date.now() + 9e8) } }
  })
  const app = appHere(tempHome())
  const store = app.store()
  const hosts = Object.fromEntries(Object.keys(googleCalendar.hosts.production).map(role => [role, origin]))
  const { id: name } = googleCalendar
  const common = { name, provider: name, env: 'production' as const, clientId: 'c', settings: {}, hosts }
  await store.write('addApp', { ...common, secrets: { client: 's3cret' } })
  const consent = { tenant: 'acme', accounts: ['calendar:sam@example.com'], slots: {} }
  const [connection] = await finishConsent(store, [consent], { app: name, accessExpiresAt: null })
  const { activation } = await store.write('addActivation', {
    app: name,
    tenant: 'acme',
    connectionId: connection?.id ?? null,
    providerId: 'c-1',
    resource: 'sam@example.com',
    url,
    state: 'active',
    release: true,
    byApi: { key: null, temporary: false, nextAt: 0, replaces: null },
  })
  await store.write('completeHook', {
    id: activation.id,
    providerId: 'c-1',
    secret: null,
    url,
    expiresAt: Date.now() + 3_600_000,
    nextAt: 1,
    slots: { watched: 'w-1' },
  })
  const told: Fact[] = []
  const tending = tendHooks(app, {
    publicUrl: () => 'http://localhost:4400',
    isTemporary: false,
    tell: fact => told.push(fact),
  })
  await expect
    .poll(() => told)
    .toMatchObject([{ kind: 'activation', outcome: { kind: 'renewed', activation: { url } } }])
  await tending.stop(5_000)
  expect(addresses).toEqual([url])
})
