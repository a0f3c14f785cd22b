import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareHome, startListening } from '../helpers/listening.ts'
import { binary, startProgram, startWhs } from '../helpers/program.ts'

test('stdout that takes nothing: said in three lines, exit 1', async () => {
  const command = `exec "$0" "$1" tenants --output text 1< /dev/null`
  const program = startProgram('sh', ['-c', command, process.execPath, binary], { home: await prepareHome() })
  const { code, stderr } = await program.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error +stdout cannot be written to\nwhy +EBADF.*\nnext +.*\n$/)
})

test('the browser inherits no secret', async () => {
  const home = await prepareHome()
  const seen = join(home, 'seen')
  // Where the system knows $BROWSER it is asked, else a program called open.
  const browser = join(home, 'open')
  writeFileSync(browser, `#!/bin/sh\nenv > ${seen}\n`)
  chmodSync(browser, 0o755)
  const secrets = {
    NGROK_AUTHTOKEN: 'kept-1',
    WHS_QUICKBOOKS_CLIENT_SECRET: 'kept-2',
    WHS_QUICKBOOKS_WEBHOOK_SECRET: 'kept-3',
  }
  const env = { PATH: `${home}:${process.env.PATH}`, BROWSER: browser, PROJECT: 'seen too', ...secrets }
  const connecting = startWhs(['connect', 'quickbooks', '--tenant', 'acme', '--port', '0'], { home, env })
  await connecting.waitFor(/opened in your browser/)
  const shown = startProgram('cat', [seen])
  const { stdout } = await shown.ended
  expect(stdout).toContain('PROJECT=seen too')
  expect(stdout).not.toContain('kept-')
})

test('connect waits for the consent beside a listener, where nothing of its own is open', async () => {
  const home = await prepareHome()
  const listening = await startListening([], { home })
  const browser = join(home, 'open')
  writeFileSync(browser, '#!/bin/sh\n')
  chmodSync(browser, 0o755)
  const env = { PATH: `${home}:${process.env.PATH}`, BROWSER: browser, WHS_QUICKBOOKS_CLIENT_SECRET: 'kept' }
  const connecting = startWhs(['connect', 'quickbooks', '--tenant', 'acme'], { home, env })
  await connecting.waitFor(new RegExp(`opened in your browser: ${listening.url}`))
  connecting.kill('SIGINT')
  expect(await connecting.ended).toMatchObject({ code: 130 })
})
