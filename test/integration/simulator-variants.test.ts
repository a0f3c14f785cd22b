import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { composeCall } from '../../src/core/call.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { readingFor } from '../../src/core/record-reading.ts'
import { gmail } from '../../src/providers/gmail.ts'
import { shopify } from '../../src/providers/shopify.ts'
import { slack } from '../../src/providers/slack.ts'
import { twilio } from '../../src/providers/twilio.ts'
import { xero } from '../../src/providers/xero.ts'
import { zendesk } from '../../src/providers/zendesk.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { fixtureDir } from '../helpers/fixtures.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { decide, type PortalApp, redirectUri, type Simulated, startSimulated } from '../helpers/simulated.ts'
import { type AnyConsent, callAt, consentAt, identityOf, tokenRequest } from '../helpers/simulated-any.ts'

checkLeaks()

let simulated: Simulated
let app: PortalApp

async function open(definition: ProviderDefinition): Promise<[AccountFixture, AccountFixture, AccountFixture]> {
  simulated = await startSimulated({ definition })
  app = await simulated.app()
  return JSON.parse(readFileSync(`${fixtureDir(definition.id)}/accounts.json`, 'utf8'))
}
afterEach(() => simulated.close())

const names = async (consent: AnyConsent) => (await identityOf(consent)).map(({ name }) => name)

describe('a host with a slot', () => {
  test('leads to one company’s consent page, token endpoint and API alone', async () => {
    const [first, second] = await open(shopify)
    const shopOf = ({ slots }: AccountFixture) => slots?.shop as string
    expect(app.hosts.admin).toBe(`${simulated.base}/shopify/admin~{shop}`)
    const query = { client_id: app.clientId, redirect_uri: redirectUri, scope: 'read_orders', state: 'x' }
    const page = async (shop: string): Promise<string> => {
      const url = `${simulated.base}/shopify/admin~${shop}/admin/oauth/authorize?${new URLSearchParams(query).toString()}`
      return (await fetch(url)).text()
    }
    const shown = await page(shopOf(first))
    expect(shown).toContain(first.name)
    expect(shown).not.toContain(second.name)
    const nobody = await page('nobody')
    for (const text of ['Nobody here has the shop', shopOf(first), shopOf(second)]) expect(nobody).toContain(text)
    expect((await fetch(`${simulated.base}/shopify/admin/admin/oauth/authorize`)).status).toBe(404)

    const consent = await consentAt(shopify, app, [first])
    const { call } = shopify.identity.prove
    expect(await callAt(app, call, consent.slots)).toMatchObject({ status: 200 })
    expect(await callAt(app, call, { ...consent.slots, shop: shopOf(second) })).toMatchObject({ failed: true })
    expect(await callAt(app, call, { ...consent.slots, token: 'x' })).toMatchObject({ status: 401 })
  })

  test('a code of another company is good for nothing there', async () => {
    const [first, second] = await open(shopify)
    const { slots } = await consentAt(shopify, app, [first])
    const shop = second.slots?.shop as string
    const fields = { grant_type: 'authorization_code', code: 'nonsense', redirect_uri: redirectUri }
    expect(await tokenRequest(shopify, app, { ...slots, shop }, fields)).toMatchObject({ status: 400 })
  })
})

describe('the token endpoint', () => {
  test('says a refusal with 200 where the provider does so', async () => {
    await open(slack)
    const answer = await tokenRequest(
      slack,
      app,
      {},
      { grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri },
    )
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ ok: false, error: 'invalid_grant' })
  })

  test('takes JSON alone where the definition says JSON', async () => {
    await open(zendesk)
    const url = `${simulated.base}/zendesk/api~acme/oauth/tokens`
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' })
    const answer = await fetch(url, { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
  })
})

describe('one consent for several companies', () => {
  test('all of them are named, and each can leave by itself', async () => {
    const [first, second, third] = await open(xero)
    const consent = await consentAt(xero, app, [first, third])
    expect(await names(consent)).toEqual([first.name, third.name])
    const { connection } = (await identityOf(consent))[0]?.learned ?? {}
    const { revoke } = xero.oauth
    if (!revoke || !('call' in revoke)) throw new Error('it revokes by a call')
    const leave = composeCall(revoke.call, {
      hosts: app.hosts,
      slots: { ...consent.slots, connection: connection as string },
    })
    expect((await fetch(leave.url, leave)).status).toBe(200)
    expect(await names(consent)).toEqual([third.name])
    await simulated.app({ callbackUrl: 'http://127.0.0.1:1/' })
    const event = 'invoice.created'
    expect(await simulated.change({ account: first.name, event })).toEqual([])
    for (const { name } of [second, third]) {
      expect(await simulated.change({ account: name, event })).toMatchObject([{ events: [{ company: name }] }])
    }
  })

  test('a record is read with the account in a header, and by no other consent', async () => {
    const fitting = readingFor(xero, 'Invoice')
    if (!fitting) throw new Error('it has records')
    const [first, second] = await open(xero)
    const { slots } = await consentAt(xero, app, [first])
    const id = first.records?.Invoice?.[0] as string
    const read = (account: string, resourceId: string) =>
      callAt(app, fitting.read.call, { ...slots, account, resource: fitting.word, resourceType: 'Invoice', resourceId })
    const own = first.values.organisation as string
    expect(await read(own, id)).toMatchObject({ status: 200 })
    expect(JSON.parse((await read(own, id)).body.toString())).toMatchObject({
      Invoices: [{ InvoiceID: expect.any(String) }],
    })
    expect((await read(own, 'nothing')).status).toBe(404)
    expect((await read(second.values.organisation as string, id)).status).toBe(403)
  })
})

describe('a consent that brings the account alone', () => {
  test('has no code, and the app’s own credentials read those that consented', async () => {
    const [first, second] = await open(twilio)
    const consent = await consentAt(twilio, app, [first])
    expect(Object.fromEntries(consent.callback)).toEqual({ AccountSid: first.values.account, state: 'st4te' })
    const prove = (account: string, secret = consent.slots['secret.client'] as string) =>
      callAt(app, twilio.identity.prove.call, { ...consent.slots, account, 'secret.client': secret })
    expect(await prove(first.values.account as string)).toMatchObject({ status: 200 })
    expect(await prove(second.values.account as string)).toMatchObject({ status: 403 })
    expect(await prove(first.values.account as string, 'wrong')).toMatchObject({ status: 401 })
    const url = `${app.hosts.web}/authorize/${app.settings.connectApp}?state=x`
    expect((await decide(url, 'refuse', '')).searchParams.get('error')).toBe('unauthorized_client')
  })
})

test('a key set is published where the definition looks for it', async () => {
  await open(gmail)
  const answer = await fetch(`${app.hosts.certs}/oauth2/v3/certs`)
  const { keys } = (await answer.json()) as { keys: { kid: string; n: string; kty: string }[] }
  expect(keys).toMatchObject([{ kty: 'RSA', alg: 'RS256', use: 'sig' }])
  const kid = createHash('sha256')
    .update(keys[0]?.n as string)
    .digest('hex')
    .slice(0, 16)
  expect(keys[0]?.kid).toBe(kid)
  expect(Object.keys(keys[0] as object)).not.toContain('d')
})
