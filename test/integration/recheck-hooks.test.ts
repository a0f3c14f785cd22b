import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { listenHere } from '../helpers/listener-here.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

const hookId = '01KB2ZVEMFGSF0Z4KFA4KJ4Y9N'
const secret = 'g1ven-l4ter'

/** A Zendesk app with a listener, and a request of its hook that came before the secret was known. */
async function early() {
  const home = tempHome()
  const whs = (args: string, options: TestIoOptions = {}) =>
    runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, WHS_PORT: '0', ...options.env } })
  await whs('app add zendesk --env production --client-id c1 --client-secret - --yes', { stdin: 's3cret\n' })
  const { ready } = await listenHere(home)
  const body = JSON.stringify({
    account_id: '1',
    id: 'e-1',
    subject: 'zen:ticket:5',
    time: new Date().toISOString(),
    type: 'zen:event-type:ticket.created',
    zendesk_event_version: '2022-11-06',
    detail: { id: '5' },
    event: {},
  })
  const send = async (): Promise<number> => {
    const time = new Date().toISOString()
    const headers = {
      'content-type': 'application/json',
      'x-zendesk-webhook-id': hookId,
      'x-zendesk-webhook-signature-timestamp': time,
      'x-zendesk-webhook-signature': createHmac('sha256', secret)
        .update(time + body)
        .digest('base64'),
    }
    return (await fetch(ready.callbacks.zendesk as string, { method: 'POST', headers, body })).status
  }
  const kept = (): unknown[] => queryFile(home, 'SELECT seq FROM rejected')
  return { whs, send, kept }
}

test('a secret that a hook is given later takes in what was kept for want of it', async () => {
  const { whs, send, kept } = await early()
  const [made] = (await whs('activations add zendesk --tenant acme --new-tenant')).records
  expect(await send()).toBe(503)
  expect(kept()).toHaveLength(1)
  const confirmed = await whs(`activations confirm ${made?.id} --id ${hookId} --secret -`, { stdin: `${secret}\n` })
  expect(confirmed.records).toMatchObject([{ state: 'made', rechecked: { taken: 1, left: 0 } }])
  expect(kept()).toEqual([])
  expect((await whs('events --tenant acme')).records).toMatchObject([{ verified: 'signature', account: hookId }])
})

test('so does one with which a hook is added', async () => {
  const { whs, send, kept } = await early()
  expect(await send()).toBe(503)
  const line = `activations add zendesk --tenant acme --new-tenant --id ${hookId} --secret -`
  const added = await whs(line, { stdin: `${secret}\n`, env: { WHS_OUTPUT: 'text' } })
  expect(added.out).toContain('1 kept delivery verifies now and was taken in\n')
  expect(kept()).toEqual([])
  expect((await whs('events --tenant acme')).records).toHaveLength(1)
})

test('so does one of the app that a handshake brings', async () => {
  const home = tempHome()
  const whs = (args: string) =>
    runCommand(args.split(' '), { env: { WHS_HOME: home, WHS_PORT: '0' }, stdin: 's3cret\n' })
  await whs('app add notion --env production --client-id c1 --client-secret - --yes')
  const { ready } = await listenHere(home)
  const time = new Date().toISOString()
  const body = JSON.stringify({
    id: 'e-1',
    timestamp: time,
    type: 'page.created',
    workspace_id: '13950b26-c203-4f3b-b97d-93ec06319565',
    entity: { id: 'p-1', type: 'page' },
  })
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const post = async (sent: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'x-notion-signature': signature }
    return (await fetch(ready.callbacks.notion as string, { method: 'POST', headers, body: sent })).status
  }
  await whs('activations add notion')
  expect(await post(body)).toBe(503)
  expect(await post(JSON.stringify({ verification_token: secret }))).toBe(200)
  await expect.poll(async () => (await whs('events')).records).toMatchObject([{ verified: 'signature' }])
  expect(queryFile(home, 'SELECT seq FROM rejected')).toEqual([])
})
