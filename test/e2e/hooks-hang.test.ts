import { expect, test } from 'vitest'
import { zendesk } from '../../src/providers/zendesk.ts'
import { type CallHolder, holdCalls } from '../helpers/hold-calls.ts'
import { type HookCli, openHookCli } from '../helpers/hook-cli.ts'
import { jsonLines } from '../helpers/listening.ts'
import { startWhs } from '../helpers/program.ts'
import { hasTerminal, openTerminal } from '../helpers/terminal.ts'

const inTerminal = test.skipIf(!hasTerminal())
/** An end in order may take two seconds; one that waits for nothing takes the program's own end alone. */
const atOnceMs = 1_000

async function begin(): Promise<HookCli & { holder: CallHolder }> {
  let holder: CallHolder | undefined
  const world = await openHookCli(zendesk, async base => {
    holder = await holdCalls(zendesk, base)
    return holder.base
  })
  await world.listen()
  await world.connectAcme('--no-activate')
  return { ...world, holder: holder as CallHolder }
}

inTerminal(
  'a provider that hangs: what is awaited is said, and for how long; Ctrl-C ends at once and says what is open',
  async () => {
    const { holder, home, whs, hooks } = await begin()
    const isHeld = holder.hold('create', 'after')
    const terminal = await openTerminal(['activate', 'zendesk'], { home })
    await isHeld
    await terminal.waitFor(/Zendesk is asked to make the hook of acme\s*$/m)
    await terminal.waitFor(/Zendesk is asked to make the hook of acme, for [3-9] s now/)
    const from = performance.now()
    await terminal.press('C-c')
    expect(await terminal.exitCode()).toBe(130)
    expect(performance.now() - from).toBeLessThan(atOnceMs)
    const screen = await terminal.screen()
    expect(screen).toMatch(
      /✗ acme at zendesk {2}failed: interrupted; nobody heard whether Zendesk made it; again in 1 min/,
    )
    expect(screen).toMatch(/to do {2}.*whs.* activate zendesk --tenant acme/)
    expect(screen).toMatch(
      /note {3}interrupted; \S.*whs listen finishes what is open, \S.*whs deactivate zendesk takes it back/,
    )
    expect(screen).not.toContain('is asked')
    expect((await whs('activations')).records).toMatchObject([
      { state: 'failed', why: expect.stringMatching(/interrupted/) },
    ])
    expect(await hooks()).toHaveLength(1)
    expect((await whs('activate zendesk')).records).toMatchObject([
      { state: 'made', why: 'Zendesk had made it already' },
    ])
    expect(await hooks()).toHaveLength(1)
  },
)

test.each([
  ['activate', 'list', 'before'],
  ['deactivate', 'remove', 'before'],
] as const)(
  '%s in a pipe: SIGINT while a call to %s is open ends at once, with a record of it',
  async (verb, step, when) => {
    const { holder, home, whs, hooks } = await begin()
    if (verb === 'deactivate') await whs('activate zendesk')
    const isHeld = holder.hold(step, when)
    const program = startWhs([verb, 'zendesk', '--tenant', 'acme'], { home })
    await isHeld
    const from = performance.now()
    program.kill('SIGINT')
    const { code, stdout, stderr } = await program.ended
    expect(performance.now() - from).toBeLessThan(atOnceMs)
    expect(code).toBe(130)
    expect(jsonLines(stdout)).toMatchObject([{ type: 'activation', state: 'failed', means: 'interrupted' }])
    const open = verb === 'activate' ? 'nothing is left open' : 'the same command again ends it'
    expect(stderr).toContain(`note   interrupted; ${open}\n`)
    expect((await whs('activations')).records).toHaveLength(verb === 'activate' ? 0 : 1)
    expect(await hooks()).toHaveLength(verb === 'activate' ? 0 : 1)
  },
)

test('doctor in a pipe: SIGINT while a provider is asked ends at once', async () => {
  const { holder, home, whs } = await begin()
  await whs('activate zendesk')
  const isHeld = holder.hold('list', 'before')
  const program = startWhs(['doctor'], { home })
  await isHeld
  const from = performance.now()
  program.kill('SIGINT')
  const { code, stdout } = await program.ended
  expect(performance.now() - from).toBeLessThan(atOnceMs)
  expect(code).toBe(130)
  expect(stdout).not.toContain('hooks at zendesk')
})
