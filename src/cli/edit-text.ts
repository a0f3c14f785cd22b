import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exits, WhsError } from '../core/errors.ts'
import { withoutSecrets } from './child-env.ts'
import type { Io } from './io.ts'

/**
 * Lets the person change a text in `$VISUAL` or `$EDITOR`, which gets no secret of ours. The file is the person's alone
 * and is gone afterwards.
 * @throws WhsError `no-editor`, `editor-failed` (exit 2), `interrupted` (130, 143)
 */
export async function editText(io: Io, text: string, name: string): Promise<string> {
  const editor = io.env.VISUAL || io.env.EDITOR
  if (!editor) throw noEditor()
  const folder = mkdtempSync(join(tmpdir(), 'whs-edit-'))
  const file = join(folder, name)
  try {
    writeFileSync(file, text, { mode: 0o600 })
    const code = await runEditor(io, editor, file)
    const isInterrupted = code === exits.interrupted || code === 'SIGINT' || io.stop.exit !== 0
    if (isInterrupted) throw editorInterrupted(editor, io.stop.exit)
    if (code !== 0) throw editorFailed(editor, code)
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * By a shell, since `$EDITOR` may have arguments of its own (`code --wait`). The shell lives through a Ctrl-C that the
 * editor lives through: vi takes it as a key. What ends this program ends the editor too.
 */
function runEditor(io: Io, editor: string, file: string): Promise<number | string> {
  const env = withoutSecrets(io.env) as NodeJS.ProcessEnv
  const stdout = io.isTty.out ? 1 : 2
  const stdio: [number, number, number] = [0, stdout, 2]
  const child =
    process.platform === 'win32'
      ? spawn(`${editor} "${file}"`, { env, stdio, shell: true })
      : spawn('/bin/sh', ['-c', `trap : INT; ${editor} "$1"`, 'sh', file], { env, stdio })
  // Ctrl-C belongs to the editor while it runs: it is in the same group of processes.
  const listeners = process.listeners('SIGINT')
  process.removeAllListeners('SIGINT')
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  const end = (): void => void child.kill('SIGTERM')
  io.stop.signal.addEventListener('abort', end, { once: true })
  return new Promise<number | string>((resolve, reject) => {
    child.once('error', reject).once('exit', (code, signal) => resolve(code ?? signal ?? 1))
  }).finally(() => {
    process.off('SIGINT', ignore)
    io.stop.signal.removeEventListener('abort', end)
    for (const listener of listeners) process.on('SIGINT', listener)
  })
}

function noEditor(): WhsError {
  return new WhsError({
    code: 'no-editor',
    exit: exits.usage,
    what: 'there is no editor to open',
    why: 'neither VISUAL nor EDITOR is set',
    next: 'EDITOR=vi whs replay <id> --edit',
  })
}

function editorFailed(editor: string, code: number | string): WhsError {
  return new WhsError({
    code: 'editor-failed',
    exit: exits.usage,
    what: `${editor} ended with ${code}`,
    why: 'so nothing was sent',
    next: 'whs replay <id> --edit',
  })
}

function editorInterrupted(editor: string, exit: number): WhsError {
  return new WhsError({
    code: 'interrupted',
    exit: exit || exits.interrupted,
    what: `${editor} was interrupted`,
    why: 'so nothing was sent',
    next: 'whs replay <id> --edit',
  })
}
