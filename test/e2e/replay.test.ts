import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Handler, openHandler } from '../helpers/deliver-home.ts'
import { cloudEvents, deliver, jsonLines, prepareHome, startListening } from '../helpers/listening.ts'
import { makeFolder, runWhs } from '../helpers/program.ts'
import { hasTerminal, openTerminal } from '../helpers/terminal.ts'

const inTerminal = test.skipIf(!hasTerminal())

/** A data directory with events that went nowhere. */
async function homeWith(events: number): Promise<string> {
  const home = await prepareHome()
  const listening = await startListening([], { home })
  for (let count = 0; count < events; count++) await deliver(listening.url, cloudEvents(['1']))
  listening.kill('SIGINT')
  await listening.ended
  return home
}

async function handlerThat(answer: Parameters<typeof openHandler>[0]): Promise<Handler> {
  const handler = await openHandler(answer)
  onTestFinished(() => handler.stop())
  return handler
}

/** Delivery ids whose replay was written down, in order. */
async function replayed(home: string): Promise<string[]> {
  const { stdout } = await runWhs(['events', 'list', '--output', 'json'], { home })
  const ids: string[] = []
  for (const { id, deliveryId } of jsonLines(stdout)) {
    const shown = await runWhs(['events', 'show', String(id), '--output', 'json'], { home })
    if (jsonLines(shown.stdout).some(({ type }) => type === 'forward')) ids.push(String(deliveryId))
  }
  return ids.reverse()
}

inTerminal(
  'Ctrl-C during a replay of many: at once, with what was sent and what was not; each is written down',
  async () => {
    const home = await homeWith(24)
    // The sixth hangs, so that the interruption comes where it is known to be.
    const handler = await handlerThat((_, response) => void (handler.seen.length < 6 && response.end()))
    const terminal = await openTerminal(['replay', '--tenant', 'acme', '--to', String(handler.port)], { home })
    await terminal.waitFor(/Send 24 events again\?/)
    await terminal.press('y', 'Enter')
    await expect.poll(() => handler.seen.length).toBe(6)
    await terminal.press('C-c')
    expect(await terminal.exitCode()).toBe(130)
    expect(await terminal.screen()).toMatch(
      /interrupted: 5 of 24 sent again, 1 given up while the answer was awaited, 18 not sent/,
    )
    const arrived = handler.seen.slice(0, 5).map(({ headers }) => headers['whs-delivery-id'])
    expect(await replayed(home)).toEqual(arrived)
    expect(handler.seen).toHaveLength(6)
  },
)

/** An editor that lives through Ctrl-C as vi does, and changes the event once it is told to. */
function editor(folder: string): string {
  const file = join(folder, 'editor.sh')
  const script = [
    '#!/bin/sh',
    'trap "echo got-the-key" INT',
    'echo opened',
    'while :; do',
    '  read -r word || continue',
    `  [ "$word" = write ] && sed -i.old 's/"130"/"777"/' "$1" && exit 0`,
    'done',
  ]
  writeFileSync(file, `${script.join('\n')}\n`)
  chmodSync(file, 0o700)
  return file
}

inTerminal('Ctrl-C while the editor is open is the editor’s; what it then writes is sent', async () => {
  const home = await homeWith(1)
  const handler = await handlerThat((_, response) => void response.end())
  const args = ['replay', 'last', '--edit', '--to', String(handler.port)]
  const TMPDIR = makeFolder()
  const terminal = await openTerminal(args, { home, env: { EDITOR: editor(makeFolder()), TMPDIR } })
  await terminal.waitFor(/opened/)
  await terminal.press('C-c')
  await terminal.waitFor(/got-the-key/)
  await terminal.press('write', 'Enter')
  expect(await terminal.exitCode()).toBe(0)
  expect(handler.seen[0]?.body.toString()).toContain('"intuitentityid":"777"')
  expect(readdirSync(TMPDIR)).toEqual([])
})

inTerminal(
  'an editor that ends by Ctrl-C, and a program that is ended under one, send nothing and leave nothing',
  async () => {
    const home = await homeWith(1)
    const handler = await handlerThat((_, response) => void response.end())
    const args = ['replay', 'last', '--edit', '--to', String(handler.port)]
    const pidFile = join(makeFolder(), 'pid')
    const TMPDIR = makeFolder()
    const EDITOR = `echo $PPID > ${pidFile}; echo opened; exec sleep 60 #`
    for (const end of ['C-c', 'SIGTERM'] as const) {
      const terminal = await openTerminal(args, { home, env: { EDITOR, TMPDIR } })
      await terminal.waitFor(/opened/)
      if (end === 'C-c') await terminal.press(end)
      else process.kill(Number(readFileSync(pidFile, 'utf8')), end)
      expect(await terminal.exitCode()).toBe(end === 'C-c' ? 130 : 143)
      expect(await terminal.screen()).toMatch(/was interrupted\nwhy +so nothing was sent/)
    }
    expect(handler.seen).toEqual([])
    expect(readdirSync(TMPDIR)).toEqual([])
  },
)
