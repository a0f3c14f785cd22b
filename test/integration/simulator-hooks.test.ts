import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { HmacScheme } from '../../src/core/webhook-definition.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  acme,
  connect,
  globex,
  type Handler,
  isSigned,
  type PortalApp,
  type Simulated,
  startHandler,
  startSimulated,
} from '../helpers/simulated.ts'

checkLeaks()

interface ShownHook {
  id: string
  clientId: string
  account: string
  company: string
  url: string | null
  secret: string | null
}

const scheme = quickbooks.webhook.verify[0] as HmacScheme
/** A provider like the one of the fixtures, that has a hook with a secret of its own for each company. */
const perTenant: ProviderDefinition = {
  ...quickbooks,
  webhook: { ...quickbooks.webhook, verify: [{ ...scheme, key: { secret: 'webhook', of: 'activation' } }] },
  activation: { per: 'tenant', by: 'api', secret: 'given', steps: [] },
}

let simulated: Simulated
let handler: Handler
let app: PortalApp

beforeEach(async () => {
  simulated = await startSimulated({ definition: perTenant })
  handler = await startHandler()
  app = await simulated.app({ callbackUrl: handler.url })
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

async function put(wish: object): Promise<ShownHook> {
  const { status, body } = await simulated.json('POST', '/portal/hooks', wish)
  if (status !== 200) throw new Error((body as { error: string }).error)
  return body
}

const remove = (path: string) => fetch(simulated.url(`/portal/hooks${path}`), { method: 'DELETE' })

describe('a hook for each company', () => {
  test('without one nothing is sent; each gets its own company’s events, signed with its own secret', async () => {
    expect(await simulated.change({ account: acme, event: 'invoice.created' })).toEqual([])
    const one = await put({ account: acme, url: `${handler.url}/a` })
    const two = await put({ company: 'Globex Corp', url: handler.url, key: 'b', secret: 'chosen-by-the-app' })
    expect(one).toMatchObject({ company: 'Acme Holdings', account: acme, clientId: app.clientId })
    expect(two).toMatchObject({ company: 'Globex Corp', url: `${handler.url}/b`, secret: 'chosen-by-the-app' })
    const sent = await simulated.change({ account: [acme, globex], event: 'invoice.created' })
    expect(sent.map(({ hook, url }) => [hook, url])).toEqual([
      [one.id, one.url],
      [two.id, two.url],
    ])
    const [first, second] = handler.arrived
    expect(first && isSigned(first, one.secret as string)).toBe(true)
    expect(second && isSigned(second, 'chosen-by-the-app')).toBe(true)
    expect([first?.url, second?.url]).toEqual(['/hooks/quickbooks/a', '/hooks/quickbooks/b'])
    expect(first && isSigned(first, app.webhookSecret)).toBe(false)
  })

  test('one is changed by its id, listed, and ended; a company that disconnects the app ends its events', async () => {
    const hook = await put({ account: acme, url: `${handler.url}/old` })
    expect(await put({ id: hook.id, url: handler.url })).toMatchObject({ ...hook, url: handler.url })
    expect(await put({ id: 'known', account: globex })).toMatchObject({ id: 'known', url: null })
    expect((await simulated.json('GET', '/portal/hooks')).body).toHaveLength(2)
    await simulated.change({ account: globex, event: 'bill.created' })
    expect(handler.arrived.map(({ url }) => url)).toEqual(['/hooks/quickbooks'])
    expect((await remove(`/${hook.id}`)).status).toBe(204)
    expect((await remove(`?id=${hook.id}`)).status).toBe(404)
    expect(await simulated.change({ account: acme, event: 'bill.created' })).toEqual([])
    const access = await connect(app, globex)
    await fetch(`${app.hosts.platform}/v2/oauth2/tokens/revoke`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}` },
      body: JSON.stringify({ token: access }),
    })
    expect(await simulated.change({ account: globex, event: 'bill.created' })).toEqual([])
  })

  test.each([
    [{ url: 'http://127.0.0.1:1' }, /account must be one of Acme/],
    [{ account: 'nobody', url: 'http://127.0.0.1:1' }, /account must be one of Acme/],
    [{ account: acme, url: 'file:///etc/passwd' }, /url must be/],
    [{ account: acme, clientId: 'nobody' }, /no app has the client id/],
    [{ account: acme, colour: 'red' }, /colour is no part/],
    [{ account: acme, secret: 7 }, /secret must be a text/],
    [[], /JSON object/],
  ])('%j is refused in words', async (wish, words) => {
    await expect(put(wish)).rejects.toThrow(words)
  })

  test('the page adds one and removes it without any script', async () => {
    const post = (fields: Record<string, string>) =>
      fetch(simulated.url('/act'), { method: 'POST', body: new URLSearchParams(fields) })
    const page = await (await post({ hook: acme, url: handler.url, secret: '' })).text()
    const [hook] = (await simulated.json('GET', '/portal/hooks')).body as ShownHook[]
    for (const text of ['Acme Holdings has a hook', String(hook?.secret), '1 hook']) expect(page).toContain(text)
    await post({ account: acme, event: 'invoice.created' })
    expect(handler.arrived).toHaveLength(1)
    expect(await (await post({ unhook: String(hook?.id) })).text()).toContain('The hook is gone')
    expect(await (await post({ account: acme, event: 'invoice.created' })).text()).toContain('it has no hook here')
  })
})

test('where one hook is for all, a company may have one besides', async () => {
  await simulated.close()
  simulated = await startSimulated()
  await simulated.app({ callbackUrl: handler.url })
  await put({ account: acme, url: `${handler.url}/own` })
  await simulated.change({ account: acme, event: 'invoice.created' })
  await simulated.change({ account: globex, event: 'invoice.created' })
  const paths = handler.arrived.map(({ url }) => url)
  expect(paths).toEqual(['/hooks/quickbooks', '/hooks/quickbooks/own', '/hooks/quickbooks'])
})
