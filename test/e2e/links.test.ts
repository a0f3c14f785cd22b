import { expect, test } from 'vitest'
import { consentAsPerson } from '../../src/app/demo-person.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { jsonLines, prepareHome } from '../helpers/listening.ts'
import { makeFolder, runWhs, startWhs } from '../helpers/program.ts'

test('a link is made for a tenant, used by them through the listener, which tells of it, and is then gone', async () => {
  const home = makeFolder()
  const simulator = startWhs(['simulate', '--port', '0', '--output', 'json'], { home })
  const base = String((await simulator.waitFor(/"url":"([^"]+)"/))[1])
  await runWhs(['app', 'add', 'quickbooks', '--env', 'simulator', '--host', `simulator=${base}`, '--yes'], { home })
  const none = await runWhs(['connect', 'quickbooks', '--tenant', 'acme', '--link'], { home })
  expect(none).toMatchObject({ code: 3 })
  const listening = startWhs(['listen', '--port', '0', '--output', 'json'], { home })
  await listening.waitFor(/"type":"ready"/)
  expect(await runWhs(['connect', 'quickbooks', '--link'], { home })).toMatchObject({ code: 2 })

  const made = await runWhs(['connect', 'quickbooks', '--tenant', 'acme', '--link'], { home })
  expect(made).toMatchObject({ code: 0 })
  const [link] = jsonLines(made.stdout) as { id: string; url: string }[]
  const listed = await runWhs(['links', '--output', 'json'], { home })
  expect(jsonLines(listed.stdout)).toMatchObject([{ id: link?.id, tenants: ['acme'], state: 'open' }])
  expect(listed.stdout).not.toContain(link?.url.split('/').at(-1))

  await consentAsPerson(makeHttpCall({}), String(link?.url), 'Acme Holdings')
  await listening.waitFor(/"type":"connection"/)
  const record = jsonLines(listening.stdout()).find(({ type }) => type === 'connection')
  expect(record).toMatchObject({
    app: 'quickbooks',
    tenants: ['acme'],
    state: 'active',
    accounts: [{ name: 'Acme Holdings' }],
  })
  expect((await runWhs(['links', '--output', 'json'], { home })).stdout).toBe('')
})

test('a revoked link cannot be used; one that leads to this machine only is not made', async () => {
  const home = await prepareHome()
  const listening = startWhs(['listen', '--tunnel', 'none', '--port', '0', '--output', 'json'], { home })
  await listening.waitFor(/"type":"ready"/)
  const local = await runWhs(['connect', 'quickbooks', '--tenant', 'acme', '--link'], { home })
  expect(local).toMatchObject({ code: 2 })
  expect(local.stderr).toContain('link-is-local')
  expect(await runWhs(['links', 'revoke', 'lnk_0123456789'], { home })).toMatchObject({ code: 5 })
})
