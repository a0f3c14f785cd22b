import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'

/** The built program, as it is installed. */
export const binary = new URL('../../bin/whs.js', import.meta.url).pathname

export interface ProgramOptions {
  /** The data directory; without one, an empty one of its own. */
  home?: string
  env?: Record<string, string>
  cwd?: string
  /** What stdin gives before it ends; without it, stdin is empty. */
  stdin?: string
}
export interface ProgramResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A running program whose output can be awaited. */
export interface RunningProgram {
  pid: number
  stdin: Writable
  /** All that came so far. */
  stdout(): string
  stderr(): string
  /** The first match in stdout or stderr, past or to come. @throws when the program ends without it, or after 30 s */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  ended: Promise<ProgramResult>
}

const waitMs = 30_000

/** An empty folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whs-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** A small environment: nothing of this process's own but the path to programs. */
export function programEnv({ home, env = {} }: ProgramOptions): Record<string, string> & { HOME: string } {
  const data = home ?? makeFolder()
  return { PATH: process.env.PATH ?? '', HOME: data, LANG: 'C.UTF-8', TZ: 'UTC', WHS_HOME: data, ...env }
}

/** Runs the built program to its end. */
export async function runWhs(args: string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const program = startWhs(args, options)
  program.stdin.end(options.stdin ?? '')
  return program.ended
}

/** Starts the built program; it is killed at the end of the test if it still runs. */
export function startWhs(args: string[], options: ProgramOptions = {}): RunningProgram {
  return startProgram(process.execPath, [binary, ...args], options)
}

/** Starts any program in the same way. */
export function startProgram(command: string, args: string[], options: ProgramOptions = {}): RunningProgram {
  const env = programEnv(options)
  const child = spawn(command, args, { env, cwd: options.cwd ?? env.HOME, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = endOf(child)
  const output = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
      for (const watcher of watchers) watcher()
    })
  }
  child.stdin.on('error', () => undefined)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })

  function waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const give = (why: string): void => {
        clear()
        reject(new Error(`${why} ${pattern}\nstdout: ${output.stdout}\nstderr: ${output.stderr}`))
      }
      const look = (): void => {
        const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr)
        if (!match) return
        clear()
        resolve(match)
      }
      const timer = setTimeout(() => give('time ran out before'), waitMs)
      const clear = (): void => {
        clearTimeout(timer)
        watchers.delete(look)
      }
      watchers.add(look)
      look()
      void ended.then(() => give('the program ended without'))
    })
  }

  return {
    pid: child.pid as number,
    stdin: child.stdin,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    waitFor,
    kill: signal => void child.kill(signal),
    ended: ended.then(({ code, signal }) => ({ code, signal, ...output })),
  }
}

function endOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}
