import { expect, test } from 'vitest'
import { jira } from '../../src/providers/jira.ts'
import { startListening } from '../helpers/listening.ts'
import { runWhs, startWhs } from '../helpers/program.ts'
import { openRecordWorld, type RecordWorld } from '../helpers/record-world.ts'
import { gate } from '../helpers/watch-calls.ts'

/** A hook of the first tenant, whose site is called otherwise than it was when it consented. */
async function moveSite(world: RecordWorld): Promise<void> {
  const { code, stderr } = await runWhs(['activations', 'add', 'jira', '--tenant', 'acme'], { home: world.home })
  if (code !== 0) throw new Error(stderr)
  const rename = { company: world.companies[0]?.name, kind: 'site', value: 'moved.atlassian.net' }
  const body = JSON.stringify({ rename })
  const { status } = await fetch(`${world.simulator.base}/jira/control`, { method: 'POST', body })
  if (status !== 200) throw new Error(`the simulator answered ${status}`)
}

test('killed while it asks whose a delivery is: the next listener finds out, and hands it over once', async () => {
  const world = await openRecordWorld(jira)
  const home = world.home
  const forward = ['--forward', new URL(world.handler.url).port]
  const held = gate()
  const first = await startListening(forward, { home })
  await moveSite(world)
  world.calls.seen.length = 0
  world.calls.answer = async () => {
    await held.opened
    return undefined
  }
  await world.changed(0, 'comment.created')
  await first.waitFor(/"reason":"resolving"/)
  await expect.poll(() => world.calls.open, { timeout: 5_000 }).toBeGreaterThan(0)
  const waiting = await runWhs(['explain', 'last', '--output', 'text'], { home })
  expect(waiting.stdout).toContain('moved.atlassian.net')
  first.kill('SIGKILL')
  await first.ended
  held.open()

  const second = await startListening(forward, { home })
  await world.handler.count(1)
  await second.waitFor(/"type":"resolution"/)
  second.kill('SIGINT')
  expect((await second.ended).code).toBe(130)
  expect(world.handler.arrived).toHaveLength(1)
  expect(world.handler.arrived[0]?.headers).toMatchObject({
    'whs-tenant': 'acme',
    'whs-account': 'moved.atlassian.net',
  })
  expect(second.records().filter(({ type }) => type === 'resolution')).toMatchObject([
    { about: 'site', value: 'moved.atlassian.net', state: 'found', tenant: 'acme', events: 1, parked: 0 },
  ])
  const { stdout } = await runWhs(['explain', 'last', '--output', 'text'], { home })
  expect(stdout).toMatch(/GET \/oauth\/token\/accessible-resources answered for the site \S+ with the token of acme/)
})

test('in text a listener says whose it is, by which call, in one line', async () => {
  const world = await openRecordWorld(jira)
  const listening = startWhs(['listen', '--tunnel', 'none', '--port', '0', '--output', 'text'], { home: world.home })
  await listening.waitFor(/callback URLs/)
  await moveSite(world)
  await world.changed(0, 'comment.created')
  const [line] = await listening.waitFor(/.* resolved .*\n/)
  expect(line.trimEnd()).toMatch(
    /^\d\d:\d\d:\d\d {2}resolved +jira {2}site moved\.atlassian\.net is acme’s: GET \/oauth\/token\/accessible-resources, 1 event released$/,
  )
  listening.kill('SIGINT')
  expect((await listening.ended).code).toBe(130)
})
