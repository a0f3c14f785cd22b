import { expect, test } from 'vitest'
import type { EventPage, Now } from '../../src/inspect/api.ts'
import { ask, signIn } from '../helpers/inspector-client.ts'
import { cloudEvents, deliver, jsonLines, prepareHome, startListening } from '../helpers/listening.ts'
import { runWhs, startWhs } from '../helpers/program.ts'

test('beside a listener: the link of whs inspect leads to what it received; what ends it is the listener', async () => {
  const options = { home: await prepareHome() }
  const listening = await startListening([], options)
  await deliver(listening.url, cloudEvents(['1']))
  const given = await runWhs(['inspect', '--no-open'], options)
  expect(given).toMatchObject({ code: 0 })
  const [record] = jsonLines(given.stdout)
  const link = String(record?.url)
  expect(new URL(link).origin).toBe(listening.records().find(({ type }) => type === 'ready')?.inspector)
  const client = await signIn(link)
  const { rows } = await client.get<EventPage>('/api/events')
  expect(rows).toMatchObject([{ tenant: 'acme', event: 'invoice.updated' }])
  const now = await client.get<Now>('/api/now')
  expect(now.whs).toBe('npx whs')
  expect(now.listener?.url).toBe(listening.url)
  const status = await runWhs(['status', '--output', 'text'], options)
  expect(status.stdout).toContain('inspector: npx whs inspect')
  listening.kill('SIGINT')
  expect(await listening.ended).toMatchObject({ code: 130 })
  await expect(ask(new URL(link).origin, '/')).rejects.toThrow('ECONNREFUSED')
})

test('over the store of the demo, when the demo is over', async () => {
  const options = { home: await prepareHome() }
  expect(await runWhs(['demo', '--once', '--yes'], options)).toMatchObject({ code: 0 })
  const inspecting = startWhs(['--demo', 'inspect', '--no-open'], options)
  const [, link] = await inspecting.waitFor(/"url":"([^"]+)"/)
  const client = await signIn(String(link))
  const now = await client.get<Now>('/api/now')
  expect(now).toMatchObject({ whs: 'npx whs --demo', listener: null, parked: 1, rejected: 1 })
  const { rows } = await client.get<EventPage>('/api/events?tenant=globex&event=invoice.*')
  expect(rows).toMatchObject([{ event: 'invoice.created', part: '2/2', forwards: [{ status: 200 }] }])
  inspecting.kill('SIGTERM')
  expect(await inspecting.ended).toMatchObject({ code: 143 })
})
