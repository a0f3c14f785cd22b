import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeHttpCall } from '../../src/net/call.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { startSimulator } from '../../src/simulate/simulator.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  acme,
  type Handler,
  type PortalApp,
  type Simulated,
  startHandler,
  startSimulated,
} from '../helpers/simulated.ts'

checkLeaks()

let simulated: Simulated
let handler: Handler
let app: PortalApp

beforeEach(async () => {
  simulated = await startSimulated()
  handler = await startHandler()
  app = await simulated.app({ callbackUrl: handler.url })
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

describe('portal and page', () => {
  test('an app outlives the simulator by its id and secrets; odd settings are refused', async () => {
    const { clientId, clientSecret, webhookSecret } = app
    await simulated.close()
    simulated = await startSimulated()
    const put = await simulated.json('PUT', `/portal/apps/${clientId}`, {
      clientSecret,
      webhookSecret,
      callbackUrl: handler.url,
    })
    expect(put).toMatchObject({ status: 200, body: { clientId, clientSecret, webhookSecret } })
    expect(await simulated.json('GET', `/portal/apps/${clientId}`)).toEqual(put)
    expect(await simulated.json('GET', '/portal/apps/nobody')).toMatchObject({ status: 404 })
    expect((await simulated.json('GET', '/portal/apps')).body).toHaveLength(2)
    for (const wish of [
      { shape: 'xml' },
      { callbackUrl: 'file:///etc/passwd' },
      { redirectUris: 'http://x' },
      { clientId: 'x' },
      [],
      'x',
      { webhookSecret: '' },
    ]) {
      expect(await simulated.json('PUT', `/portal/apps/${clientId}`, wish)).toMatchObject({ status: 400 })
    }
    expect(await simulated.json('GET', `/portal/apps/${clientId}`)).toEqual(put)
  })

  test('its buttons change records without any script, and the log tells what was answered', async () => {
    expect((await fetch(`${simulated.base}/`)).url).toBe(simulated.url(''))
    const page = await (await fetch(simulated.url(''))).text()
    expect(page).not.toContain('<script')
    const forms = [...page.matchAll(/<form[^>]*action="([^"]*)">(.*?)<\/form>/gs)]
    const posted = forms.flatMap(([, action = '', inner = '']) => {
      const hidden = [...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(match => [
        match[1],
        match[2],
      ])
      const option = /<option>([^<]*)/.exec(inner)?.[1]
      const buttons = [...inner.matchAll(/<button name="([^"]*)" value="([^"]*)"/g)].map(match => [match[1], match[2]])
      const fields = option === undefined ? hidden : [...hidden, ['resourceId', option]]
      return (buttons.length > 0 ? buttons : [[]]).map(button => ({
        action,
        fields: (button.length > 0 ? [...fields, button] : fields) as string[][],
      }))
    })
    expect(posted.length).toBeGreaterThan(60)
    for (const { action, fields } of posted) {
      const answer = await fetch(simulated.base + action, {
        method: 'POST',
        body: new URLSearchParams(fields),
        redirect: 'manual',
      })
      expect(answer.status).toBe(303)
      expect(answer.headers.get('location')).toMatch(
        fields.some(([name]) => name === 'payload') ? /note=Deliveries/ : /^\/quickbooks#log$/,
      )
    }
    const after = await (await fetch(simulated.url(''))).text()
    for (const text of ['invoice.voided', 'forged', 'Globex Corp', 'older ones are not shown'])
      expect(after).toContain(text)
    const note = await (await fetch(simulated.url('?note=<img src=x>'))).text()
    expect(note).toContain('&lt;img src=x&gt;')
  })

  test('nothing is sent where no app has a callback URL, and the page says so', async () => {
    await simulated.app({ callbackUrl: null })
    expect(await simulated.change({ account: acme, event: 'bill.created' })).toEqual([])
    const body = new URLSearchParams({ account: acme, event: 'bill.created' })
    expect(await (await fetch(simulated.url('/act'), { method: 'POST', body })).text()).toContain('Nothing was sent')
  })

  test('other sites can neither change anything nor reach it by a name of theirs', async () => {
    const ask = (method: string, headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const call = request(simulated.url('/portal/apps'), { method, headers }, answer => {
          answer.resume()
          resolve(answer.statusCode)
        })
        call.on('error', reject)
        call.end()
      })
    expect(await ask('GET', {})).toBe(200)
    expect(await ask('GET', { host: 'evil.example' })).toBe(403)
    expect(await ask('POST', { 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await ask('POST', { 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await ask('POST', { 'sec-fetch-site': 'same-origin' })).toBe(200)
  })
})

test('several providers have a page each; a taken port is told, missing fixtures are made up', async () => {
  const options = { randomBytes, now: Date.now, timeScale: 1, httpCall: makeHttpCall({}) }
  const twin = { ...quickbooks, id: 'twin', name: 'Twin' }
  const fixtures = () => new URL('../../fixtures/quickbooks', import.meta.url).pathname
  const both = await startSimulator({ ...options, port: 0, providers: [quickbooks, twin], fixtures })
  expect(await (await fetch(both.base)).text()).toMatch(/href="\/quickbooks".*href="\/twin"/s)
  expect(both.hosts(twin).token).toBe(`${both.base}/twin/token`)
  const again = startSimulator({ ...options, port: both.port, providers: [quickbooks], fixtures })
  await expect(again).rejects.toMatchObject({ code: 'port-taken', exit: 7 })
  await both.close()
  const without = await startSimulator({ ...options, port: 0, providers: [twin], fixtures: () => '/no/such/folder' })
  expect(await (await fetch(`${without.base}/twin`)).text()).toContain('Globex Corp')
  await without.close()
})
