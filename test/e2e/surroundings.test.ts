import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cloudEvents, deliver, jsonLines, prepareHome } from '../helpers/listening.ts'
import { binary, runWhs, startProgram, startWhs } from '../helpers/program.ts'
import { hasTerminal, openTerminal } from '../helpers/terminal.ts'

const onLinux = test.skipIf(process.platform !== 'linux')

test.skipIf(!hasTerminal())('a terminal that is held (Ctrl-S) holds nobody else: deliveries are answered', async () => {
  const home = await prepareHome()
  const terminal = await openTerminal(['listen', '--tunnel', 'none', '--port', '0'], { home })
  const [url] = await terminal.waitFor(/http:\/\/\S+:\d+/)
  await terminal.press('C-s')
  expect((await deliver(url, cloudEvents(['1']))).status).toBe(200)
  // By the time that another process has looked twice, the listener has tried to print it.
  for (let look = 0; look < 2; look++) {
    expect(jsonLines((await runWhs(['events'], { home })).stdout)).toMatchObject([{ tenant: 'acme' }])
  }
  expect((await deliver(url, cloudEvents(['2']))).status).toBe(200)
  await terminal.press('C-q')
  await terminal.waitFor(/acme .*\n.*globex /)
})

onLinux('stdout on a full disk: said in three lines, exit 1', async () => {
  const command = `exec "$0" "$1" tenants --output text > /dev/full`
  const program = startProgram('sh', ['-c', command, process.execPath, binary], { home: await prepareHome() })
  const { code, stderr } = await program.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error +stdout cannot be written to\nwhy +ENOSPC.*\nnext +.*\n$/)
})

onLinux('the browser inherits no secret', async () => {
  const home = await prepareHome()
  const seen = join(home, 'seen')
  const browser = join(home, 'browser.sh')
  writeFileSync(browser, `#!/bin/sh\nenv > ${seen}\n`)
  chmodSync(browser, 0o755)
  const secrets = {
    NGROK_AUTHTOKEN: 'kept-1',
    WHS_QUICKBOOKS_CLIENT_SECRET: 'kept-2',
    WHS_QUICKBOOKS_WEBHOOK_SECRET: 'kept-3',
  }
  const env = { BROWSER: browser, PROJECT: 'seen too', ...secrets }
  const connecting = startWhs(['connect', 'quickbooks', '--tenant', 'acme', '--port', '0'], { home, env })
  await connecting.waitFor(/opened in your browser/)
  const shown = startProgram('cat', [seen])
  const { stdout } = await shown.ended
  expect(stdout).toContain('PROJECT=seen too')
  expect(stdout).not.toContain('kept-')
})
