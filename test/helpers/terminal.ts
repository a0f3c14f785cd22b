import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { findProgram } from './find-program.ts'
import { aptInstall } from './install.ts'
import { binary, makeFolder, type ProgramOptions, programEnv } from './program.ts'

/** The built program inside a real terminal (tmux), as a person sees and drives it. */
export interface Terminal {
  /** What is on the screen now, without colours. */
  screen(): Promise<string>
  /** Every byte that the program wrote to the terminal. */
  bytes(): Buffer
  /** Waits until the screen shows it. @throws after 30 s, or when the program has ended without showing it */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>
  /** Keys by tmux's names (`Enter`, `C-c`, `Up`), or text. */
  press(...keys: string[]): Promise<void>
  /** Waits for the end. */
  exitCode(): Promise<number>
}

export interface TerminalOptions extends ProgramOptions {
  columns?: number
  rows?: number
}

const run = promisify(execFile)
const waitMs = 30_000
const lookMs = 40
const endMark = '~~~ the program ended'
let count = 0

export function hasTerminal(): boolean {
  return findProgram(['tmux']) !== undefined
}

/** Makes sure that there is a tmux; where it cannot be installed, the terminal tests are skipped and say so. */
export function ensureTerminal(): void {
  if (hasTerminal() || (aptInstall('tmux') && hasTerminal())) return
  console.error('test set-up: there is no tmux, so the tests inside a terminal are skipped')
}

/** Starts the built program in a terminal of its own. */
export async function openTerminal(args: string[], options: TerminalOptions = {}): Promise<Terminal> {
  const folder = makeFolder()
  const log = join(folder, 'bytes')
  const socket = join(folder, 'tmux')
  const tmux = async (...command: string[]): Promise<string> =>
    (await run('tmux', ['-S', socket, '-f', '/dev/null', ...command])).stdout
  onTestFinished(() => {
    spawnSync('tmux', ['-S', socket, 'kill-server'])
  })

  const env = { TERM: 'screen-256color', ...programEnv(options) }
  const program = [process.execPath, binary, ...args].map(quoted).join(' ')
  const variables = Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`))
  const size = ['-x', String(options.columns ?? 120), '-y', String(options.rows ?? 40)]
  // It waits for Enter, so that the pipe takes the program's first byte; what it prints at the end marks the last one.
  const line = [
    `cd ${quoted(options.cwd ?? env.HOME)}`,
    'stty -echo',
    'read -r _',
    'stty echo',
    'trap : INT',
    `env -i ${variables.join(' ')} ${program}`,
    `printf '\\n${endMark} %s\\n' $?`,
    'exec cat',
  ].join('; ')
  await tmux('new-session', '-d', '-s', `whs${++count}`, ...size, line)
  await tmux('pipe-pane', '-o', `cat > ${quoted(log)}`)
  await tmux('send-keys', 'Enter')

  const withoutMark = (text: string): string => text.replace(new RegExp(`\\r?\\n${endMark}.*\\s*$`), '\n')
  const screen = async (): Promise<string> => withoutMark(await tmux('capture-pane', '-p', '-J'))
  const written = (): Buffer => (existsSync(log) ? readFileSync(log) : Buffer.alloc(0))
  const ended = (): number | undefined => {
    const match = new RegExp(`${endMark} (\\d+)\\r\\n`).exec(written().toString('latin1'))
    return match ? Number(match[1]) : undefined
  }

  async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
    const deadline = performance.now() + waitMs
    for (;;) {
      const isOver = performance.now() > deadline
      const found = await look()
      if (found !== undefined) return found
      if (isOver) throw new Error(`time ran out before ${what}; the screen shows:\n${await screen()}`)
      await new Promise(resolve => setTimeout(resolve, lookMs))
    }
  }

  return {
    screen,
    bytes: () => Buffer.from(withoutMark(written().toString('latin1')), 'latin1'),
    waitFor: pattern =>
      until(async () => {
        const isOver = ended() !== undefined
        const match = pattern.exec(await screen())
        if (match) return match
        if (isOver) throw new Error(`the program ended without ${pattern}; the screen shows:\n${await screen()}`)
        return undefined
      }, String(pattern)),
    async press(...keys) {
      await tmux('send-keys', ...keys)
    },
    exitCode: () => until(async () => ended(), 'the end'),
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
