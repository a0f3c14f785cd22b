import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { listen } from '../../src/app/listen.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { asana } from '../../src/providers/asana.ts'
import { zendesk } from '../../src/providers/zendesk.ts'
import { type HookAnswer, type HookRequest, serve } from '../helpers/hook-provider.ts'
import { appHere, listenHere, listenOptions } from '../helpers/listener-here.ts'
import { finishConsent } from '../helpers/store-facts.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand } from '../helpers/test-io.ts'

const secret = 'g1ven-by-the-api'
const hookId = '01KB2ZVEMFGSF0Z4KFA4KJ4Y9N'

/** An app whose API is this server, and acme's consent. */
async function begin(
  { id, hosts }: ProviderDefinition,
  { accounts, slots = {} }: { accounts: string[]; slots?: Record<string, string> },
  answer: (request: HookRequest) => Promise<HookAnswer>,
) {
  const home = tempHome()
  const origin = await serve(answer)
  const store = appHere(home).store()
  const roles = Object.keys(hosts.production ?? {})
  await store.write('addApp', {
    name: id,
    provider: id,
    env: 'simulator',
    clientId: 'c1',
    hosts: Object.fromEntries(roles.map(role => [role, origin])),
    settings: {},
    secrets: { client: 's3cret' },
  })
  await finishConsent(store, [{ tenant: 'acme', accounts, slots }], { app: id, scopes: [], accessExpiresAt: null })
  const whs = (line: string) => runCommand(line.split(' '), { env: { WHS_HOME: home, WHS_PORT: '0' } })
  /** What the provider sent, newest first. */
  const came = async () => (await whs('events')).records.filter(({ source }) => source === 'delivery')
  const kept = (): unknown[] => queryFile(home, 'SELECT reason FROM rejected')
  return { home, whs, came, kept }
}

/** A delivery of a Zendesk hook, signed at a time. */
function deliver(url: string, signedWith: string, at: number): Promise<Response> {
  const time = new Date(at).toISOString()
  const body = JSON.stringify({
    account_id: '1',
    id: `e-${at}`,
    subject: 'zen:ticket:5',
    time,
    type: 'zen:event-type:ticket.created',
    zendesk_event_version: '2022-11-06',
    detail: { id: '5' },
    event: {},
  })
  const headers = {
    'content-type': 'application/json',
    'x-zendesk-webhook-id': hookId,
    'x-zendesk-webhook-signature-timestamp': time,
    'x-zendesk-webhook-signature': createHmac('sha256', signedWith)
      .update(time + body)
      .digest('base64'),
  }
  return fetch(url, { method: 'POST', headers, body })
}

/** A Zendesk that has these hooks, and tells the secret of each. */
function zendeskApi(
  standing: { id: string; endpoint: string; status: string }[],
  whileMaking?: (url: string) => Promise<void>,
) {
  return async ({ method, path, body }: HookRequest): Promise<HookAnswer> => {
    if (path.endsWith('/signing_secret')) return { status: 200, body: { signing_secret: { secret } } }
    if (!path.endsWith('/webhooks')) return { status: 404 }
    if (method !== 'POST') return { status: 200, body: { webhooks: standing } }
    await whileMaking?.((body.webhook as { endpoint: string }).endpoint)
    return { status: 201, body: { webhook: { id: hookId } } }
  }
}

const acme = { accounts: ['subdomain:acme'], slots: { subdomain: 'acme' } }
const hourMs = 3_600_000

test('what came before the API gave the secret is taken in as of its arrival, and what another secret signed stays', async () => {
  const seen: number[] = []
  const api = zendeskApi([], async url => {
    seen.push((await deliver(url, secret, Date.now())).status)
  })
  const { home, whs, came, kept } = await begin(zendesk, acme, api)
  const hourAgo = Date.now() - hourMs
  const early = await listen(
    appHere(home, {}, () => Date.now() - hourMs),
    listenOptions(),
    () => undefined,
  )
  const url = early.ready.callbacks.zendesk as string
  seen.push((await deliver(url, secret, hourAgo)).status, (await deliver(url, 'another', hourAgo)).status)
  await early.stop('the test goes on')
  expect(kept()).toEqual([{ reason: 'no-secret' }, { reason: 'no-secret' }])

  await listenHere(home, { port: Number(new URL(url).port) })
  expect((await whs('activate zendesk')).records).toMatchObject([{ state: 'made', providerId: hookId }])
  expect(seen).toEqual([503, 503, 503])
  const records = await came()
  expect(records).toMatchObject([
    { verified: 'signature', tenant: 'acme' },
    { verified: 'signature', tenant: 'acme', receivedAt: expect.any(String) },
  ])
  const first = Math.min(...records.map(({ receivedAt }) => Date.parse(String(receivedAt))))
  expect(Math.abs(first - hourAgo)).toBeLessThan(60_000)
  expect(kept()).toHaveLength(1)
})

test('so is what a hook sent that stood there before, once its secret is asked for', async () => {
  const standing: { id: string; endpoint: string; status: string }[] = []
  const { home, whs, came, kept } = await begin(zendesk, acme, zendeskApi(standing))
  const { ready } = await listenHere(home)
  const url = ready.callbacks.zendesk as string
  standing.push({ id: hookId, endpoint: url, status: 'active' })
  expect((await deliver(url, secret, Date.now())).status).toBe(503)
  expect((await whs('activate zendesk')).records).toMatchObject([{ state: 'found', providerId: hookId }])
  expect(await came()).toMatchObject([{ tenant: 'acme', verified: 'signature' }])
  expect(kept()).toEqual([])
})

test('so is what came to a hook’s key before the handshake that brought its secret', async () => {
  const sign = (body: string): string => createHmac('sha256', secret).update(body).digest('hex')
  const resource = { gid: '7', resource_type: 'task' }
  const body = JSON.stringify({ events: [{ action: 'added', resource, created_at: '2026-03-01T12:00:00Z' }] })
  const seen: number[] = []
  const post = async (target: string, headers: Record<string, string>, sent = ''): Promise<void> => {
    seen.push((await fetch(target, { method: 'POST', headers, ...(sent ? { body: sent } : {}) })).status)
  }
  const { home, whs, came, kept } = await begin(
    asana,
    { accounts: ['workspace:77'] },
    async ({ method, path, body: asked }) => {
      if (method === 'GET') return { status: 200, body: { data: path.endsWith('projects') ? [{ gid: '1201' }] : [] } }
      if (!path.endsWith('/webhooks')) return { status: 404 }
      const { target } = asked.data as { target: string }
      await post(target, { 'x-hook-signature': sign(body) }, body)
      await post(target, { 'x-hook-signature': sign(`${body} `) }, body)
      await post(target, { 'x-hook-secret': secret })
      return { status: 201, body: { data: { gid: '900' } } }
    },
  )
  await listenHere(home)
  expect((await whs('activate asana')).records).toMatchObject([{ state: 'made', resource: '1201' }])
  expect(seen).toEqual([503, 503, 200])
  await expect.poll(came).toMatchObject([{ tenant: 'acme', verified: 'signature' }])
  expect(kept()).toHaveLength(1)
})
