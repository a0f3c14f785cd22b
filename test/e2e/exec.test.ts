import { expect, test } from 'vitest'
import { prepareHome } from '../helpers/listening.ts'
import { binary, makeFolder, runWhs, startWhs } from '../helpers/program.ts'
import { stillAlive, stubborn } from '../helpers/stubborn.ts'

const listen = ['listen', '--tunnel', 'none', '--port', '0']
test('the shop’s own tests in CI: the command asks whs itself, and its exit code is the session’s', async () => {
  const home = await prepareHome()
  const whs = `"${process.execPath}" "${binary}"`
  const line = `${whs} trigger quickbooks --tenant acme --no-wait && ${whs} wait --tenant acme --timeout 20s`
  const { code, stderr, stdout } = await runWhs([...listen, '--exec', line], { home })
  expect([code, stderr]).toEqual([0, expect.stringContaining('"source":"trigger"')])
  expect(stdout).toContain('"why":"the command ended with 0"')
  expect((await runWhs([...listen, '--exec', `${whs} wait --timeout 0`], { home })).code).toBe(9)
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the command with all that it started', async signal => {
  const folder = makeFolder()
  const running = startWhs([...listen, '--exec', stubborn], { home: await prepareHome(), cwd: folder })
  await running.waitFor(/started/)
  running.kill(signal)
  const { code, stdout } = await running.ended
  expect(code).toBe(signal === 'SIGINT' ? 130 : 143)
  expect(stdout).toContain('"type":"end"')
  await expect.poll(() => stillAlive(folder)).toEqual([])
})
