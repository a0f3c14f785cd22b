import { expect, test } from 'vitest'
import { cloudEvents, deliver, jsonLines, prepareHome } from '../helpers/listening.ts'
import { makeFolder, runWhs } from '../helpers/program.ts'
import { stillAlive, stubborn } from '../helpers/stubborn.ts'
import { hasTerminal, openTerminal, type Terminal } from '../helpers/terminal.ts'

const inTerminal = test.skipIf(!hasTerminal())
const dangerous = ['\u001b', '\u0007', '\u009b', '\u202e', '\u0008']
const listen = ['listen', '--tunnel', 'none', '--port', '0']

async function listening(home: string, options: object = {}): Promise<{ terminal: Terminal; url: string }> {
  const terminal = await openTerminal(listen, { home, ...options })
  const [url] = await terminal.waitFor(/http:\/\/\S+:\d+/)
  return { terminal, url }
}

inTerminal('a terminal gets text in colour; NO_COLOR takes the colour away', async () => {
  const coloured = await openTerminal(['providers'])
  await coloured.waitFor(/discord +Discord/)
  expect(await coloured.exitCode()).toBe(0)
  expect(coloured.bytes().toString()).toContain('\u001b[')
  const plain = await openTerminal(['providers'], { env: { NO_COLOR: '1' } })
  await plain.waitFor(/discord +Discord/)
  expect(plain.bytes().toString()).not.toContain('\u001b')
})

inTerminal('an error is three lines; the exit code is the one of the contract', async () => {
  const terminal = await openTerminal(['providers', 'show', 'quickboks'])
  expect(await terminal.exitCode()).toBe(5)
  expect(await terminal.screen()).toMatch(
    /error +there is no provider quickboks\nwhy +did you mean quickbooks\?\nnext +/,
  )
})

inTerminal('listen: a line an event, Ctrl-C ends with the counts as the last line', async () => {
  const home = await prepareHome()
  const { terminal, url } = await listening(home)
  await deliver(url, cloudEvents(['1', '2']))
  await terminal.waitFor(/acme .*invoice\.updated.*\n.*globex .*invoice\.updated/)
  await terminal.press('C-c')
  expect(await terminal.exitCode()).toBe(130)
  const lines = (await terminal.screen()).trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/2 events of 2 tenants/)
})

inTerminal('listen --exec: Ctrl-C ends both, and the command sees a terminal', async () => {
  const folder = makeFolder()
  const line = `test -t 1 && echo sees-a-terminal; ${stubborn}`
  const terminal = await openTerminal([...listen, '--exec', line], { home: await prepareHome(), cwd: folder })
  await terminal.waitFor(/sees-a-terminal\s+started/)
  await terminal.press('C-c')
  expect(await terminal.exitCode()).toBe(130)
  expect(await terminal.screen()).toMatch(/0 events of 0 tenants/)
  await expect.poll(() => stillAlive(folder)).toEqual([])
})

inTerminal('a terminal that is closed ends a listener in order', async () => {
  const home = await prepareHome()
  const { terminal } = await listening(home)
  const { stdout } = await runWhs(['status', '--output', 'json'], { home })
  const [{ listener }] = jsonLines(stdout) as [{ listener: { pid: number } }]
  process.kill(listener.pid, 'SIGHUP')
  expect(await terminal.exitCode()).toBe(129)
  expect(await terminal.screen()).toMatch(/0 events of 0 tenants .* 0 open/)
})

inTerminal('a terminal that knows no colours gets none', async () => {
  const dumb = await openTerminal(['providers'], { env: { TERM: 'dumb' } })
  await dumb.waitFor(/discord +Discord/)
  expect(dumb.bytes().toString()).not.toContain('\u001b')
})

inTerminal('what a payload says never reaches the terminal as a command', async () => {
  const home = await prepareHome()
  const { terminal, url } = await listening(home, { env: { NO_COLOR: '1' } })
  const hostile = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.exe\u0008\r\nfake line'
  const body = cloudEvents(['1', '31337\u001b[2J'], {
    type: `qbo.invoice${hostile}.updated.v1`,
    intuitentityid: hostile,
    id: `${Math.random()}${hostile}`,
  })
  expect((await deliver(url, body)).status).toBe(200)
  await terminal.waitFor(/parked/)
  await deliver(`${url}/hooks/${encodeURIComponent('\u001b[2J')}?`, 'x', hostile.replace(/[^ -~]/g, ''))
  await terminal.press('C-c')
  await terminal.exitCode()
  const text = terminal.bytes().toString()
  for (const char of dangerous) expect(text).not.toContain(char)
  expect(text).not.toMatch(/^fake line/m)
  for (const args of [['events'], ['events', 'show', 'last']]) {
    const shown = await openTerminal(args, { home, env: { NO_COLOR: '1' } })
    expect(await shown.exitCode()).toBe(0)
    for (const char of dangerous) expect(shown.bytes().toString()).not.toContain(char)
  }
})

inTerminal('an event takes one line of a narrow terminal', async () => {
  const home = await prepareHome()
  const { terminal, url } = await listening(home, { columns: 60 })
  await deliver(url, cloudEvents(['1'], { intuitentityid: '9'.repeat(60) }))
  const [line] = await terminal.waitFor(/^\d\d:\d\d:\d\d .*acme.*$/m)
  expect(line.length).toBeLessThanOrEqual(60)
})

inTerminal('without a store yet, events says what to type', async () => {
  const terminal = await openTerminal(['events'], { home: makeFolder() })
  await terminal.waitFor(/No event has come yet.*whs listen.*whs demo/s)
  expect(await terminal.exitCode()).toBe(0)
})

inTerminal('a terminal that is held (Ctrl-S) holds nobody else: deliveries are answered', async () => {
  const home = await prepareHome()
  const { terminal, url } = await listening(home)
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
